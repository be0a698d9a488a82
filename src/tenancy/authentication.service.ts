import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors';
import type { Credential, Identity } from './credential';
import { CredentialCheck, type Presented } from './credential-check.service';
import { Memberships } from './people/memberships.service';
import { Uses } from './people/uses.service';

export interface Asking {
  /** The person who is signed in; null: nobody, or a program. */
  readonly identity: Identity | null;
  /** As whom they ask; or why they cannot. */
  readonly answer: Credential | DomainError;
}

/** Finds out who somebody is, and as whom they act in which tenant. */
@Injectable()
export class Authentication {
  constructor(
    private readonly credentials: CredentialCheck,
    private readonly memberships: Memberships,
    private readonly uses: Uses,
  ) {}

  /** Throws only what is wrong with the service itself; a refusal is part of the answer. */
  async ask(presented: Presented): Promise<Asking> {
    let identity: Identity | null = null;
    try {
      const found = await this.credentials.check(presented);
      if ('issuer' in found) identity = found;
      const answer = 'issuer' in found ? await this.memberships.credentialOf(found, presented.tenant) : found;
      if (identity === null) mustBeChosen(answer, presented.tenant);
      if (presented.again !== true) this.use(answer, identity);
      return { identity, answer };
    } catch (error) {
      if (error instanceof DomainError) return { identity, answer: error };
      throw error;
    }
  }

  private use({ principal }: Credential, identity: Identity | null): void {
    this.uses.note(principal.tenantId, principal.id);
    if (identity?.sessionId) this.uses.noteSession(identity.sessionId);
  }
}

/** A token is of one tenant: whoever names another one has taken the wrong token. */
function mustBeChosen({ principal }: Credential, wanted: string | null): void {
  if (wanted === null || wanted === principal.tenantId) return;
  if (wanted.toLowerCase() === principal.tenantName.toLowerCase()) return;
  throw new DomainError(
    'TENANT_NOT_CHOSEN',
    'Mothball-Tenant: this API token belongs to another tenant. Leave the header out.',
  );
}
