import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from '../../accounts/account';
import { Clock } from '../../clock';
import { notFound } from '../../errors';
import { ofTenant, type Reader, run } from '../../paging';
import { Events } from '../../tasks/events.service';
import type { NewEvent } from '../../tasks/recorded-event';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { AccountRoleKind, PermissionFinding, RoleFindings, TooWide } from './findings';

export type VerifiableAccount = Pick<
  AccountRow,
  | 'tenant_id'
  | 'id'
  | 'partition'
  | 'aws_account_id'
  | 'role_arn'
  | 'cleanup_role_arn'
  | 'restore_role_arn'
  | 'external_id'
  | 'external_id_sealed'
  | 'status'
  | 'aws_state'
  | 'access_lost_at'
>;

export interface RoleCheckRow {
  account_id: string;
  kind: AccountRoleKind;
  role_arn: string;
  checked_at: Date;
  outcome: RoleFindings['outcome'];
  problem: string | null;
  remedy: string | null;
  permissions: PermissionFinding[];
  too_wide: TooWide[];
}

const COLUMN_OF: Readonly<Record<AccountRoleKind, 'role_arn' | 'cleanup_role_arn' | 'restore_role_arn'>> = {
  scan: 'role_arn',
  cleanup: 'cleanup_role_arn',
  restore: 'restore_role_arn',
};

/** An account's roles, and what verification has found of each. */
@Injectable()
export class AccountRoles {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
    private readonly audit: AuditLog,
  ) {}

  /** @throws NOT_FOUND */
  async account(manager: EntityManager, tenantId: string, id: string): Promise<VerifiableAccount> {
    const [row] = await run<VerifiableAccount>(
      manager,
      sql`SELECT a.tenant_id, a.id, a.partition, a.aws_account_id, a.role_arn, a.cleanup_role_arn, a.restore_role_arn,
            a.external_id, a.external_id_sealed, a.status, a.aws_state, a.access_lost_at
          FROM accounts a WHERE a.tenant_id = ${tenantId} AND a.id = ${id}`,
    );
    if (!row) throw notFound('The account');
    return row;
  }

  /** Of all accounts asked for, each role's last verification. */
  async checksOf(reader: Reader, accountIds: readonly string[]): Promise<RoleCheckRow[]> {
    return run(
      reader.manager,
      sql`SELECT c.account_id, c.kind, c.role_arn, c.checked_at, c.outcome, c.problem, c.remedy, c.permissions, c.too_wide
          FROM role_checks c WHERE ${ofTenant(reader, 'c.tenant_id')} AND c.account_id = ANY (${accountIds}::uuid[])
          ORDER BY c.account_id, array_position(ARRAY['scan', 'cleanup', 'restore'], c.kind)`,
    );
  }

  /** Gives the account a role, or takes it away: null. What was found of the one before goes with it. */
  async setRole(
    manager: EntityManager,
    account: VerifiableAccount,
    kind: AccountRoleKind,
    roleArn: string | null,
  ): Promise<void> {
    const column = COLUMN_OF[kind];
    const before = account[column];
    if (before === roleArn) return;
    await manager.query(`UPDATE accounts SET ${column} = $3 WHERE tenant_id = $1 AND id = $2`, [
      account.tenant_id,
      account.id,
      roleArn,
    ]);
    await manager.query('DELETE FROM role_checks WHERE tenant_id = $1 AND account_id = $2 AND kind = $3', [
      account.tenant_id,
      account.id,
      kind,
    ]);
    this.audit.note(manager, {
      action: 'account.role-changed',
      object: { type: 'account', id: account.id },
      before: { role: kind, roleArn: before },
      after: { role: kind, roleArn },
    });
  }

  /** Keeps what was found. */
  async store(manager: EntityManager, account: VerifiableAccount, found: readonly RoleFindings[]): Promise<void> {
    for (const { kind, roleArn, outcome, problem, remedy, permissions, tooWide } of found) {
      await manager.query(
        `INSERT INTO role_checks (tenant_id, account_id, kind, role_arn, checked_at, outcome, problem, remedy, permissions, too_wide)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (tenant_id, account_id, kind) DO UPDATE SET role_arn = excluded.role_arn,
           checked_at = excluded.checked_at, outcome = excluded.outcome, problem = excluded.problem,
           remedy = excluded.remedy, permissions = excluded.permissions, too_wide = excluded.too_wide`,
        [
          account.tenant_id,
          account.id,
          kind,
          roleArn,
          this.clock.now(),
          outcome,
          problem,
          remedy,
          JSON.stringify(permissions),
          JSON.stringify(tooWide),
        ],
      );
    }
  }

  /**
   * What the verification of an owned account's present scan role says of its access: lost, there, or there again. Its
   * findings stay as they are: that nothing was read says nothing about them.
   */
  async settleAccess(manager: EntityManager, account: VerifiableAccount, scan: RoleFindings): Promise<void> {
    const { tenant_id: tenantId, id } = account;
    const lost = scan.outcome === 'not-assumable';
    const [[before] = []] = await manager.query<[{ access_lost_at: Date | null }[], number]>(
      `UPDATE accounts a SET problem = $3, remedy = $4,
         access_lost_at = CASE WHEN $5 THEN coalesce(a.access_lost_at, $6) END
       FROM accounts o WHERE o.tenant_id = a.tenant_id AND o.id = a.id AND a.tenant_id = $1 AND a.id = $2
         AND a.status = 'owned' RETURNING o.access_lost_at`,
      [tenantId, id, scan.problem, scan.remedy, lost, this.clock.now()],
    );
    if (!before || (before.access_lost_at !== null) === lost) return;
    const event: NewEvent = {
      type: lost ? 'account.lost-access' : 'account.regained-access',
      objectType: 'account',
      objectId: id,
      data: lost
        ? { reason: scan.problem, remedy: scan.remedy }
        : { lostAt: before.access_lost_at?.toISOString() ?? null },
    };
    await this.events.record(manager, tenantId, [event]);
    this.audit.note(manager, { action: event.type, object: { type: 'account', id }, after: event.data });
  }
}
