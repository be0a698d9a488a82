import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DomainError } from '../../errors';
import type { Choice, Identity } from '../../tenancy/credential';
import { Memberships } from '../../tenancy/people/memberships.service';
import { Sessions } from '../../tenancy/people/sessions.service';
import { OwnPages } from '../core/own-pages';
import { type Origin, Origins } from '../core/request-origin';

/** Who is signed in with the browser that sent a request. */
@Injectable()
export class SignedIn {
  constructor(
    private readonly sessions: Sessions,
    private readonly memberships: Memberships,
    private readonly pages: OwnPages,
    private readonly origins: Origins,
  ) {}

  originOf(request: Request): Origin {
    return this.origins.of(request);
  }

  /** To be shown only: says nothing of which site made the browser ask. */
  async person(request: Request): Promise<Identity | null> {
    const secret = this.pages.sessionIn(request.headers);
    return secret === undefined ? null : this.sessions.find(secret);
  }

  choicesOf(identity: Identity): Promise<readonly Choice[]> {
    return this.memberships.choicesOf(identity);
  }

  /** A new session in place of the browser's old one. Answers its secret. */
  async begin(request: Request, identity: Identity): Promise<string> {
    await this.end(request);
    const { id, secret } = await this.sessions.open(identity);
    await this.memberships.noteSignIn({ ...identity, sessionId: id }, this.originOf(request));
    return secret;
  }

  async end(request: Request): Promise<void> {
    const secret = this.pages.sessionIn(request.headers);
    if (secret !== undefined) await this.sessions.end(secret);
  }

  /** Throws CSRF_REFUSED for a form that another site made the browser send. */
  mustBeOwn(request: Request): void {
    if (this.pages.isOwn(request.headers)) return;
    throw new DomainError(
      'CSRF_REFUSED',
      'This was not sent by a page of this service. Go to its home page and try there.',
    );
  }
}
