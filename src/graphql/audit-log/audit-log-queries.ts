import { Injectable } from '@nestjs/common';
import sql, { raw } from 'sql-template-tag';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../../paging';
import type { ChainEntry } from '../../tenancy/audit-log/chain';
import { ENTRY, readEntries } from '../../tenancy/audit-log/chain-reader';

export type AuditEntryRow = ChainEntry;

export interface AuditLogFilter {
  readonly actorId: string | null;
  readonly actions: readonly string[] | null;
  readonly object: { readonly type: string; readonly id: string | null } | null;
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
  readonly requestId: string | null;
}

/** Reading the audit log. */
@Injectable()
export class AuditLogQueries {
  /** The newest first. */
  async page(reader: Reader, filter: AuditLogFilter, args: PageArgs): Promise<Page<AuditEntryRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: AuditLogFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** The number before the first entry that is not older than `from`; null: there is none. */
  async beforeTime({ manager }: Reader, tenantId: string, from: Date): Promise<number | null> {
    const [row] = await run<{ seq: number }>(
      manager,
      sql`SELECT e.seq::float8 - 1 AS seq FROM audit_entries e WHERE e.tenant_id = ${tenantId} AND e.at >= ${from}
          ORDER BY e.at, e.seq, e.id LIMIT 1`,
    );
    return row?.seq ?? null;
  }

  /** The next ones after a number, the oldest first. */
  async after({ manager }: Reader, tenantId: string, after: number, limit: number): Promise<AuditEntryRow[]> {
    return readEntries(manager, tenantId, { after, limit });
  }
}

function listing(reader: Reader, { actorId, actions, object, from, to, requestId }: AuditLogFilter): Listing {
  const where = [ofTenant(reader, 'e.tenant_id')];
  if (actorId !== null) where.push(sql`e.actor_id = ${actorId}`);
  if (actions !== null) where.push(sql`e.action = ANY (${actions}::text[])`);
  if (object !== null) where.push(sql`e.object_type = ${object.type}`);
  if (object !== null && object.id !== null) where.push(sql`e.object_id = ${object.id}`);
  if (from !== null) where.push(sql`e.at >= ${from}`);
  if (to !== null) where.push(sql`e.at < ${to}`);
  if (requestId !== null) where.push(sql`e.request_id = ${requestId}`);
  return {
    select: raw(ENTRY),
    from: sql`audit_entries e`,
    where,
    sort: [
      { by: sql`e.at`, type: 'timestamptz', descending: true },
      { by: sql`e.seq`, type: 'bigint', descending: true },
      // Platform people read across tenants, where numbers are not unique.
      { by: sql`e.id`, type: 'uuid', descending: true },
    ],
  };
}
