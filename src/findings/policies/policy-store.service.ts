import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Listing, run } from '../../paging';
import { parsePolicy } from '../policy';
import { BaselineService } from './baseline/baseline.service';
import { hashOf } from './documents/canonical';
import { policySet } from './policies-in-force';
import type { PolicySet } from './policy-set';
import type { PolicyDecision, PolicyVersion, StoredPolicy, VersionRow } from './stored-policy';

interface PolicyRow {
  tenant_id: string;
  id: string;
  name: string;
  position: number;
  retired_at: Date | null;
  last_version: number;
  current: VersionRow | null;
  proposed: VersionRow | null;
  proposed_by: string | null;
  proposed_by_stands_for: string | null;
  proposed_at: Date | null;
  widened_by: string[];
  decision: (Omit<PolicyDecision, 'at'> & { at: string }) | null;
}

const version = (alias: 'c' | 'n'): Sql => {
  const columns = 'version, source, scope, settings, action, schedule, hash, saved_by, note, created_at'.split(', ');
  const pairs = columns.map((column) => `'${column}', ${alias}.${column}`).join(', ');
  return rawSql(`CASE WHEN ${alias}.id IS NOT NULL THEN jsonb_build_object(${pairs}) END`);
};

const rawSql = (text: string): Sql => sql([text]);

const POLICIES: Sql = sql`
  SELECT p.tenant_id, p.id, p.name, p.position, p.retired_at, p.proposed_by, p.proposed_by_stands_for, p.proposed_at,
    p.widened_by, ${version('c')} AS current, ${version('n')} AS proposed,
    (SELECT max(v.version) FROM policy_versions v WHERE v.tenant_id = p.tenant_id AND v.name = p.name) AS last_version,
    (SELECT jsonb_build_object('version', d.version, 'decision', d.decision, 'hash', d.hash, 'reach', d.reach,
       'by', d.decided_by, 'note', d.note, 'at', d.decided_at)
     FROM policy_decisions d WHERE d.tenant_id = p.tenant_id AND d.name = p.name AND d.version = p.version
     ORDER BY d.id DESC LIMIT 1) AS decision
  FROM policies p
  LEFT JOIN policy_versions c ON c.tenant_id = p.tenant_id AND c.name = p.name AND c.version = p.version
  LEFT JOIN policy_versions n ON n.tenant_id = p.tenant_id AND n.name = p.name AND n.version = p.proposed_version`;

/** Reads a tenant's policies. */
@Injectable()
export class PolicyStore {
  constructor(private readonly baselines: BaselineService) {}

  /** What judges in a tenant, now. */
  async inForce(manager: EntityManager, tenantId: string): Promise<PolicySet> {
    const { baseline } = await this.baselines.current(manager);
    return policySet(await this.standing(manager, tenantId), baseline);
  }

  /** In their order; retired ones left out. */
  async standing(manager: EntityManager, tenantId: string): Promise<StoredPolicy[]> {
    return (await this.all(manager, tenantId)).filter(({ retiredAt }) => retiredAt === null);
  }

  /** The same with the retired ones. */
  async all(manager: EntityManager, tenantId: string): Promise<StoredPolicy[]> {
    const rows = await run<PolicyRow>(
      manager,
      sql`${POLICIES} WHERE p.tenant_id = ${tenantId} ORDER BY p.position, p.id`,
    );
    return rows.map(toPolicy);
  }

  /** Any version of a policy; undefined: there is none of that name and number. */
  async version(
    manager: EntityManager,
    tenantId: string,
    name: string,
    number: number,
  ): Promise<PolicyVersion | undefined> {
    const [row] = await manager.query<VersionRow[]>(
      `SELECT version, source, scope, settings, action, schedule, hash, saved_by, note, created_at
       FROM policy_versions WHERE tenant_id = $1 AND name = $2 AND version = $3`,
      [tenantId, name, number],
    );
    return row && toVersion(row);
  }
}

/** A tenant's policies in their order, for a list. */
export const standingPolicies = (tenantId: string): Listing => ({
  select: sql`p.id`,
  from: sql`policies p`,
  where: [sql`p.tenant_id = ${tenantId}`, sql`p.retired_at IS NULL`],
  sort: [
    { by: sql`p.position`, type: 'integer', descending: false },
    { by: sql`p.id`, type: 'uuid', descending: false },
  ],
});

/** Names the order and the versions of a tenant's policies: what a change is made on top of. */
export const setHash = (standing: readonly StoredPolicy[]): string =>
  hashOf(standing.map(({ name, current, proposal }) => [name, current?.version, proposal?.version.version])).slice(
    0,
    16,
  );

export function toVersion(row: VersionRow): PolicyVersion {
  return {
    version: row.version,
    source: row.source,
    scope: row.scope,
    // A check that came later has its default.
    settings: parsePolicy(row.settings),
    action: row.action,
    schedule: row.schedule,
    hash: row.hash,
    savedBy: row.saved_by,
    note: row.note,
    createdAt: new Date(row.created_at),
  };
}

function toPolicy(row: PolicyRow): StoredPolicy {
  const { proposed } = row;
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    position: row.position,
    current: row.current && toVersion(row.current),
    proposal: proposed && {
      version: toVersion(proposed),
      by: row.proposed_by ?? '',
      standsFor: row.proposed_by_stands_for ?? '',
      at: row.proposed_at ?? new Date(proposed.created_at),
    },
    widenedBy: row.widened_by,
    decision: row.decision && { ...row.decision, at: new Date(row.decision.at) },
    lastVersion: row.last_version,
    retiredAt: row.retired_at,
  };
}
