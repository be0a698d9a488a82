import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors';
import type { Credential, Identity } from './credential';
import { FailedSignIns } from './failed-sign-ins.service';
import { OidcVerifier } from './oidc/oidc-verifier.service';
import { Sessions } from './people/sessions.service';
import { TokensService } from './tokens.service';

/** What came along with a request. */
export interface Presented {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** The browser session's secret, from a request that our own pages have sent. */
  readonly session: string | undefined;
  /** The tenant that is chosen, by id or name; null: none. */
  readonly tenant: string | null;
  readonly sourceAddress: string | null;
  /** What is open already is looked at once more: no attempt to sign in, and no use. */
  readonly again?: boolean;
}

const LONGEST = 64 * 1024;

/** Whether an API token, an issuer's token or a browser's session is good, and whose it is. */
@Injectable()
export class CredentialCheck {
  constructor(
    private readonly tokens: TokensService,
    private readonly verifier: OidcVerifier,
    private readonly sessions: Sessions,
    private readonly failures: FailedSignIns,
  ) {}

  /** A program's credential, or the person who is signed in. Throws UNAUTHENTICATED, RATE_LIMITED or UNAVAILABLE. */
  async check(presented: Presented): Promise<Credential | Identity> {
    const { authorization, session } = presented;
    if (authorization === undefined && session !== undefined) {
      return this.guarded(session, presented, () => this.bySession(session));
    }
    const bearer = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization?.slice(0, LONGEST) ?? '')?.[1];
    if (bearer === undefined || bearer.length < 20) throw this.nothing();
    return this.guarded<Credential | Identity>(bearer, presented, () =>
      bearer.includes('.') ? this.verifier.verify(bearer) : this.tokens.authenticate(bearer),
    );
  }

  private async bySession(secret: string): Promise<Identity> {
    const found = await this.sessions.find(secret);
    if (found) return found;
    throw new DomainError('UNAUTHENTICATED', 'Your session has ended. Sign in again.');
  }

  /** Whoever has failed too often has to wait before they are looked at again. */
  private async guarded<T>(
    credential: string,
    { sourceAddress, again }: Presented,
    work: () => Promise<T>,
  ): Promise<T> {
    if (again === true) return work();
    await this.failures.mayTry(sourceAddress, credential);
    try {
      const found = await work();
      this.failures.succeeded(credential);
      return found;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') {
        await this.failures.failed(sourceAddress, credential, error.message);
      }
      throw error;
    }
  }

  private nothing(): DomainError {
    const people = this.verifier.all().length > 0 ? ' People can also sign in with a browser at "/".' : '';
    return new DomainError(
      'UNAUTHENTICATED',
      `Send your API token in the header "Authorization: Bearer mothball_…".${people}`,
    );
  }
}
