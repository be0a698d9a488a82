import sql, { type Sql } from 'sql-template-tag';
import type { Partition } from '../aws/partitions';

/** How well we see an account. */
export const COVERAGES = [
  'complete',
  'partial',
  'failed',
  'stale',
  'pending',
  'no_access',
  'excluded',
  'left',
] as const;
export type Coverage = (typeof COVERAGES)[number];

export interface AccountRow {
  tenant_id: string;
  id: string;
  partition: Partition;
  aws_account_id: string;
  name: string;
  source: 'organization' | 'registered';
  organization_id: string | null;
  role_arn: string;
  cleanup_role_arn: string | null;
  restore_role_arn: string | null;
  /** Plain, in a row of an earlier release that was not sealed yet; see `ExternalIds`. */
  external_id: string | null;
  external_id_sealed: Buffer | null;
  status: 'pending' | 'owned' | 'left';
  aws_state: string | null;
  ou_path: string | null;
  tags: Record<string, string>;
  created_at: Date;
  verified_at: Date | null;
  /** Since when its scan role cannot be assumed. */
  access_lost_at: Date | null;
  left_at: Date | null;
  problem: string | null;
  remedy: string | null;
  transfer_requested_at: Date | null;
  last_scan_id: string | null;
  last_scan_outcome: 'complete' | 'partial' | 'failed' | null;
  last_scan_at: Date | null;
  inventory_at: Date | null;
  coverage: Coverage;
}

/** An account that has not been read completely for this long is stale: twice the usual 24 hours between scans. */
const STALE_AFTER_HOURS = 48;

/** Of accounts `a`. Only ACTIVE ones of an organization are scanned; the others are excluded, which is no failure. */
export const coverage: Sql = sql`
  CASE
    WHEN a.status = 'left' THEN 'left'
    WHEN coalesce(a.aws_state, 'ACTIVE') <> 'ACTIVE' THEN 'excluded'
    -- A scan that has read something since then shows that access is back, before the next verification does.
    WHEN a.access_lost_at IS NOT NULL
      AND (a.last_scan_at IS NULL OR a.last_scan_outcome = 'failed' OR a.last_scan_at < a.access_lost_at) THEN 'no_access'
    WHEN a.status = 'pending' OR a.last_scan_outcome IS NULL THEN 'pending'
    WHEN a.last_scan_outcome = 'failed' THEN 'failed'
    WHEN a.inventory_at IS NULL THEN 'partial'
    WHEN a.inventory_at < now() - make_interval(hours => ${STALE_AFTER_HOURS}) THEN 'stale'
    ELSE a.last_scan_outcome
  END`;

export const ACCOUNT_COLUMNS: Sql = sql`
  a.tenant_id, a.id, a.partition, a.aws_account_id, a.name, a.source, a.organization_id, a.role_arn,
  a.cleanup_role_arn, a.restore_role_arn, a.access_lost_at, a.external_id, a.external_id_sealed,
  a.status, a.aws_state, a.ou_path, a.tags, a.created_at, a.verified_at, a.left_at, a.problem, a.remedy,
  a.transfer_requested_at, a.last_scan_id, a.last_scan_outcome, a.last_scan_at, a.inventory_at, ${coverage} AS coverage`;

/** Of accounts `a`: what a sweep reads. */
export const SCANNABLE: Sql = sql`a.status = 'owned' AND coalesce(a.aws_state, 'ACTIVE') = 'ACTIVE'`;

/** Scan and clean-up of one AWS account exclude each other, in whichever tenant. */
export const accountLane = (account: Pick<AccountRow, 'partition' | 'aws_account_id'>): string =>
  `aws:${account.partition}:${account.aws_account_id}`;

export const DEFAULT_SCAN_ROLE = 'mothball-scan';
