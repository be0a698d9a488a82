import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import {
  conditions,
  countOf,
  fetchPage,
  type Listing,
  ofTenant,
  type Page,
  type PageArgs,
  type Reader,
  run,
} from '../../paging';
import { EVENT_COLUMNS, type PublishedEvent, type PublishedEventRow, toPublishedEvent } from './published-event';

export interface PublishedEventFilter {
  readonly types?: readonly string[] | null;
  /** When it was published: from this moment on … */
  readonly from?: Date | null;
  /** … and before this one. */
  readonly to?: Date | null;
  readonly accountId?: string | null;
  /** As events name it: `finding`, `plan-item` …, and its id in the database. */
  readonly object?: { readonly type: string; readonly id: string } | null;
}

/** Events as they were published, the oldest first: whoever was down reads on after the last one that it knows. */
@Injectable()
export class PublishedEventQueries {
  async page(reader: Reader, filter: PublishedEventFilter, args: PageArgs): Promise<Page<PublishedEvent>> {
    const page = await fetchPage<PublishedEventRow>(reader.manager, listing(reader, filter), args);
    return { ...page, rows: page.rows.map(toPublishedEvent) };
  }

  async count(reader: Reader, filter: PublishedEventFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** Those that are still kept. */
  async byIds(reader: Reader, ids: readonly string[]): Promise<PublishedEvent[]> {
    const rows = await run<PublishedEventRow>(
      reader.manager,
      sql`SELECT ${EVENT_COLUMNS} FROM published_events e
          ${conditions([ofTenant(reader, 'e.tenant_id'), sql`e.id = ANY (${ids}::uuid[])`])}`,
    );
    return rows.map(toPublishedEvent);
  }
}

function listing(reader: Reader, { types, from, to, accountId, object }: PublishedEventFilter): Listing {
  const where: Sql[] = [ofTenant(reader, 'e.tenant_id')];
  if (types != null) where.push(sql`e.type = ANY (${nonEmpty(types, 'types')}::text[])`);
  if (from != null) where.push(sql`e.published_at >= ${from}`);
  if (to != null) where.push(sql`e.published_at < ${to}`);
  if (accountId != null) where.push(sql`e.account_id = ${accountId}`);
  if (object != null) where.push(sql`e.object_type = ${object.type} AND e.object_id = ${object.id}`);
  return {
    select: EVENT_COLUMNS,
    from: sql`published_events e`,
    where,
    sort: [
      // Its place in its tenant; whoever looks across tenants gets one tenant's after the other's.
      ...(reader.tenantId === null ? [{ by: sql`e.tenant_id`, type: 'uuid' as const, descending: false }] : []),
      { by: sql`e.seq`, type: 'bigint', descending: false },
    ],
  };
}
