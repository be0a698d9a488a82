import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Config } from '../../config';
import { badInput, DomainError } from '../../errors';
import { FailedSignIns } from '../../tenancy/failed-sign-ins.service';
import { BrowserSignIn } from '../../tenancy/oidc/browser-sign-in.service';
import { cookieIn, OwnPages } from '../core/own-pages';
import { type Cookie, cookieText, ownPath, packed, unpacked } from './cookies';
import { showProblem } from './problem-page';
import { SignedIn } from './signed-in.service';

/** As long as somebody may take to type a password. */
const LEAVING_SECONDS = 600;

/** Signing in and out with a browser. */
@Controller('auth')
export class SignInController {
  constructor(
    private readonly signIn: BrowserSignIn,
    private readonly signedIn: SignedIn,
    private readonly failures: FailedSignIns,
    private readonly pages: OwnPages,
    private readonly config: Config,
  ) {}

  /** Sends the browser to the issuer; `to`: the page to come back to. */
  @Get('sign-in')
  async begin(
    @Req() request: Request,
    @Res() response: Response,
    @Query('issuer') issuer: unknown,
    @Query('to') to: unknown,
  ): Promise<void> {
    await showProblem(response, async () => {
      const origin = this.originOf(request);
      await this.failures.mayTry(this.signedIn.originOf(request).sourceAddress, null);
      const [only] = this.signIn.issuers();
      const wanted = typeof issuer === 'string' ? issuer : (only?.issuer ?? '');
      const { url, departure } = await this.signIn.begin(wanted, `${origin}/auth/callback`);
      const value = packed({ ...departure, returnTo: ownPath(to) });
      this.set(response, this.leavingCookie(origin, value, LEAVING_SECONDS));
      response.set('cache-control', 'no-store').redirect(url.href);
    });
  }

  /** Where the issuer sends the browser back to. */
  @Get('callback')
  async finish(@Req() request: Request, @Res() response: Response): Promise<void> {
    await showProblem(response, async () => {
      const origin = this.originOf(request);
      const leaving = unpacked(cookieIn(request.headers, this.leavingCookie(origin, '', 0).name));
      this.set(response, this.leavingCookie(origin, '', 0));
      if (!leaving) {
        throw new DomainError('UNAUTHENTICATED', 'This browser did not begin to sign in here, or took too long.');
      }
      const { sourceAddress } = this.signedIn.originOf(request);
      await this.failures.mayTry(sourceAddress, null);
      try {
        const identity = await this.signIn.finish(new URL(request.originalUrl, origin), leaving);
        const secret = await this.signedIn.begin(request, identity);
        this.set(response, this.sessionCookie(origin, secret, this.config.signIn.sessionHours * 3_600));
        response.set('cache-control', 'no-store').redirect(leaving.returnTo);
      } catch (error) {
        if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') {
          await this.failures.failed(sourceAddress, null, error.message);
        }
        throw error;
      }
    });
  }

  /** Ends the browser's session here; the issuer's own goes on. */
  @Post('sign-out')
  async signOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    await showProblem(response, async () => {
      const origin = this.originOf(request);
      this.signedIn.mustBeOwn(request);
      await this.signedIn.end(request);
      this.set(response, this.sessionCookie(origin, '', 0));
      response.redirect(303, '/');
    });
  }

  private originOf(request: Request): string {
    const origin = this.pages.originOf(request.headers);
    if (origin !== null) return origin;
    throw badInput(
      'Signing in needs to know where browsers reach this service: set MOTHBALL_PUBLIC_URL to that address.',
    );
  }

  private sessionCookie(origin: string, value: string, maxAgeSeconds: number): Cookie {
    return { name: this.pages.cookieName(origin), value, maxAgeSeconds, secure: origin.startsWith('https:') };
  }

  private leavingCookie(origin: string, value: string, maxAgeSeconds: number): Cookie {
    const { name, ...cookie } = this.sessionCookie(origin, value, maxAgeSeconds);
    return { ...cookie, name: `${name}-sign-in` };
  }

  private set(response: Response, cookie: Cookie): void {
    response.append('set-cookie', cookieText(cookie));
  }
}
