import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Config } from '../../config';
import type { Choice, Identity } from '../../tenancy/credential';
import { BrowserSignIn } from '../../tenancy/oidc/browser-sign-in.service';
import { Invitations } from '../../tenancy/people/invitations.service';
import { GRAPHQL_PATH } from '../core/yoga-options';
import { markup, type Markup, sendPage } from './page';
import { showProblem } from './problem-page';
import { SignedIn } from './signed-in.service';

/** The pages for people: where they are signed in, and invitations. No script runs on them. */
@Controller()
export class HomeController {
  constructor(
    private readonly signedIn: SignedIn,
    private readonly signIn: BrowserSignIn,
    private readonly invitations: Invitations,
    private readonly config: Config,
  ) {}

  @Get()
  async home(@Req() request: Request, @Res() response: Response): Promise<void> {
    await showProblem(response, async () => {
      const person = await this.signedIn.person(request);
      const body = person ? this.forPerson(person, await this.signedIn.choicesOf(person)) : this.forAnybody('/');
      sendPage(
        response,
        200,
        markup`<h1>Mothball</h1>
          <p class="soft">Finds the IAM users, roles, passwords and access keys that nobody uses.</p>
          ${body}`,
      );
    });
  }

  /** What an invitation's link opens: it is accepted by a button, not by being looked at. */
  @Get('invitation')
  async invitation(@Req() request: Request, @Res() response: Response, @Query('code') code: unknown): Promise<void> {
    await showProblem(response, async () => {
      const secret = typeof code === 'string' ? code : '';
      const [person, invitation] = [await this.signedIn.person(request), await this.invitations.look(secret)];
      const days = invitation.role_days === null ? '' : ` for ${invitation.role_days} days`;
      const accept = markup`<form method="post" action="/invitation">
        <input type="hidden" name="code" value="${secret}" />
        <button class="button">Accept as ${person?.name ?? ''}</button>
      </form>`;
      sendPage(
        response,
        200,
        markup`<h1>You are invited</h1>
          <p>
            ${invitation.created_by_name} invites you to <strong>${invitation.tenant_name}</strong> as
            <strong>${invitation.role}</strong>${days}.
          </p>
          ${invitation.email === null ? null : markup`<p class="soft">For ${invitation.email} only.</p>`}
          ${person ? accept : this.forAnybody(`/invitation?code=${secret}`)}`,
      );
    });
  }

  @Post('invitation')
  async accept(@Req() request: Request, @Res() response: Response): Promise<void> {
    await showProblem(response, async () => {
      this.signedIn.mustBeOwn(request);
      const body: unknown = request.body;
      const secret = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '').get('code') ?? '';
      const person = await this.signedIn.person(request);
      if (person) await this.invitations.accept(secret, person, this.signedIn.originOf(request));
      response.redirect(303, person ? '/' : `/invitation?code=${encodeURIComponent(secret)}`);
    });
  }

  private forPerson(person: Identity, choices: readonly Choice[]): Markup {
    const tenants = choices.map(({ tenantName, role, kind }) => {
      const what = kind === 'platform' ? `platform ${role}` : role;
      return markup`<li><span>${tenantName}</span><span class="soft">${what}</span></li>`;
    });
    const several = markup`<p class="soft">In the explorer, choose one with the header <code>Mothball-Tenant</code>.</p>`;
    return markup`<div class="who">
        <div><strong>${person.name}</strong><span class="soft">${person.email}</span></div>
        <form method="post" action="/auth/sign-out"><button class="button quiet">Sign out</button></form>
      </div>
      <h2>Your tenants</h2>
      ${
        choices.length === 0
          ? NO_TENANT
          : markup`<ul>
                ${tenants}
              </ul>
              ${choices.length > 1 ? several : null}`
      }
      ${this.explorer()}`;
  }

  private forAnybody(to: string): Markup {
    const issuers = this.signIn.issuers();
    if (issuers.length === 0) {
      return markup`<p>
          People cannot sign in here yet: no issuer is configured. Programs use the API with their tokens.
        </p>
        ${this.explorer()}`;
    }
    const buttons = issuers.map(({ issuer, label }) => {
      const address = `/auth/sign-in?issuer=${encodeURIComponent(issuer)}&to=${encodeURIComponent(to)}`;
      return markup`<a class="button" href="${address}">Sign in with ${label ?? new URL(issuer).host}</a>`;
    });
    return markup`<h2>Sign in</h2>
      ${buttons}`;
  }

  private explorer(): Markup | null {
    return this.config.explorer ? markup`<a class="button" href="${GRAPHQL_PATH}">Open the explorer</a>` : null;
  }
}

const NO_TENANT = markup`<p class="soft">
  None yet. Open the link of an invitation, or ask an administrator to have one of your groups mapped.
</p>`;
