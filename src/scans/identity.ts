import sql, { raw, type Sql } from 'sql-template-tag';
import { badInput } from '../errors';
import { accountConditions, nonEmpty, type AccountFilter } from '../accounts/account-queries';
import { ROLE_TRACKING_DAYS, type IdentityKind, type LastUsed } from './inventory';

export interface IdentityRow {
  tenant_id: string;
  id: string;
  account_id: string;
  kind: IdentityKind;
  owner_id: string | null;
  unique_id: string;
  arn: string;
  name: string;
  path: string;
  user_name: string | null;
  is_root: boolean;
  active: boolean;
  born_at: Date | null;
  last_used_state: LastUsed['state'] | null;
  last_used_at: Date | null;
  last_used_region: string | null;
  last_used_service: string | null;
  idle_since: Date | null;
  access_key_id: string | null;
  key_id_problem: string | null;
  inactive_since: Date | null;
  credentials_unknown: string | null;
  detail: Record<string, unknown>;
  first_seen_at: Date;
  gone_at: Date | null;
  /** Since when clean-up holds it in quarantine. */
  quarantined_at: Date | null;
  /** When its account was last read: what its idle time is measured to. */
  read_at: Date | null;
}

export const IDENTITY_COLUMNS: Sql = sql`
  i.tenant_id, i.id, i.account_id, i.kind, i.owner_id, i.unique_id, i.arn, i.name, i.path, i.user_name, i.is_root, i.active,
  i.born_at, i.last_used_state, i.last_used_at, i.last_used_region, i.last_used_service, i.idle_since, i.access_key_id,
  i.key_id_problem, i.inactive_since, i.credentials_unknown, i.detail, i.first_seen_at, i.gone_at, i.quarantined_at,
  coalesce(a.inventory_at, a.users_read_at) AS read_at`;

export const IDENTITIES: Sql = sql`identities i JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id`;

export interface NameFilter {
  readonly in?: readonly string[] | null;
  readonly notIn?: readonly string[] | null;
  readonly contains?: string | null;
}

export interface LastUsedFilter {
  readonly olderThanDays?: number | null;
  /** Whether what has no record of use at all, and has existed for as long, counts as not used for as long. */
  readonly includeNeverUsed?: boolean | null;
  readonly states?: readonly LastUsed['state'][] | null;
}

export interface IdentityFilter {
  readonly kinds?: readonly IdentityKind[] | null;
  readonly active?: boolean | null;
  readonly accountIds?: readonly string[] | null;
  readonly account?: AccountFilter | null;
  readonly name?: NameFilter | null;
  readonly pathPrefix?: string | null;
  /** The owning user of a password or key; a user itself. Roles have none and never match. */
  readonly user?: { readonly name?: NameFilter | null } | null;
  readonly lastUsed?: LastUsedFilter | null;
  readonly tag?: { readonly key: string; readonly value?: string | null } | null;
  readonly isRoot?: boolean | null;
  /** Default false: what no longer exists is left out. */
  readonly includeGone?: boolean | null;
}

/** Conditions on `IDENTITIES`. Throws BAD_INPUT for empty lists, days out of range and contradictory settings. */
export function identityConditions(filter: IdentityFilter): Sql[] {
  const where: Sql[] = [];
  if (filter.kinds != null) where.push(sql`i.kind = ANY (${nonEmpty(filter.kinds, 'kind')}::text[])`);
  if (filter.active != null) where.push(sql`i.active = ${filter.active}`);
  if (filter.accountIds != null)
    where.push(sql`i.account_id = ANY (${nonEmpty(filter.accountIds, 'accountIds')}::uuid[])`);
  if (filter.account != null) where.push(...accountConditions(filter.account));
  if (filter.name != null) where.push(...nameConditions(filter.name, 'i.name', 'name'));
  if (filter.pathPrefix != null) where.push(sql`starts_with(i.path, ${filter.pathPrefix})`);
  if (filter.user != null) {
    where.push(sql`i.user_name IS NOT NULL`);
    if (filter.user.name != null) where.push(...nameConditions(filter.user.name, 'i.user_name', 'user.name'));
  }
  if (filter.lastUsed != null) where.push(...lastUsedConditions(filter.lastUsed));
  if (filter.tag != null) where.push(tagged(filter.tag));
  if (filter.isRoot != null) where.push(sql`i.is_root = ${filter.isRoot}`);
  if (filter.includeGone !== true) where.push(sql`i.gone_at IS NULL`);
  return where;
}

function nameConditions(filter: NameFilter, column: string, field: string): Sql[] {
  const name = raw(column);
  const where: Sql[] = [];
  if (filter.in != null) where.push(sql`${name} = ANY (${nonEmpty(filter.in, `${field}.in`)}::text[])`);
  if (filter.notIn != null) where.push(sql`${name} <> ALL (${nonEmpty(filter.notIn, `${field}.notIn`)}::text[])`);
  if (filter.contains != null) where.push(sql`position(lower(${filter.contains}) in lower(${name})) > 0`);
  return where;
}

/** Idle for at least `days` × 24 h when the account was last read, at whole seconds as AWS's dates are. */
export function idleFor(days: number, field: string, idleSince: Sql = sql`i.idle_since`): Sql {
  if (!Number.isInteger(days) || days < 1 || days > 36_500)
    throw badInput(`${field}: must be a whole number of days from 1.`);
  return sql`${idleSince} <= date_trunc('second', coalesce(a.inventory_at, a.users_read_at)) - make_interval(hours => ${days * 24})`;
}

function lastUsedConditions(filter: LastUsedFilter): Sql[] {
  const where: Sql[] = [];
  if (filter.states != null)
    where.push(sql`i.last_used_state = ANY (${nonEmpty(filter.states, 'lastUsed.states')}::text[])`);
  if (filter.olderThanDays == null) return where;
  if (filter.includeNeverUsed == null) {
    throw badInput(
      'lastUsed.includeNeverUsed: say whether identities without any record of use count; they often are most of the answer.',
    );
  }
  // Credentials that the last reading did not show are unknown, whatever an earlier one told of them.
  where.push(sql`NOT EXISTS (SELECT 1 FROM identities o WHERE o.tenant_id = i.tenant_id AND o.id = i.owner_id
    AND o.credentials_unknown IS NOT NULL)`);
  const idle = idleFor(filter.olderThanDays, 'lastUsed.olderThanDays');
  // A role older than AWS's rolling window has no date, but has been idle for at least that window.
  const rolling = filter.olderThanDays <= ROLE_TRACKING_DAYS ? sql`i.idle_since IS NULL` : sql`false`;
  where.push(
    filter.includeNeverUsed
      ? sql`((i.last_used_state <> 'unknown' AND ${idle}) OR (i.last_used_state = 'before-tracking' AND ${rolling}))`
      : sql`(i.last_used_state = 'at' AND ${idle})`,
  );
  return where;
}

/** The identity's own tags, or its user's. */
function tagged(tag: { readonly key: string; readonly value?: string | null }): Sql {
  const value = tag.value == null ? sql`true` : sql`g.value = ${tag.value}`;
  return sql`EXISTS (SELECT 1 FROM identity_tags g WHERE g.tenant_id = i.tenant_id
    AND g.identity_id IN (i.id, i.owner_id) AND g.key = ${tag.key} AND ${value})`;
}
