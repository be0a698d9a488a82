import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AccountFacts } from '../account-facts';
import { type ExemptionRow, limitsOf, scopeOf } from './exemption';
import { ExemptionSet } from './exemption-set';

/** What judging asks of exemptions. */
@Injectable()
export class ExemptionsService {
  /**
   * The exemptions that hold in this account at `at`: in force, and not over by then. Which one of them covers an identity
   * is for the set to say.
   */
  async inForce(manager: EntityManager, tenantId: string, account: AccountFacts, at: Date): Promise<ExemptionSet> {
    return (await this.inAccounts(manager, tenantId, at))(account);
  }

  /** The same for any number of accounts, read once. */
  async inAccounts(
    manager: EntityManager,
    tenantId: string,
    at: Date,
  ): Promise<(account: AccountFacts) => ExemptionSet> {
    const rows = await manager.query<ExemptionRow[]>(
      `SELECT id, scope_kind, scope_value, tag_value, checks, kinds, accounts, organizational_units, reason, ends_at
       FROM exemptions WHERE tenant_id = $1 AND state = 'in-force' AND ends_at > $2`,
      [tenantId, at],
    );
    const sparings = rows.map((row) => ({
      id: row.id,
      scope: scopeOf(row),
      limits: limitsOf(row),
      reason: row.reason,
      endsAt: row.ends_at,
    }));
    return (account) => new ExemptionSet(sparings, account);
  }
}
