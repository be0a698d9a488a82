import sql, { type Sql } from 'sql-template-tag';
import { unreachable } from '../errors';
import type { SortKey } from '../paging';
import type { CheckId, Severity } from './policy';

export const FINDING_STATUSES = ['open', 'exempt', 'resolved'] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

export interface FindingRow {
  tenant_id: string;
  id: string;
  account_id: string;
  identity_id: string;
  check_id: CheckId;
  status: FindingStatus;
  severity: Severity;
  why: string;
  exempt_reason: string | null;
  /** Of the exemption that spares it; null: none, or the policy does. */
  exemption_id: string | null;
  /** Whose its identity is; null: nobody's. */
  owner_id: string | null;
  /** Why it was resolved: `compliant`, `gone`, `check-disabled`, `showed-life` (in quarantine; `why` says how). */
  resolution: string | null;
  idle_since: Date | null;
  idle_at_least: boolean;
  policy_name: string;
  policy_version: number;
  first_seen_at: Date;
  changed_at: Date;
  resolved_at: Date | null;
  /** When its account was last read completely: what `lastSeen` and idle days of an unresolved finding come from. */
  read_at: Date | null;
}

export interface UnknownRow {
  tenant_id: string;
  account_id: string;
  identity_id: string;
  check_id: CheckId;
  reason: string;
  since: Date;
}

export const FINDING_COLUMNS: Sql = sql`
  f.tenant_id, f.id, f.account_id, f.identity_id, f.check_id, f.status, f.severity, f.why, f.exempt_reason,
  f.exemption_id, f.owner_id, f.resolution,
  f.idle_since, f.idle_at_least, f.policy_name, f.policy_version, f.first_seen_at, f.changed_at, f.resolved_at,
  coalesce(a.inventory_at, a.users_read_at) AS read_at`;

/** Findings with what they are filtered and grouped by. */
export const FINDINGS: Sql = sql`findings f
  JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
  JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id`;

export const FINDING_ORDERS = ['IDLE_DAYS_DESC', 'SEVERITY_DESC', 'FIRST_SEEN_DESC', 'ACCOUNT_ASC'] as const;
export type FindingOrder = (typeof FINDING_ORDERS)[number];

/**
 * The same expressions as the indexes `findings_by_idleness` and `findings_by_severity`. No `coalesce`: Postgres takes it for
 * leaky, and under row-level security would not begin in the middle of the index with it.
 */
const idleOrder = sql`CASE WHEN f.idle_since IS NOT NULL THEN f.idle_since
  WHEN f.idle_at_least THEN '-infinity'::timestamptz ELSE 'infinity' END`;
const severityRank = sql`CASE f.severity WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END`;

export function findingSort(order: FindingOrder): SortKey[] {
  const longestIdle: SortKey = { by: idleOrder, type: 'timestamptz', descending: false };
  const unique: SortKey = { by: sql`f.id`, type: 'uuid', descending: false };
  switch (order) {
    case 'IDLE_DAYS_DESC':
      return [longestIdle, unique];
    case 'SEVERITY_DESC':
      return [{ by: severityRank, type: 'integer', descending: false }, longestIdle, unique];
    case 'FIRST_SEEN_DESC':
      return [
        { by: sql`f.first_seen_at`, type: 'timestamptz', descending: true },
        { ...unique, descending: true },
      ];
    case 'ACCOUNT_ASC':
      return [{ by: sql`a.name`, type: 'text', descending: false }, longestIdle, unique];
    default:
      return unreachable(order);
  }
}
