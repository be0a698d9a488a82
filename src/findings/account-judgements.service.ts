import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { InventoryReader } from '../scans/inventory-reader';
import { ACCOUNT_FACTS, accountFacts, type AccountFacts, type AccountFactsRow } from './account-facts';
import { ExemptionsService } from './exemptions/exemptions.service';
import type { Exempting } from './judge';
import { Judged, type Lookups } from './judged';
import { OwnersService } from './owners/owners.service';
import type { PolicySet } from './policies/policy-set';
import type { JudgedAccount } from './verdicts';

interface AccountRow extends AccountFactsRow {
  role_arn: string;
  last_scan_outcome: string | null;
  last_scan_at: Date | null;
  users_read_at: Date | null;
  roles_read_at: Date | null;
}

export interface AccountJudgement {
  readonly judged: JudgedAccount;
  readonly lookups: Lookups;
}

/** Exemptions other than those in force, for a look at what they would do. */
export type ExemptionsFor = (account: AccountFacts) => Exempting;

/**
 * Judges one account from the inventory by given policies: policies × checks → verdicts. Calls nobody and writes nothing,
 * so that a preview is the very same as what saving does.
 */
@Injectable()
export class AccountJudgements {
  constructor(
    private readonly reader: InventoryReader,
    private readonly exemptions: ExemptionsService,
    private readonly owners: OwnersService,
    private readonly clock: Clock,
  ) {}

  /** Null: the account is not there, or has not been read yet. */
  async of(
    manager: EntityManager,
    of: { readonly tenantId: string; readonly accountId: string },
    policies: PolicySet,
    exempting?: ExemptionsFor,
  ): Promise<AccountJudgement | null> {
    const { tenantId, accountId } = of;
    const [row] = await manager.query<AccountRow[]>(
      `SELECT ${ACCOUNT_FACTS}, role_arn, last_scan_outcome, last_scan_at, users_read_at, roles_read_at
       FROM accounts WHERE tenant_id = $1 AND id = $2`,
      [tenantId, accountId],
    );
    const at = row?.users_read_at ?? row?.roles_read_at;
    if (!row || !at) return null;
    const account = accountFacts(row);
    const judged = new Judged({
      account,
      policies: policies.compile(account, [row.role_arn]),
      exemptions: exempting
        ? exempting(account)
        : await this.exemptions.inForce(manager, tenantId, account, this.clock.now()),
      owners: await this.owners.rules(manager, tenantId),
    });
    if (row.users_read_at) {
      for await (const page of this.reader.users(manager, of)) judged.users(page, row.users_read_at);
    }
    if (row.roles_read_at) {
      for await (const page of this.reader.roles(manager, of)) judged.roles(page, row.roles_read_at);
    }
    const { verdicts, unknown, lookups, isOff } = judged;
    const gapsAt = row.last_scan_outcome === 'complete' ? null : row.last_scan_at;
    return { judged: { ...of, at, gapsAt, verdicts, unknown, isOff }, lookups };
  }
}
