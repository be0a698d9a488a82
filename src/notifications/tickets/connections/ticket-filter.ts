import sql, { join, type Sql } from 'sql-template-tag';
import type { z } from 'zod';
import { underOu } from '../../../accounts/account-queries';
import { eventFilter } from '../../endpoints/event-filter';

/** Which findings get tickets: each part that is given must fit. */
export const ticketFilter = eventFilter.omit({ types: true });

export type TicketFilter = z.infer<typeof ticketFilter>;

/** Everything that a connection asks findings for. */
export interface Wanting {
  readonly filter: TicketFilter;
  readonly new_only: boolean;
  readonly activated_at: Date | null;
}

/** Findings `f` of accounts `a` that are to have a ticket of this connection, in the tenant that holds the account. */
export function wantedFindings(connection: Wanting): Sql {
  const { checks, severities, accountIds, ous, owners } = connection.filter;
  const where = [sql`f.status = 'open'`, sql`a.status = 'owned'`];
  if (checks) where.push(sql`f.check_id = ANY (${checks}::text[])`);
  if (severities) where.push(sql`f.severity = ANY (${severities}::text[])`);
  if (accountIds) where.push(sql`f.account_id = ANY (${accountIds}::uuid[])`);
  if (ous) where.push(sql`(${join(ous.map(underOu), ' OR ')})`);
  if (owners) {
    where.push(sql`f.owner_id IN (SELECT o.id FROM owners o WHERE o.tenant_id = f.tenant_id
      AND lower(o.name) IN (SELECT lower(n) FROM unnest(${owners}::text[]) n))`);
  }
  if (connection.new_only && connection.activated_at !== null) {
    where.push(sql`f.first_seen_at >= ${connection.activated_at}`);
  }
  return join(where, ' AND ');
}
