import { encodeId } from '../../../api-id';
import { byObject, idsOf, type ReadKnown } from './known';

interface Row {
  id: string;
  name: string;
  system: string;
  state_why: string | null;
}

export const readConnections: ReadKnown<'connection'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    'SELECT id, name, system, state_why FROM ticket_connections WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tenantId, idsOf(events)],
  );
  return byObject(events, rows, ({ id, name, system, state_why: reason }) => ({
    subject: { connection: { id: encodeId('TicketConnection', tenantId, id), name, system }, reason },
    facets: {},
  }));
};
