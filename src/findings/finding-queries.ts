import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../accounts/account-queries';
import { badInput, notFound, unreachable } from '../errors';
import { fetchGroups, type Groups } from '../grouping';
import {
  conditions,
  countOf,
  fetchPage,
  ofTenant,
  run,
  type Listing,
  type Page,
  type PageArgs,
  type Reader,
} from '../paging';
import { identityConditions, idleFor, type IdentityFilter } from '../scans/identity';
import { ROLE_TRACKING_DAYS } from '../scans/inventory';
import {
  FINDING_COLUMNS,
  FINDINGS,
  findingSort,
  type FindingOrder,
  type FindingRow,
  type FindingStatus,
} from './finding';
import type { CheckId, Severity } from './policy';

export interface FindingFilter {
  readonly statuses?: readonly FindingStatus[] | null;
  readonly checkIds?: readonly CheckId[] | null;
  readonly severities?: readonly Severity[] | null;
  readonly idleDaysAtLeast?: number | null;
  /** What the finding's identity must be like; identities that are gone are included, since findings outlive them. */
  readonly identity?: Omit<IdentityFilter, 'includeGone'> | null;
  readonly owner?: OwnerCondition | null;
  /** Of this exemption. */
  readonly exemptionId?: string | null;
  /** Further conditions on `FINDINGS`, of another part of the service. */
  readonly also?: readonly Sql[] | null;
}

export interface OwnerCondition {
  /** One of these, by name without regard to case. */
  readonly names?: readonly string[] | null;
  readonly ids?: readonly string[] | null;
  /** Whether nobody's. */
  readonly unowned?: boolean | null;
}

export const FINDING_GROUPS = [
  'CHECK',
  'SEVERITY',
  'STATUS',
  'ACCOUNT',
  'USER',
  'USER_NAME',
  'OU',
  'TENANT',
  'OWNER',
] as const;
export type FindingGroup = (typeof FINDING_GROUPS)[number];

/** Reading findings, for a tenant or (platform people) across tenants. */
@Injectable()
export class FindingQueries {
  async page(reader: Reader, filter: FindingFilter, order: FindingOrder, args: PageArgs): Promise<Page<FindingRow>> {
    return fetchPage(reader.manager, listing(reader, filter, order), args);
  }

  async count(reader: Reader, filter: FindingFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter, 'IDLE_DAYS_DESC'));
  }

  /** The ids of all that match, in no order; `most` at most. */
  async ids(reader: Reader, filter: FindingFilter, most: number): Promise<string[]> {
    const { from, where } = listing(reader, filter, 'IDLE_DAYS_DESC');
    const rows = await run<{ id: string }>(
      reader.manager,
      sql`SELECT f.id FROM ${from} ${conditions(where)} LIMIT ${most}`,
    );
    return rows.map(({ id }) => id);
  }

  async groups(reader: Reader, filter: FindingFilter, by: FindingGroup, first?: number): Promise<Groups> {
    const { where } = listing(reader, filter, 'IDLE_DAYS_DESC');
    const from = sql`${FINDINGS} JOIN tenants t ON t.id = f.tenant_id
      LEFT JOIN owners w ON w.tenant_id = f.tenant_id AND w.id = f.owner_id`;
    return fetchGroups(reader.manager, { from, where, ...groupBy(by) }, first);
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<FindingRow> {
    const [row] = await run<FindingRow>(
      reader.manager,
      sql`SELECT ${FINDING_COLUMNS} FROM ${FINDINGS} ${conditions([ofTenant(reader, 'f.tenant_id'), sql`f.id = ${id}`])}`,
    );
    if (!row) throw notFound('The finding');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<FindingRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${FINDING_COLUMNS} FROM ${FINDINGS}
          ${conditions([ofTenant(reader, 'f.tenant_id'), sql`f.id = ANY (${ids}::uuid[])`])}`,
    );
  }

  /** Findings of these identities, in any status. */
  async ofIdentities(reader: Reader, identityIds: readonly string[]): Promise<FindingRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${FINDING_COLUMNS} FROM ${FINDINGS}
          ${conditions([ofTenant(reader, 'f.tenant_id'), sql`f.identity_id = ANY (${identityIds}::uuid[])`])} ORDER BY f.check_id`,
    );
  }

  /** What has happened to a finding, the newest last. */
  async history(reader: Reader, findingIds: readonly string[]): Promise<FindingEvent[]> {
    return run(
      reader.manager,
      sql`SELECT e.id, e.object_id AS finding_id, e.type, e.at, e.data FROM events e
          WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.object_type = 'finding' AND e.object_id = ANY (${findingIds}::text[])
          ORDER BY e.at, e.id`,
    );
  }
}

export interface FindingEvent {
  id: string;
  finding_id: string;
  type: string;
  at: Date;
  data: Record<string, unknown>;
}

function listing(reader: Reader, filter: FindingFilter, order: FindingOrder): Listing {
  const where: Sql[] = [ofTenant(reader, 'f.tenant_id')];
  if (filter.statuses != null) where.push(sql`f.status = ANY (${nonEmpty(filter.statuses, 'status')}::text[])`);
  if (filter.checkIds != null) where.push(sql`f.check_id = ANY (${nonEmpty(filter.checkIds, 'check')}::text[])`);
  if (filter.severities != null) where.push(sql`f.severity = ANY (${nonEmpty(filter.severities, 'severity')}::text[])`);
  if (filter.idleDaysAtLeast != null) where.push(idleAtLeast(filter.idleDaysAtLeast));
  if (filter.identity != null) where.push(...identityConditions({ ...filter.identity, includeGone: true }));
  if (filter.owner != null) where.push(...ownerConditions(filter.owner));
  if (filter.exemptionId != null) where.push(sql`f.exemption_id = ${filter.exemptionId}`);
  if (filter.also != null) where.push(...filter.also);
  return { select: FINDING_COLUMNS, from: FINDINGS, where, sort: findingSort(order) };
}

function ownerConditions({ names, ids, unowned }: OwnerCondition): Sql[] {
  const where: Sql[] = [];
  if (names != null) {
    where.push(sql`f.owner_id IN (SELECT o.id FROM owners o WHERE o.tenant_id = f.tenant_id
      AND lower(o.name) IN (SELECT lower(n) FROM unnest(${nonEmpty(names, 'owner.names')}::text[]) n))`);
  }
  if (ids != null) where.push(sql`f.owner_id = ANY (${nonEmpty(ids, 'owner.ids')}::uuid[])`);
  if (unowned != null) where.push(unowned ? sql`f.owner_id IS NULL` : sql`f.owner_id IS NOT NULL`);
  return where;
}

function idleAtLeast(days: number): Sql {
  if (days < 0) throw badInput('idleDaysAtLeast: must not be negative.');
  if (days === 0) return sql`true`;
  const idle = idleFor(days, 'idleDaysAtLeast', sql`f.idle_since`);
  return days <= ROLE_TRACKING_DAYS ? sql`(${idle} OR (f.idle_since IS NULL AND f.idle_at_least))` : idle;
}

function groupBy(by: FindingGroup): { key: Sql; label: Sql } {
  switch (by) {
    case 'CHECK':
      return { key: sql`f.check_id`, label: sql`f.check_id` };
    case 'SEVERITY':
      return { key: sql`f.severity`, label: sql`f.severity` };
    case 'STATUS':
      return { key: sql`f.status`, label: sql`f.status` };
    case 'ACCOUNT':
      return { key: sql`a.aws_account_id`, label: sql`a.name` };
    case 'USER':
      return { key: sql`CASE WHEN i.kind <> 'role' THEN i.arn END`, label: sql`i.user_name` };
    case 'USER_NAME':
      return { key: sql`i.user_name`, label: sql`i.user_name` };
    case 'OU':
      return { key: sql`a.ou_path`, label: sql`a.ou_path` };
    case 'TENANT':
      return { key: sql`f.tenant_id::text`, label: sql`t.name` };
    case 'OWNER':
      return { key: sql`w.name`, label: sql`w.name` };
    default:
      return unreachable(by);
  }
}
