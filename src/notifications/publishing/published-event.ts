import sql, { type Sql } from 'sql-template-tag';
import type { Facets } from '../catalogue/event-type';

/** An event as everybody hears of it: it has a number, and what was known of its object when it got that. */
export interface PublishedEvent {
  readonly tenantId: string;
  /** Its place among all published events of the tenant, from 1 and without gaps; a bigint's digits. */
  readonly seq: string;
  readonly id: string;
  readonly type: string;
  /** `finding`, `plan-item` …, and which one. */
  readonly objectType: string;
  readonly objectId: string;
  /** When it happened. */
  readonly at: Date;
  readonly publishedAt: Date;
  readonly facets: Facets;
  /** What each version's payload is made of: already thin, and with the API's ids. */
  readonly facts: object;
}

/** A row of `published_events`, as `EVENT_COLUMNS` read it. */
export interface PublishedEventRow {
  tenant_id: string;
  seq: string;
  id: string;
  type: string;
  object_type: string;
  object_id: string;
  at: Date;
  published_at: Date;
  account_id: string | null;
  scan_id: string | null;
  check_id: string | null;
  severity: string | null;
  owner: string | null;
  ou_path: string | null;
  facts: object;
}

/** Of published events `e`. */
export const EVENT_COLUMNS: Sql = sql`e.tenant_id, e.seq, e.id, e.type, e.object_type, e.object_id, e.at, e.published_at,
  e.account_id, e.scan_id, e.check_id, e.severity, e.owner, e.ou_path, e.facts`;

export const toPublishedEvent = (row: PublishedEventRow): PublishedEvent => ({
  tenantId: row.tenant_id,
  seq: row.seq,
  id: row.id,
  type: row.type,
  objectType: row.object_type,
  objectId: row.object_id,
  at: row.at,
  publishedAt: row.published_at,
  facets: {
    ...(row.account_id === null ? {} : { accountId: row.account_id }),
    ...(row.scan_id === null ? {} : { scanId: row.scan_id }),
    ...(row.check_id === null ? {} : { checkId: row.check_id }),
    ...(row.severity === null ? {} : { severity: row.severity }),
    ...(row.owner === null ? {} : { owner: row.owner }),
    ...(row.ou_path === null ? {} : { ouPath: row.ou_path }),
  },
  facts: row.facts,
});
