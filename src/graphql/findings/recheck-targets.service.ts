import { Injectable } from '@nestjs/common';
import { accountLane } from '../../accounts/account';
import { AccountQueries } from '../../accounts/account-queries';
import { FindingQueries } from '../../findings/finding-queries';
import type { Reader } from '../../paging';
import { IdentityQueries } from '../../scans/identity-queries';

export interface RecheckTarget {
  readonly payload: { readonly accountId: string; readonly kind: 'user' | 'role'; readonly principalId: string };
  readonly lane: string;
}

/** Which user or role has to be read for a finding: a key's and a password's is their user. */
@Injectable()
export class RecheckTargets {
  constructor(
    private readonly findings: FindingQueries,
    private readonly identities: IdentityQueries,
    private readonly accounts: AccountQueries,
  ) {}

  /** @throws NOT_FOUND */
  async of(reader: Reader, findingId: string): Promise<RecheckTarget> {
    const finding = await this.findings.byId(reader, findingId);
    const identity = await this.identities.byId(reader, finding.identity_id);
    const account = await this.accounts.byId(reader, finding.account_id);
    const kind = identity.kind === 'role' ? 'role' : 'user';
    return {
      payload: { accountId: account.id, kind, principalId: identity.owner_id ?? identity.id },
      lane: accountLane(account),
    };
  }
}
