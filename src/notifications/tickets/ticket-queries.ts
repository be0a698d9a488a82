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
import type { TicketRow, TicketState, TicketStepRow } from './ticket';

export interface TicketQueryFilter {
  readonly connectionIds?: readonly string[] | null;
  readonly states?: readonly TicketState[] | null;
  /** Those that speak of this finding, or spoke of it last. */
  readonly findingId?: string | null;
  /** Whether they stand still until people do something. */
  readonly rejected?: boolean | null;
}

/** The last ones of each ticket. */
const MOST_STEPS = 50;

/** Reading tickets, for a tenant or (platform people) across tenants. */
@Injectable()
export class TicketQueries {
  /** The newest first. */
  async page(reader: Reader, filter: TicketQueryFilter, args: PageArgs): Promise<Page<TicketRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: TicketQueryFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<TicketRow[]> {
    return run(
      reader.manager,
      sql`SELECT t.* FROM tickets t ${conditions([ofTenant(reader, 't.tenant_id'), sql`t.id = ANY (${ids}::uuid[])`])}`,
    );
  }

  /** The last fifty requests about each, the newest last. */
  async steps(reader: Reader, ticketIds: readonly string[]): Promise<TicketStepRow[]> {
    return run(
      reader.manager,
      sql`SELECT s.* FROM unnest(${ticketIds}::uuid[]) AS w (id)
          CROSS JOIN LATERAL (
            SELECT * FROM ticket_steps s WHERE ${ofTenant(reader, 's.tenant_id')} AND s.ticket_id = w.id
            ORDER BY s.id DESC LIMIT ${MOST_STEPS}
          ) s ORDER BY s.id`,
    );
  }

  /** The tickets that speak of each, or spoke of it last: one for each connection at most. */
  async ofFindings(reader: Reader, findingIds: readonly string[]): Promise<(TicketRow & { finding_id: string })[]> {
    const rows = await run<TicketRow & { about_finding: string }>(
      reader.manager,
      sql`SELECT t.*, h.finding_id AS about_finding FROM ticket_findings h
          JOIN tickets t ON t.tenant_id = h.tenant_id AND t.id = h.ticket_id
          ${conditions([ofTenant(reader, 'h.tenant_id'), sql`h.finding_id = ANY (${findingIds}::uuid[])`])}
          ORDER BY h.finding_id, t.created_at DESC, t.id DESC`,
    );
    return rows.map(({ about_finding, ...row }) => ({ ...row, finding_id: about_finding }));
  }
}

const listing = (reader: Reader, filter: TicketQueryFilter): Listing => ({
  select: sql`t.*`,
  from: sql`tickets t`,
  where: [ofTenant(reader, 't.tenant_id'), ...ticketConditions(filter)],
  sort: [
    { by: sql`t.created_at`, type: 'timestamptz', descending: true },
    { by: sql`t.id`, type: 'uuid', descending: true },
  ],
});

function ticketConditions({ connectionIds, states, findingId, rejected }: TicketQueryFilter): Sql[] {
  const where: Sql[] = [];
  if (connectionIds != null) {
    where.push(sql`t.connection_id = ANY (${nonEmpty(connectionIds, 'filter.connections')}::uuid[])`);
  }
  if (states != null) where.push(sql`t.state = ANY (${nonEmpty(states, 'filter.states')}::text[])`);
  if (findingId != null) {
    where.push(sql`EXISTS (SELECT 1 FROM ticket_findings h
      WHERE h.tenant_id = t.tenant_id AND h.ticket_id = t.id AND h.finding_id = ${findingId})`);
  }
  if (rejected != null) where.push(rejected ? sql`t.rejected IS NOT NULL` : sql`t.rejected IS NULL`);
  return where;
}
