import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { Config, type ConfigValues } from '../../src/config';
import { newId } from '../../src/ids';
import { Replays } from '../../src/notifications/deliveries/replays.service';
import { TestDeliveries } from '../../src/notifications/deliveries/test-deliveries.service';
import { EndpointPreparation } from '../../src/notifications/endpoints/endpoint-preparation.service';
import { Endpoints } from '../../src/notifications/endpoints/endpoints.service';
import type { TicketConnectionRequest } from '../../src/notifications/tickets/connections/ticket-connection-request';
import { TicketConnections } from '../../src/notifications/tickets/connections/ticket-connections.service';
import { InboundMessages } from '../../src/notifications/tickets/inbound/inbound-messages.service';
import { TicketSystems } from '../../src/notifications/tickets/systems';
import type { TicketRow } from '../../src/notifications/tickets/ticket';
import { Metrics } from '../../src/observability/metrics.service';
import { nodeNetwork } from '../../src/outbound/network';
import { Outbound } from '../../src/outbound/outbound.service';
import { Events } from '../../src/tasks/events.service';
import { DAY_MS } from '../../src/clock';
import { TenantOfEndpoints } from './endpoint-fixture';
import type { FakeAnswer, FakeRequest } from './fakes/fake-server';
import { FakeHelpdesk } from './fakes/helpdesk.fake';
import { type NotifiedWorld, startNotifiedWorld } from './proofs/notified-world';
import { clock, connectionOf, content } from './systems-world';

jest.setTimeout(120_000);

let world: NotifiedWorld;
let tenant: TenantOfEndpoints;

const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);
const rows = <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
  world.pipeline.rows<T>(statement, values);
const inTenant = <T>(work: (manager: EntityManager) => Promise<T>, id = tenant.id): Promise<T> =>
  world.pipeline.tenants.inTenant(id, work);
const record = (events: Parameters<Events['record']>[2]) =>
  inTenant((manager) => get(Events).record(manager, tenant.id, events));
async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(50)) if (await holds()) return;
  throw new Error(`It never was: ${what}.`);
}

/** A desk of somebody who means us ill, or who does not know better. */
class HostileHelpdesk extends FakeHelpdesk {
  /** Tickets with this in their subject get an id that no database takes. */
  poison: string | null = null;
  /** A rule there that closes whatever is opened again. */
  closesAgain = false;
  reopenings = 0;

  protected override handle(request: FakeRequest): FakeAnswer {
    const wanted = (request.json ?? {}) as { subject?: string; status?: string };
    if (request.method === 'POST' && this.poison !== null && wanted.subject?.includes(this.poison)) {
      return { status: 201, json: { ticket: { id: 'a\u0000b', status: 'new' } } };
    }
    const answer = super.handle(request);
    if (wanted.status !== 'new') return answer;
    this.reopenings += 1;
    if (!this.closesAgain) return answer;
    const id = request.path.split('/').at(-1) ?? '';
    this.edit(id, { status: 'solved' });
    return super.handle({ ...request, method: 'GET' });
  }
}

beforeAll(async () => {
  world = await startNotifiedWorld();
});
afterAll(() => world.stop());

describe('one that is poisoned', () => {
  beforeEach(async () => {
    tenant = await TenantOfEndpoints.of(world);
  });
  // What is to be tried again later would be waited for by whoever settles the world.
  afterEach(() => rows("UPDATE tasks SET state = 'cancelled', finished_at = now() WHERE state = 'waiting'"));

  it('event is held back, with what comes after it of its object, and no other one', async () => {
    const { path } = await tenant.endpoint();
    await record([
      // No digest says so little.
      { type: 'digest.daily', objectType: 'account', objectId: tenant.accounts[0] ?? '', data: {} },
      { type: 'account.lost-access', objectType: 'account', objectId: tenant.accounts[0] ?? '', data: {} },
      { type: 'account.lost-access', objectType: 'account', objectId: tenant.accounts[1] ?? '', data: {} },
    ]);
    await until(() => Promise.resolve(world.receiver.of(path).length === 1), 'delivered');
    const held = await rows<{ type: string }>(
      `SELECT e.type FROM unpublished_events u JOIN events e ON e.id = u.event_id WHERE u.tenant_id = $1 ORDER BY position`,
      [tenant.id],
    );
    expect(held.map(({ type }) => type)).toEqual(['digest.daily', 'account.lost-access']);
    await rows("UPDATE events SET at = at - interval '1 hour' WHERE tenant_id = $1", [tenant.id]);
    const waits = /^mothball_events_oldest_unpublished_seconds ([\d.]+)$/m;
    expect(Number(waits.exec(await get(Metrics).registry.metrics())?.[1])).toBeGreaterThan(3_599);
    const [seq] = await rows<{ last_seq: string }>('SELECT last_seq FROM publishing WHERE tenant_id = $1', [tenant.id]);
    expect(seq?.last_seq).toBe('1');
    await rows("DELETE FROM unpublished_events u USING events e WHERE e.id = u.event_id AND e.type = 'digest.daily'");
    await tenant.happens('account.left', 1);
    await world.settle();
    expect(world.receiver.of(path)).toHaveLength(3);
  });

  it('event is held back with two thousand more, and what is behind all of them is published', async () => {
    const { path } = await tenant.endpoint();
    const [first = '', second = ''] = tenant.accounts;
    const poison = { type: 'digest.daily', objectType: 'account', objectId: first, data: {} };
    await record(Array.from({ length: 2_001 }, () => poison));
    await record([
      { type: 'account.lost-access', objectType: 'account', objectId: first, data: {} },
      { type: 'account.lost-access', objectType: 'account', objectId: second, data: {} },
    ]);
    const unpublished = async () => {
      const [row] = await rows<{ count: number }>(
        'SELECT count(*)::int AS count FROM unpublished_events WHERE tenant_id = $1',
        [tenant.id],
      );
      return row?.count ?? 0;
    };
    await until(() => Promise.resolve(world.receiver.of(path).length === 1), 'delivered');
    // What comes later of the object that is held is held as well.
    expect(await unpublished()).toBe(2_002);
    await rows("DELETE FROM unpublished_events u USING events e WHERE e.id = u.event_id AND e.type = 'digest.daily'");
    await tenant.happens('account.left', 1);
    await world.settle();
    expect(await unpublished()).toBe(0);
    expect(world.receiver.of(path)).toHaveLength(3);
  });

  it('batch fails, and holds up no other message of its endpoint', async () => {
    const { id } = await tenant.endpoint({ sends: 'batch' });
    await tenant.happens('account.lost-access', 0);
    await tenant.happens('account.lost-access', 1);
    await world.settle();
    await rows("UPDATE published_events SET facts = '{}' WHERE tenant_id = $1 AND account_id = $2", [
      tenant.id,
      tenant.accounts[0],
    ]);
    world.pass(1.1);
    await world.turn();
    await until(async () => !(await tenant.states(id)).includes('gathering'), 'over');
    await world.settle();
    expect((await tenant.states(id)).sort()).toEqual(['delivered', 'failed']);
  });
});

describe('a receiver', () => {
  beforeEach(async () => {
    tenant = await TenantOfEndpoints.of(world);
  });

  it('that says 410 at the old address does not disable the new one', async () => {
    const { id, path } = await tenant.endpoint();
    const next = `/${newId()}`;
    world.receiver.behave(path, () => ({ does: 'refuse', status: 410 }));
    world.receiver.interpose = async (received) => {
      if (received.path !== path) return;
      const settings = { url: `${world.receiver.url}${next}` };
      const prepared = await get(EndpointPreparation).prepareChange(tenant.id, id, { settings });
      await inTenant((manager) => get(Endpoints).change(manager, tenant.id, id, prepared));
    };
    await tenant.happens('account.lost-access');
    await world.settle();
    world.receiver.interpose = () => {};
    expect(await tenant.row(id)).toMatchObject({ state: 'active', failures: 0 });
    await tenant.happens('account.left', 1);
    await world.settle();
    expect(world.receiver.of(next)).toHaveLength(1);
  });

  it.each([
    ['', 'of now'],
    [' then', 'that was put off'],
  ])(
    'never hears of something older because it was replayed just when the newer was accepted, by a task%s %s',
    async (key) => {
      const { id, path } = await tenant.endpoint();
      world.receiver.behave(path, () => ({ does: 'refuse', status: 500 }));
      const older = await tenant.happens('account.lost-access');
      await world.settle();
      await rows("UPDATE deliveries SET state = 'failed', next_at = NULL, ended_at = now() WHERE endpoint_id = $1", [
        id,
      ]);
      await rows('UPDATE endpoints SET failures = 0, wait_until = NULL WHERE id = $1', [id]);
      world.receiver.behave(path, () => ({ does: 'accept' }));
      let replayed: Promise<number> | undefined;
      let saw = (): void => {};
      const seen = new Promise<void>((resolve) => (saw = resolve));
      world.receiver.interpose = async () => {
        world.receiver.interpose = () => {};
        // A replay calls the task of now, and so waits for that one by itself.
        await rows("UPDATE tasks SET dedupe_key = $1 || $2 WHERE kind = 'deliver' AND dedupe_key = $1", [id, key]);
        // What it sees is from before the answer, what it writes comes after.
        replayed = inTenant(async (manager) => {
          const count = await get(Replays).many(manager, tenant.id, { endpointId: id, onlyFailed: true });
          saw();
          await sleep(500);
          return count;
        });
        await seen;
      };
      await tenant.happens('account.left');
      await until(() => Promise.resolve(replayed !== undefined), 'replayed');
      await replayed;
      await world.settle();
      const heard = world.receiver.of(path).map(({ body }) => (JSON.parse(body) as { type: string }).type);
      expect(older).not.toBe('');
      expect(heard).toEqual(['account.lost-access', 'account.left']);
      expect(await tenant.states(id)).toEqual(['superseded', 'delivered']);
    },
  );
});

describe('another tenant’s', () => {
  it('endpoints, deliveries and events are nobody’s', async () => {
    const other = await TenantOfEndpoints.of(world);
    const theirs = await other.endpoint();
    const event = await other.happens('account.left');
    tenant = await TenantOfEndpoints.of(world);
    const ours = await tenant.endpoint();
    await world.settle();
    const [delivery] = await other.deliveries(theirs.id);
    const before = [await other.row(theirs.id), await other.deliveries(theirs.id), await other.attempts(theirs.id)];
    const deeds: ((manager: EntityManager) => Promise<unknown>)[] = [
      (manager) => get(Replays).one(manager, tenant.id, delivery?.id ?? ''),
      (manager) => get(Replays).many(manager, tenant.id, { endpointId: theirs.id, onlyFailed: true }),
      (manager) => get(Replays).many(manager, tenant.id, { endpointId: ours.id, fromEventId: event }),
      (manager) => get(Replays).cancel(manager, tenant.id, { endpointId: theirs.id }),
      (manager) => get(TestDeliveries).send(manager, tenant.id, theirs.id),
      (manager) => get(Endpoints).pause(manager, tenant.id, theirs.id),
      (manager) => get(Endpoints).remove(manager, tenant.id, theirs.id),
      (manager) => get(Endpoints).rotateSecret(manager, tenant.id, theirs.id, null),
    ];
    for (const deed of deeds) await expect(inTenant(deed)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const filter = { accountIds: [other.accounts[0] ?? ''] };
    await expect(tenant.endpoint({ filter })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await world.settle();
    expect([await other.row(theirs.id), await other.deliveries(theirs.id), await other.attempts(theirs.id)]).toEqual(
      before,
    );
  });
});

describe('tickets', () => {
  let desk: HostileHelpdesk;
  let tenantId: string;
  let account: string;
  let connectionId: string;
  let secret: string;

  const daysAgo = (days: number): number =>
    Math.floor((world.pipeline.simulator.world.now() - days * DAY_MS) / 1_000) * 1_000;
  const makeRole = (name: string): void =>
    void world.pipeline.simulator.control.createRole(account, {
      ...{ name, createdAt: daysAgo(399), lastUse: { at: daysAgo(200), service: 'ec2', region: 'eu-west-1' } },
    });
  const scan = async (): Promise<void> => {
    world.pipeline.simulator.control.expireReports();
    await world.pipeline.sweep(tenantId);
    await world.settle();
    await world.turn();
  };
  const later = async (minutes: number): Promise<void> => {
    world.pass(minutes);
    await world.turn();
  };
  const tickets = (): Promise<TicketRow[]> =>
    rows<TicketRow>('SELECT * FROM tickets WHERE connection_id = $1 ORDER BY created_at, id', [connectionId]);
  const connections = () => get(TicketConnections);
  /** Made, proven and activated. */
  const connected = async (changes: Partial<TicketConnectionRequest> = {}): Promise<void> => {
    const prepared = await connections().prepare(tenantId, {
      ...{ name: newId(), system: 'template', oneFor: 'finding', settings: desk.settings() },
      ...{ credential: desk.credential, filter: { checks: ['unused-role'] } },
      ...changes,
    });
    const made = await inTenant((m) => connections().create(m, tenantId, prepared, { name: 'Ada' }), tenantId);
    connectionId = made.id;
    secret = made.inboundSecret ?? '';
    await inTenant((manager) => connections().test(manager, tenantId, connectionId), tenantId);
    await world.settle();
    await inTenant((manager) => connections().activate(manager, tenantId, connectionId), tenantId);
  };
  const removed = async (): Promise<void> => {
    await inTenant((m) => connections().remove(m, tenantId, connectionId, { closeTickets: false }), tenantId);
  };
  const tell = (id: string) =>
    get(InboundMessages).take(tenantId, connectionId, { ...desk.message(id, secret), at: world.clock.now() });

  beforeAll(async () => {
    desk = await new HostileHelpdesk(() => world.clock.now()).start();
    account = world.pipeline.simulator.world.organization.managementAccountId;
    for (const name of ['alpha', 'beta']) makeRole(name);
    tenantId = await world.pipeline.createTenant();
    await world.pipeline.connectOrganization();
    await world.pipeline.assign(tenantId, [account]);
    await world.settle();
  });
  afterAll(() => desk.stop());

  it('of which one cannot be kept hold up no other one', async () => {
    desk.poison = 'alpha';
    await connected();
    await until(async () => (await tickets()).some(({ state }) => state === 'open'), 'open');
    const poisoned = (await tickets()).find(({ state }) => state === 'waiting');
    expect(poisoned).toMatchObject({ last_error: expect.any(String) as string, failures: 1 });
    desk.poison = null;
    for (let minute = 0; minute < 4; minute += 1) await later(30);
    expect((await tickets()).map(({ state }) => state)).toEqual(['open', 'open']);
    await removed();
  });

  it('that a rule there closes whenever they are opened are not fought over', async () => {
    await connected({ oneFor: 'account', reopens: true });
    await world.turn();
    const [first] = await tickets();
    const id = first?.remote_id ?? '';
    desk.edit(id, { status: 'solved' });
    desk.closesAgain = true;
    desk.reopenings = 0;
    // Something new is a reason to open it again; to do so without end is none.
    makeRole('gamma');
    await scan();
    for (let hour = 0; hour < 6; hour += 1) await later(60);
    expect(desk.reopenings).toBeGreaterThan(0);
    expect(desk.reopenings).toBeLessThanOrEqual(3);
    expect((await tickets()).length).toBeLessThanOrEqual(4);
    desk.closesAgain = false;
    await removed();
  });

  it('that somebody closes each time after a while are opened again three times a day, and then left alone', async () => {
    await connected({ oneFor: 'account', reopens: true });
    await world.turn();
    const [first] = await tickets();
    const id = first?.remote_id ?? '';
    desk.reopenings = 0;
    for (let round = 0; round < 6; round += 1) {
      world.pass(1);
      desk.edit(id, { status: 'solved' });
      await tell(id);
      await world.turn();
      await later(1);
    }
    expect(desk.reopenings).toBe(3);
    expect(desk.ticket(id)).toMatchObject({ status: 'solved' });
    await later(25 * 60);
    desk.edit(id, { status: 'new' });
    await tell(id);
    await world.turn();
    expect(await tickets()).toMatchObject([{ state: 'open', closing: null }]);
    await removed();
  });

  it('of which one may have been opened do not keep the driver busy once the daily cap is reached', async () => {
    await connected({ dailyCap: 1 });
    await world.turn();
    const held = (await tickets()).filter(({ state }) => state === 'waiting');
    expect(held).toHaveLength((await tickets()).length - 1);
    // The create of one was sent more than a day ago, and nobody knows what became of it.
    const at = new Date(world.clock.now().getTime() - 2 * DAY_MS);
    await rows(
      `INSERT INTO ticket_steps (tenant_id, id, ticket_id, connection_id, at, kind, outcome, intent)
       SELECT tenant_id, $3, id, connection_id, $2, 'create', 'unknown', 'x' FROM tickets WHERE id = $1`,
      [held[0]?.id, at, newId().replace(/^../, '00')],
    );
    for (let minute = 0; minute < 3; minute += 1) await later(2);
    const looked = () => desk.count('GET', '/api/tickets');
    const before = looked();
    await later(1);
    expect(looked()).toBe(before);
    expect((await tickets()).filter(({ state }) => state === 'waiting')).toHaveLength(held.length);
    await removed();
  });
});

describe('a name server that fails for a moment', () => {
  it('is no refusal of the ticketing system: the connection only waits', async () => {
    const outbound = { ports: [443], allowed: [{ host: 'desk.example.com', port: 443 }], proxy: null, loopback: false };
    const config = new Config({ outbound: { ...outbound, certificates: null } } as unknown as ConfigValues);
    const network = { ...nodeNetwork, resolve: () => Promise.reject(new Error('SERVFAIL')) };
    const system = new TicketSystems(new Outbound(config, network), config, clock).of('template');
    const desk = new FakeHelpdesk();
    await desk.start();
    const settings = { ...desk.settings(), base: 'https://desk.example.com/api' };
    await desk.stop();
    const connection = connectionOf('template', settings, { headers: {} });
    await expect(system.create(connection, content())).rejects.toMatchObject({ kind: 'busy' });
  });
});
