import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { badInput, notFound } from '../errors';
import { newId } from '../ids';
import { run } from '../paging';
import { Events } from '../tasks/events.service';
import { AuditLog } from '../tenancy/audit-log.service';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenancy/tenant-database';
import { nonEmpty, underOu } from './account-queries';
import { heldAtWork, noteHandovers } from './handovers';

export interface Rule {
  readonly organizationId: string;
  readonly ouPath?: string | null | undefined;
  readonly tag?: { readonly key: string; readonly value: string } | null | undefined;
}

interface MovedRow {
  id: string;
  from_tenant_id: string;
  partition: string;
  aws_account_id: string;
  name: string;
}

interface RuleRow {
  target_tenant_id: string;
  ou_path: string | null;
  tag_key: string | null;
  tag_value: string | null;
}

/** In the audit log; of more the number is kept. */
const ACCOUNTS_PER_NOTE = 100;

/** Which tenant an organization's account belongs to. Only the platform decides that. */
@Injectable()
export class AssignmentsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /** Assigns the listed accounts at once, wherever they are now: all of them, or none and NOT_FOUND. */
  async assignList(accountIds: readonly string[], tenantId: string): Promise<string[]> {
    nonEmpty(accountIds, 'accountIds');
    const moved = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      this.move(manager, accountIds, tenantId),
    );
    await this.announce(tenantId, moved);
    return moved;
  }

  /** Assigns what matches now, and what a later sync finds that matches. Earlier rules win. */
  async addRule(rule: Rule, tenantId: string): Promise<string[]> {
    if ((rule.ouPath == null) === (rule.tag == null)) throw badInput('ouPath, tag: give exactly one of them.');
    if (rule.ouPath != null) underOu(rule.ouPath);
    if (rule.tag != null && rule.tag.key === '') throw badInput('tag.key: must not be empty.');
    // In one transaction, or a sync that ends just now would move the accounts first, and the caller hear of none.
    return this.placeAndAnnounce(rule.organizationId, async (manager) => {
      const [organization] = await run(
        manager,
        sql`SELECT 1 FROM organizations WHERE tenant_id = ${PLATFORM_TENANT_ID} AND id = ${rule.organizationId}`,
      );
      if (!organization) throw notFound('organizationId: the organization');
      const after = { organization: rule.organizationId, ouPath: rule.ouPath ?? null, tag: rule.tag ?? null };
      this.auditLog.note(manager, { action: 'assignment-rule.added', object: { type: 'tenant', id: tenantId }, after });
      await manager.query(
        `INSERT INTO assignment_rules (tenant_id, id, organization_id, target_tenant_id, ou_path, tag_key, tag_value, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          PLATFORM_TENANT_ID,
          newId(),
          rule.organizationId,
          tenantId,
          rule.ouPath ?? null,
          rule.tag?.key ?? null,
          rule.tag?.value ?? null,
          this.clock.now(),
        ],
      );
    });
  }

  /** Places the organization's accounts that nobody was assigned. Returns the ids of those that moved. */
  async applyRules(organizationId: string): Promise<string[]> {
    return this.placeAndAnnounce(organizationId, async () => {});
  }

  private async placeAndAnnounce(
    organizationId: string,
    before: (manager: EntityManager) => Promise<void>,
  ): Promise<string[]> {
    const byTenant = await this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
      await before(manager);
      return this.place(manager, organizationId);
    });
    for (const [tenantId, ids] of byTenant) await this.announce(tenantId, ids);
    return [...byTenant.values()].flat();
  }

  private async place(manager: EntityManager, organizationId: string): Promise<Map<string, string[]>> {
    const rules = await manager.query<RuleRow[]>(
      `SELECT target_tenant_id, ou_path, tag_key, tag_value FROM assignment_rules
       WHERE tenant_id = $1 AND organization_id = $2 ORDER BY created_at, id`,
      [PLATFORM_TENANT_ID, organizationId],
    );
    const moved = new Map<string, string[]>();
    for (const rule of rules) {
      const matching = await unassigned(manager, organizationId, rule);
      if (matching.length === 0) continue;
      const ids = await this.move(manager, matching, rule.target_tenant_id);
      moved.set(rule.target_tenant_id, [...(moved.get(rule.target_tenant_id) ?? []), ...ids]);
    }
    return moved;
  }

  private async move(manager: EntityManager, ids: readonly string[], tenantId: string): Promise<string[]> {
    try {
      const rows = await manager.query<MovedRow[]>('SELECT * FROM assign_accounts($1, $2)', [ids, tenantId]);
      this.noteMoved(manager, rows, tenantId);
      return rows.map(({ id }) => id);
    } catch (error) {
      if (error instanceof Error && error.message === 'no such account')
        throw notFound('accountIds: one of the accounts');
      if (error instanceof Error && error.message === 'no such tenant') throw notFound('tenant: the tenant');
      throw heldAtWork(error) ?? error;
    }
  }

  private noteMoved(manager: EntityManager, rows: readonly MovedRow[], tenantId: string): void {
    if (rows.length === 0) return;
    const after = { count: rows.length, accounts: rows.slice(0, ACCOUNTS_PER_NOTE).map(({ id }) => id) };
    this.auditLog.note(manager, { action: 'accounts.assigned', object: { type: 'tenant', id: tenantId }, after });
    const handovers = rows.map(({ id, from_tenant_id: from, partition, aws_account_id: awsAccountId, name }) => ({
      from: { tenantId: from, accountId: id },
      to: { tenantId, accountId: id },
      partition,
      awsAccountId,
      name,
    }));
    noteHandovers(this.auditLog, manager, handovers);
  }

  /** In the tenant that now owns them, so that its own handlers act: the first scan, for one. */
  private async announce(tenantId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.inTenant(tenantId, (manager) =>
      this.events.record(
        manager,
        tenantId,
        ids.map((id) => ({ type: 'account.assigned', objectType: 'account', objectId: id })),
      ),
    );
  }
}

async function unassigned(manager: EntityManager, organizationId: string, rule: RuleRow): Promise<string[]> {
  const matches = rule.ou_path === null ? sql`a.tags ->> ${rule.tag_key} = ${rule.tag_value}` : underOu(rule.ou_path);
  const rows = await run<{ id: string }>(
    manager,
    sql`SELECT a.id FROM accounts a WHERE a.tenant_id = ${PLATFORM_TENANT_ID} AND a.organization_id = ${organizationId}
        AND a.status = 'owned' AND ${matches}`,
  );
  return rows.map((row) => row.id);
}
