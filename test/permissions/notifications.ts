import { encodeId, readId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { HeldBack, Publisher } from '../../src/notifications/publishing/publisher.service';
import type { Side, World } from './world';

let count = 0;
const unique = (what: string): string => `${what}-${(count += 1)}`;

/** Nobody listens there, and nobody works in this world. */
const NOWHERE = 'http://127.0.0.1:9';

/** Made once for each side, for what uses nothing up. */
function once(make: (world: World, side: Side) => Promise<string>): (world: World, side: Side) => Promise<string> {
  const made = new Map<string, Promise<string>>();
  return (world, side) => {
    const known = made.get(side.id) ?? make(world, side);
    made.set(side.id, known);
    return known;
  };
}

export const endpointInput = ({ account }: Side): object => ({
  ...{ name: unique('endpoint'), to: { webhook: { url: NOWHERE } }, filter: { accounts: [account] } },
});

export async function endpoint({ app }: World, side: Side): Promise<string> {
  const { createEndpoint } = await app.get<{ createEndpoint: { endpoint: { id: string } } }>(
    side.proposer,
    'mutation ($i: EndpointInput!) { createEndpoint(input: $i) { endpoint { id } } }',
    { i: endpointInput(side) },
  );
  return createEndpoint.endpoint.id;
}

export const anEndpoint = once(endpoint);

export const aDelivery = once(async (world, side) => {
  const { sendTestEvent } = await world.app.get<{ sendTestEvent: { id: string } }>(
    side.proposer,
    'mutation ($id: ID!) { sendTestEvent(id: $id) { id } }',
    { id: await endpoint(world, side) },
  );
  return sendTestEvent.id;
});

/** One of those that the tenant's accounts and findings have made. */
export const anEvent = once(async (world, side) => {
  const publisher = world.app.app.get(Publisher, { strict: false });
  await world.build.database.inTenant(side.id, (manager) => publisher.publish(manager, side.id, new HeldBack()));
  const { events } = await world.app.get<{ events: { nodes: { id: string }[] } }>(
    side.proposer,
    '{ events(first: 1) { nodes { id } } }',
  );
  return events.nodes[0]?.id ?? '';
});

export const connectionInput = ({ account }: Side): object => ({
  name: unique('connection'),
  system: {
    github: { api: NOWHERE, owner: 'acme', repository: 'cloud', credential: { token: 'github_pat_of_the_matrix' } },
  },
  filter: { accounts: [account] },
});

/** A draft of its own. */
export async function connection({ app }: World, side: Side): Promise<string> {
  const { createTicketConnection } = await app.get<{ createTicketConnection: { connection: { id: string } } }>(
    side.proposer,
    'mutation ($i: TicketConnectionInput!) { createTicketConnection(input: $i) { connection { id } } }',
    { i: connectionInput(side) },
  );
  return createTicketConnection.connection.id;
}

export const aConnection = once(connection);

/** The same one each time, as if a test ticket had proven it, in this state: a tenant may have twenty. */
export async function connectionIn(state: 'draft' | 'active' | 'paused', world: World, side: Side): Promise<string> {
  const id = await changing(world, side);
  await world.build.database.inTenant(side.id, (manager) =>
    manager.query(
      'UPDATE ticket_connections SET tested_version = version, state = $3 WHERE tenant_id = $1 AND id = $2',
      [side.id, readId(id, 'id').id, state],
    ),
  );
  return id;
}

const changing = once(connection);

export const aTicket = once(async (world, side) => {
  const id = newId();
  const { id: connectionId } = readId(await aConnection(world, side), 'id');
  await world.build.database.inTenant(side.id, (manager) =>
    manager.query(
      `INSERT INTO tickets (tenant_id, id, connection_id, subject, key, one_for, account_id, next_at, created_at, changed_at)
       VALUES ($1, $2, $3, 'account ' || $4::text, 'of the matrix', 'account', $4::uuid, now(), now(), now())`,
      [side.id, id, connectionId, readId(side.account, 'id').id],
    ),
  );
  return encodeId('Ticket', side.id, id);
});
