import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../../src/clock';
import { newId } from '../../src/ids';
import type { TicketConnectionRow } from '../../src/notifications/tickets/connections/ticket-connection';
import type { TicketConnectionRequest } from '../../src/notifications/tickets/connections/ticket-connection-request';
import { TicketConnections } from '../../src/notifications/tickets/connections/ticket-connections.service';
import { InboundMessages } from '../../src/notifications/tickets/inbound/inbound-messages.service';
import { TicketMarks } from '../../src/notifications/tickets/marking/ticket-marks.service';
import type { TicketRow } from '../../src/notifications/tickets/ticket';
import { TicketRetries } from '../../src/notifications/tickets/ticket-retries.service';
import type { FakeAnswer, FakeRequest } from './fakes/fake-server';
import { FakeHelpdesk } from './fakes/helpdesk.fake';
import { type NotifiedWorld, startNotifiedWorld } from './proofs/notified-world';

jest.setTimeout(180_000);

/** A helpdesk that is out of order in some way. */
class BrokenHelpdesk extends FakeHelpdesk {
  /** What it answers instead; null: as always. */
  broken: ((request: FakeRequest) => FakeAnswer | null) | null = null;

  protected override handle(request: FakeRequest): FakeAnswer {
    return this.broken?.(request) ?? super.handle(request);
  }
}

const REFUSED = { status: 401, json: { error: 'unauthorized' } };

let world: NotifiedWorld;
let desk: BrokenHelpdesk;
let tenantId: string;
let account: string;
let connectionId: string;
let secret: string;

const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);
const rows = <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
  world.pipeline.rows<T>(statement, values);
const inTenant = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);
const connections = () => get(TicketConnections);

const daysAgo = (days: number): number =>
  Math.floor((world.pipeline.simulator.world.now() - days * DAY_MS) / 1_000) * 1_000;
const makeRole = (name: string): void =>
  void world.pipeline.simulator.control.createRole(account, {
    ...{ name, createdAt: daysAgo(399), lastUse: { at: daysAgo(200), service: 'ec2', region: 'eu-west-1' } },
  });
const useRole = (roleName: string): void => void world.pipeline.simulator.control.use({ accountId: account, roleName });
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
/** All of the account's findings go, and come back. */
const leave = async (): Promise<void> => {
  await rows("UPDATE accounts SET status = 'left', left_at = now() WHERE tenant_id = $1", [tenantId]);
  await world.turn();
};
const comeBack = async (): Promise<void> => {
  await rows("UPDATE accounts SET status = 'owned', left_at = NULL WHERE tenant_id = $1 AND status = 'left'", [
    tenantId,
  ]);
  await world.turn();
};

const tickets = (): Promise<TicketRow[]> =>
  rows<TicketRow>('SELECT * FROM tickets WHERE connection_id = $1 ORDER BY created_at, id', [connectionId]);
const connection = async (): Promise<TicketConnectionRow> => {
  const [row] = await rows<TicketConnectionRow>('SELECT * FROM ticket_connections WHERE id = $1', [connectionId]);
  if (!row) throw new Error('There is no connection.');
  return row;
};
/** Made, proven and activated; its tickets are open. */
const connected = async (changes: Partial<TicketConnectionRequest> = {}): Promise<void> => {
  const prepared = await connections().prepare(tenantId, {
    ...{ name: newId(), system: 'template', oneFor: 'finding', settings: desk.settings() },
    ...{ credential: desk.credential, filter: { checks: ['unused-role'] } },
    ...changes,
  });
  const made = await inTenant((manager) => connections().create(manager, tenantId, prepared, { name: 'Ada' }));
  connectionId = made.id;
  secret = made.inboundSecret ?? '';
  await inTenant((manager) => connections().test(manager, tenantId, connectionId));
  await world.settle();
  await inTenant((manager) => connections().activate(manager, tenantId, connectionId));
  await world.turn();
};
/** With one ticket for all of the account: its id there. */
const connectedByAccount = async (): Promise<string> => {
  await connected({ oneFor: 'account' });
  const [ticket] = await tickets();
  expect(ticket).toMatchObject({ state: 'open' });
  return ticket?.remote_id ?? '';
};
const isAbout =
  (id: string, asked: string) =>
  ({ method, path }: FakeRequest): boolean =>
    method === asked && path === `/api/tickets/${id}`;
const tell = (id: string) =>
  get(InboundMessages).take(tenantId, connectionId, { ...desk.message(id, secret), at: world.clock.now() });
/** The ticket is being read: the answer, which is what holds now, comes after so long. */
const whileRead = async (id: string, ms: number): Promise<void> => {
  desk.next({ kind: 'late', ms }, isAbout(id, 'GET'));
  const asked = desk.log.length;
  world.pass(1);
  expect(await tell(id)).toBe('taken');
  await sleep(700);
  expect(desk.log.length).toBe(asked);
};

beforeAll(async () => {
  world = await startNotifiedWorld();
  desk = await new BrokenHelpdesk(() => world.clock.now()).start();
  account = world.pipeline.simulator.world.organization.managementAccountId;
  for (const name of ['alpha', 'beta']) makeRole(name);
  tenantId = await world.pipeline.createTenant();
  await world.pipeline.connectOrganization();
  await world.pipeline.assign(tenantId, [account]);
  await world.settle();
});
afterEach(async () => {
  desk.broken = null;
  await comeBack();
  if ((await connection()).deleted_at !== null) return;
  await inTenant((manager) => connections().remove(manager, tenantId, connectionId, { closeTickets: false }));
});
afterAll(async () => {
  await desk.stop();
  await world.stop();
});

describe('a ticket of which the answer to our last request was lost', () => {
  it('is closed with its last finding, when it was opened again by that', async () => {
    const id = await connectedByAccount();
    await leave();
    expect(desk.ticket(id).status).toBe('solved');
    desk.next({ kind: 'answer-lost' }, isAbout(id, 'PATCH'));
    await comeBack();
    expect(desk.ticket(id).status).toBe('new');
    await leave();
    await later(60);
    expect(desk.ticket(id).status).toBe('solved');
    expect(await tickets()).toMatchObject([{ state: 'closed', remote_state: 'closed', ours: 'closed', next_at: null }]);
    await comeBack();
    expect(desk.ticket(id).notes.filter((note) => note.includes('leaves the ticket to you'))).toEqual([]);
  });

  it('is opened again with its findings, when it was closed by that', async () => {
    const id = await connectedByAccount();
    desk.next({ kind: 'answer-lost' }, isAbout(id, 'PATCH'));
    await leave();
    expect(desk.ticket(id).status).toBe('solved');
    await comeBack();
    await later(60);
    expect(desk.ticket(id).status).toBe('new');
    expect(desk.ticket(id).notes.filter((note) => note.includes('looked again'))).toEqual([]);
  });

  it('is read, when the worker that sent it ended', async () => {
    const id = await connectedByAccount();
    await leave();
    // It is opened there, and nobody hears of it: the run has ended before.
    desk.edit(id, { status: 'new' });
    await rows(
      `INSERT INTO ticket_steps (tenant_id, id, ticket_id, connection_id, at, kind, outcome, intent)
       SELECT tenant_id, $2, id, connection_id, $3, 'reopen', 'sending', 'x' FROM tickets WHERE connection_id = $1`,
      [connectionId, newId(), world.clock.now()],
    );
    await rows('UPDATE tickets SET next_at = $2 WHERE connection_id = $1', [connectionId, world.clock.now()]);
    await later(1);
    expect(desk.ticket(id).status).toBe('solved');
  });
});

describe('one ticket', () => {
  it.each([
    ['cannot be read (500)', 'GET', 500],
    ['cannot be read (403)', 'GET', 403],
    ['conflicts each time (409)', 'PATCH', 409],
    ['is never closed (500)', 'PATCH', 500],
    ['must not be closed (403)', 'PATCH', 403],
  ])('that %s holds up no other one', async (what, method, status) => {
    const [one, other] = [`one-${what.length}-${status}`, `other-${what.length}-${status}`];
    for (const name of [one, other]) makeRole(name);
    await scan();
    await connected();
    const idOf = (role: string): string => desk.tickets.findLast(({ subject }) => subject.includes(role))?.id ?? '';
    const [bad, good] = [idOf(one), idOf(other)];
    desk.broken = (request) => (isAbout(bad, method)(request) ? { status, json: { error: 'broken' } } : null);
    useRole(one);
    await scan();
    await later(1);
    useRole(other);
    await scan();
    for (let times = 0; times < 4; times += 1) await later(30);
    expect([desk.ticket(good).status, desk.ticket(bad).status]).toEqual(['solved', 'new']);
    expect((await tickets()).find(({ remote_id }) => remote_id === bad)).toMatchObject({
      ...{ failing_since: expect.any(Date) as Date, last_error: expect.any(String) as string },
    });
    // It was not the connection.
    if (method === 'GET') {
      for (let times = 0; times < 8; times += 1) await later(30);
      expect(await connection()).toMatchObject({ state: 'active' });
    }
  });

  it('is read again for what people did while it was being read', async () => {
    const id = await connectedByAccount();
    await whileRead(id, 1_500);
    world.pass(1);
    desk.edit(id, { status: 'rejected' });
    expect(await tell(id)).toBe('taken');
    await world.settle();
    await later(5);
    expect(await tickets()).toMatchObject([{ remote_state: 'closed', closing: 'wont-do' }]);
  });

  it('is read for what people did, when at first it could not be', async () => {
    const id = await connectedByAccount();
    world.pass(1);
    desk.edit(id, { status: 'rejected' });
    desk.next({ kind: 'answer', answer: { status: 503 } }, isAbout(id, 'GET'));
    expect(await tell(id)).toBe('taken');
    await world.settle();
    await later(5);
    expect(await tickets()).toMatchObject([{ remote_state: 'closed', closing: 'wont-do' }]);
  });
});

describe('a refusal', () => {
  it('today and one tomorrow, with answers as they should be in between, disable nothing', async () => {
    await connectedByAccount();
    desk.next({ kind: 'answer', answer: REFUSED });
    await later(24 * 60 + 1);
    expect(await connection()).toMatchObject({ state: 'active', refused_since: expect.any(Date) as Date });
    const before = desk.count('GET', '/api/tickets/*');
    await later(21);
    expect(desk.count('GET', '/api/tickets/*')).toBeGreaterThan(before);
    expect(await connection()).toMatchObject({ refused_since: null, failures: 0 });
    desk.next({ kind: 'answer', answer: REFUSED });
    await later(24 * 60 + 1);
    expect(await connection()).toMatchObject({ state: 'active' });
  });

  it('of everything that writes disables the connection after an hour, though it may read', async () => {
    await connectedByAccount();
    desk.broken = ({ method }) => (method === 'GET' ? null : REFUSED);
    makeRole('refused-to-write');
    await scan();
    for (let times = 0; times < 3; times += 1) {
      expect(await connection()).toMatchObject({ state: 'active', trouble_with: 'writing' });
      await later(21);
    }
    expect(await connection()).toMatchObject({ state: 'disabled' });
    desk.broken = null;
    await inTenant((manager) => connections().resume(manager, tenantId, connectionId));
    await world.turn();
    expect(desk.tickets.at(-1)?.description).toContain('refused-to-write');
    expect(await connection()).toMatchObject({ state: 'active', refused_since: null, trouble_with: null });
  });

  it('to write, long ago, says nothing of one today', async () => {
    await connectedByAccount();
    const isWriting = ({ method }: FakeRequest): boolean => method === 'PATCH';
    desk.next({ kind: 'answer', answer: REFUSED }, isWriting);
    makeRole('refused-once');
    await scan();
    // It is not wanted any more before it is tried again.
    useRole('refused-once');
    await scan();
    await later(3 * 60);
    expect(await connection()).toMatchObject({ state: 'active', refused_since: expect.any(Date) as Date });
    desk.next({ kind: 'answer', answer: REFUSED }, isWriting);
    makeRole('refused-again');
    await scan();
    expect(await connection()).toMatchObject({ state: 'active' });
    await later(21);
    expect(desk.tickets.at(-1)?.description).toContain('refused-again');
  });

  it('that is answered after people have paused and resumed the connection says nothing of it', async () => {
    const id = await connectedByAccount();
    const since = new Date(world.clock.now().getTime() - 59 * 60_000);
    await rows(
      "UPDATE ticket_connections SET refused_since = $2, last_failure_at = $3, trouble_with = 'reading' WHERE id = $1",
      [connectionId, since, world.clock.now()],
    );
    desk.broken = (request) => (isAbout(id, 'GET')(request) ? REFUSED : null);
    await whileRead(id, 1_500);
    desk.broken = null;
    await inTenant((manager) => connections().pause(manager, tenantId, connectionId));
    await inTenant((manager) => connections().resume(manager, tenantId, connectionId));
    await world.settle();
    expect(await connection()).toMatchObject({ state: 'active', refused_since: null });
  });

  it('while a connection is removed does not make people’s decision forgotten', async () => {
    const id = await connectedByAccount();
    desk.broken = () => REFUSED;
    await inTenant((manager) => connections().remove(manager, tenantId, connectionId, { closeTickets: true }));
    await world.turn();
    for (let times = 0; times < 4; times += 1) await later(21);
    expect(await connection()).toMatchObject({ state: 'disabled' });
    desk.broken = null;
    await inTenant((manager) => connections().resume(manager, tenantId, connectionId));
    await world.turn();
    await later(1);
    expect(desk.ticket(id).status).toBe('solved');
    expect((await connection()).deleted_at).not.toBeNull();
  });
});

describe('a connection’s driver', () => {
  /** As each of its transactions does: the task that runs, then something of what it is about. */
  const drive = async (take: string, values: unknown[]): Promise<{ over: Promise<void> }> => {
    const [task] = await rows<{ id: string }>(
      "SELECT id FROM tasks WHERE kind = 'sync-tickets' AND state = 'running' AND payload ->> 'connectionId' = $1",
      [connectionId],
    );
    expect(task).toBeDefined();
    let hold = (): void => undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    const over = inTenant(async (manager) => {
      await manager.query('SELECT 1 FROM tasks WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [tenantId, task?.id]);
      hold();
      await sleep(800);
      await manager.query(take, values);
    });
    await held;
    return { over };
  };
  const others: [who: string, take: 'tickets' | 'ticket_connections', work: (id: string) => Promise<unknown>][] = [
    ['marking', 'tickets', () => inTenant((manager) => get(TicketMarks).mark(manager, tenantId))],
    ['what comes in', 'tickets', (id) => tell(id)],
    [
      'retrying',
      'tickets',
      async () => {
        const [ticket] = await tickets();
        return inTenant((manager) => get(TicketRetries).retry(manager, tenantId, ticket?.id ?? ''));
      },
    ],
    [
      'changing',
      'ticket_connections',
      async () => {
        const prepared = await connections().prepareChange(tenantId, connectionId, { dailyCap: 7 });
        return inTenant((manager) => connections().change(manager, tenantId, connectionId, prepared));
      },
    ],
    [
      'removing',
      'ticket_connections',
      () => inTenant((manager) => connections().remove(manager, tenantId, connectionId, { closeTickets: true })),
    ],
  ];

  it.each(others)('and %s do not wait for each other in a circle', async (_who, take, work) => {
    const id = await connectedByAccount();
    await whileRead(id, 3_000);
    await rows(
      'INSERT INTO ticket_marks (tenant_id, account_id) SELECT tenant_id, account_id FROM tickets WHERE id = $1',
      [(await tickets())[0]?.id],
    );
    const which = take === 'tickets' ? 'connection_id' : 'id';
    const { over } = await drive(`SELECT 1 FROM ${take} WHERE tenant_id = $1 AND ${which} = $2 FOR NO KEY UPDATE`, [
      ...[tenantId, connectionId],
    ]);
    const ends = await Promise.allSettled([over, work(id)]);
    expect(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : 'good'))).toEqual(['good', 'good']);
    await world.settle();
  });

  it('gives its place back after ten seconds, where answers are slow, and goes on by itself', async () => {
    for (const name of ['slow-one', 'slow-two']) makeRole(name);
    await scan();
    await connected();
    const slow = (await tickets()).filter(({ title }) => title?.includes('slow-') === true);
    expect(slow).toHaveLength(2);
    for (const { remote_id } of slow) {
      desk.next({ kind: 'late', ms: 11_000 }, isAbout(remote_id ?? '', 'GET'));
      useRole(desk.ticket(remote_id ?? '').subject.includes('slow-one') ? 'slow-one' : 'slow-two');
    }
    const began = performance.now();
    await scan();
    // One was read and closed; the other has its turn after a rest, in another run.
    expect(performance.now() - began).toBeLessThan(20_000);
    const states = (): string[] => slow.map(({ remote_id }) => desk.ticket(remote_id ?? '').status).sort();
    expect(states()).toEqual(['new', 'solved']);
    expect((await connection()).wait_until?.getTime()).toBeGreaterThan(world.clock.now().getTime());
    await later(1);
    expect(states()).toEqual(['solved', 'solved']);
  });
});
