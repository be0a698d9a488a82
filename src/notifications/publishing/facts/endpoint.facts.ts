import { encodeId } from '../../../api-id';
import { byObject, idsOf, type ReadKnown } from './known';

interface Row {
  id: string;
  name: string;
  channel: string;
  state_why: string | null;
}

export const readEndpoints: ReadKnown<'endpoint'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    'SELECT id, name, channel, state_why FROM endpoints WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tenantId, idsOf(events)],
  );
  return byObject(events, rows, ({ id, name, channel, state_why: reason }) => ({
    subject: { endpoint: { id: encodeId('Endpoint', tenantId, id), name, channel }, reason },
    facets: {},
  }));
};
