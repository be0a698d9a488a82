import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import { Clock, DAY_MS } from '../../clock';
import { notFound } from '../../errors';
import { countOf, fetchPage, type Listing, ofTenant, type Page, type PageArgs, type Reader, run } from '../../paging';
import type { ChannelId } from '../channels/channel';
import { ENDPOINT_COLUMNS, type EndpointHealth, type EndpointRow, type EndpointState } from './endpoint';

export interface EndpointFilter {
  readonly states?: readonly EndpointState[] | null;
  readonly channels?: readonly ChannelId[] | null;
  readonly nameContains?: string | null;
}

/** Reading endpoints, for a tenant or (platform people) across tenants. Never their secrets. */
@Injectable()
export class EndpointQueries {
  constructor(private readonly clock: Clock) {}

  /** By name; removed ones are left out. */
  async page(reader: Reader, filter: EndpointFilter, args: PageArgs): Promise<Page<EndpointRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: EndpointFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** Removed ones as well, as long as there are deliveries of theirs. */
  async byIds(reader: Reader, ids: readonly string[]): Promise<EndpointRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${ENDPOINT_COLUMNS} FROM endpoints e
          WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.id = ANY (${ids}::uuid[])`,
    );
  }

  /** @throws NOT_FOUND, for a removed one as well */
  async live(reader: Reader, id: string): Promise<EndpointRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row || row.deleted_at !== null) throw notFound('The endpoint');
    return row;
  }

  /** One statement for all of them. */
  async health(reader: Reader, endpointIds: readonly string[]): Promise<ReadonlyMap<string, EndpointHealth>> {
    const since = new Date(this.clock.now().getTime() - DAY_MS);
    const rows = await run<EndpointHealth & { id: string }>(
      reader.manager,
      sql`SELECT e.id, w.waiting, w."oldestAt", a.accepted, a.failed FROM endpoints e
          CROSS JOIN LATERAL (SELECT count(*)::int AS waiting, min(d.created_at) AS "oldestAt" FROM deliveries d
            WHERE d.tenant_id = e.tenant_id AND d.endpoint_id = e.id AND d.next_at IS NOT NULL) w
          CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE t.outcome = 'accepted')::int AS accepted,
              count(*) FILTER (WHERE t.outcome IN ('failed', 'gone', 'unknown'))::int AS failed
            FROM delivery_attempts t WHERE t.tenant_id = e.tenant_id AND t.endpoint_id = e.id AND t.at > ${since}) a
          WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.id = ANY (${endpointIds}::uuid[])`,
    );
    return new Map(rows.map(({ id, ...health }) => [id, health]));
  }
}

function listing(reader: Reader, filter: EndpointFilter): Listing {
  const where: Sql[] = [ofTenant(reader, 'e.tenant_id'), sql`e.deleted_at IS NULL`];
  if (filter.states != null) where.push(sql`e.state = ANY (${nonEmpty(filter.states, 'states')}::text[])`);
  if (filter.channels != null) where.push(sql`e.channel = ANY (${nonEmpty(filter.channels, 'channels')}::text[])`);
  if (filter.nameContains != null) where.push(sql`position(lower(${filter.nameContains}) in lower(e.name)) > 0`);
  return {
    select: ENDPOINT_COLUMNS,
    from: sql`endpoints e`,
    where,
    sort: [
      { by: sql`lower(e.name)`, type: 'text', descending: false },
      { by: sql`e.id`, type: 'uuid', descending: false },
    ],
  };
}
