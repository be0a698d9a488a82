import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { nonEmpty } from '../../../accounts/account-queries';
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
} from '../../../paging';
import { CONNECTION_COLUMNS, type TicketConnectionRow, type TicketConnectionState } from './ticket-connection';

export interface TicketConnectionFilter {
  readonly states?: readonly TicketConnectionState[] | null;
}

/** Reading connections, without those that were removed. */
@Injectable()
export class TicketConnectionQueries {
  /** By name. */
  async page(reader: Reader, filter: TicketConnectionFilter, args: PageArgs): Promise<Page<TicketConnectionRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: TicketConnectionFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** Removed ones, too: tickets still name them. */
  async byIds(reader: Reader, ids: readonly string[]): Promise<TicketConnectionRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${CONNECTION_COLUMNS} FROM ticket_connections c
          ${conditions([ofTenant(reader, 'c.tenant_id'), sql`c.id = ANY (${ids}::uuid[])`])}`,
    );
  }
}

const listing = (reader: Reader, { states }: TicketConnectionFilter): Listing => ({
  select: CONNECTION_COLUMNS,
  from: sql`ticket_connections c`,
  where: [
    ofTenant(reader, 'c.tenant_id'),
    sql`c.deleted_at IS NULL`,
    ...(states == null ? [] : [sql`c.state = ANY (${nonEmpty(states, 'filter.states')}::text[])`]),
  ],
  sort: [
    { by: sql`lower(c.name)`, type: 'text', descending: false },
    { by: sql`c.id`, type: 'uuid', descending: false },
  ],
});
