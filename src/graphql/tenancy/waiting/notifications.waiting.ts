import sql from 'sql-template-tag';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const disabledEndpoints: Waiting = {
  kind: 'DISABLED_ENDPOINTS',
  what: 'Endpoints that are told nothing any more: `endpoints(filter: { states: DISABLED }) { nodes { reason } }`, then `changeEndpoint`, `resumeEndpoint` and `replayDeliveries`, or `removeEndpoint`.',
  for: 'manage-notifications',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM endpoints n
    WHERE ${ofTenant(reader, 'n.tenant_id')} AND n.state = 'disabled' AND n.deleted_at IS NULL`,
};

export const disabledTicketConnections: Waiting = {
  kind: 'DISABLED_TICKET_CONNECTIONS',
  what: 'Connections to ticketing systems that refuse us: `ticketConnections(filter: { states: DISABLED }) { nodes { reason } }`, then `changeTicketConnection` and `resumeTicketConnection`.',
  for: 'manage-notifications',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM ticket_connections c
    WHERE ${ofTenant(reader, 'c.tenant_id')} AND c.state = 'disabled' AND c.deleted_at IS NULL`,
};

export const stuckTickets: Waiting = {
  kind: 'STUCK_TICKETS',
  what: 'Tickets that the other system does not take as they are: `tickets(filter: { stuck: true }) { nodes { problem } }`, then `changeTicketConnection` and `retryTicket`.',
  for: 'manage-notifications',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM tickets t
    WHERE ${ofTenant(reader, 't.tenant_id')} AND t.rejected IS NOT NULL AND t.state NOT IN ('followed', 'released')`,
};
