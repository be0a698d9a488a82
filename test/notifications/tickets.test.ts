import type { EntityManager } from 'typeorm';
import { ExemptionDecisions } from '../../src/findings/exemptions/exemption-decisions.service';
import { TicketConnections } from '../../src/notifications/tickets/connections/ticket-connections.service';
import type { TicketConnectionRequest } from '../../src/notifications/tickets/connections/ticket-connection-request';
import type { ConnectionTest } from '../../src/notifications/tickets/connections/ticket-connection';
import { InboundMessages } from '../../src/notifications/tickets/inbound/inbound-messages.service';
import { TicketPreviews } from '../../src/notifications/tickets/ticket-previews.service';
import { TicketQueries } from '../../src/notifications/tickets/ticket-queries';
import { TicketRetries } from '../../src/notifications/tickets/ticket-retries.service';
import type { TicketRow } from '../../src/notifications/tickets/ticket';
import { encodeId } from '../../src/api-id';
import { DAY_MS } from '../../src/clock';
import { Metrics } from '../../src/observability/metrics.service';
import { FakeGitHub } from './fakes/github.fake';
import { type NotifiedWorld, startNotifiedWorld } from './proofs/notified-world';

jest.setTimeout(120_000);

const PEOPLE = { name: 'alice', standsFor: 'https://people.test alice' };

let world: NotifiedWorld;
let github: FakeGitHub;
let tenantId: string;
let account: string;
let connectionId: string;
let inboundSecret: string;

const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);
const inTenant = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);
const control = () => world.pipeline.simulator.control;
const daysAgo = (days: number): number =>
  Math.floor((world.pipeline.simulator.world.now() - days * DAY_MS) / 1_000) * 1_000;
const makeRole = (name: string): void => {
  control().createRole(account, {
    ...{ name, createdAt: daysAgo(399), lastUse: { at: daysAgo(200), service: 'ec2', region: 'eu-west-1' } },
  });
};
const useRole = (roleName: string): void => void control().use({ accountId: account, roleName });

/** A scan, and whatever follows from it. */
const scan = async (): Promise<void> => {
  control().expireReports();
  await world.pipeline.sweep(tenantId);
  await world.settle();
  await world.turn();
};
/** Later: whatever has become due by then. */
const later = async (minutes: number): Promise<void> => {
  world.pass(minutes);
  await world.turn();
};

const request = (changes: Partial<TicketConnectionRequest> = {}): TicketConnectionRequest => ({
  ...{ name: 'Board', system: 'github', oneFor: 'owner-and-check' },
  settings: { api: github.origin, owner: github.owner, repository: github.repository },
  credential: { token: github.token },
  filter: { checks: ['unused-role'] },
  ...changes,
});
const make = async (changes: Partial<TicketConnectionRequest> = {}): Promise<{ id: string; inboundSecret: string }> => {
  const connections = get(TicketConnections);
  const prepared = await connections.prepare(tenantId, request(changes));
  const made = await inTenant((manager) => connections.create(manager, tenantId, prepared, PEOPLE));
  return { id: made.id, inboundSecret: made.inboundSecret ?? '' };
};
const tested = async (id: string): Promise<ConnectionTest> => {
  await inTenant((manager) => get(TicketConnections).test(manager, tenantId, id));
  await world.settle();
  const [row] = await world.pipeline.rows<{ test: ConnectionTest }>(
    'SELECT test FROM ticket_connections WHERE id = $1',
    [id],
  );
  if (!row) throw new Error('There is no such connection.');
  return row.test;
};
const activate = async (id: string): Promise<void> => {
  await inTenant((manager) => get(TicketConnections).activate(manager, tenantId, id));
  await world.turn();
};
const tickets = (of = connectionId): Promise<TicketRow[]> =>
  world.pipeline.rows('SELECT * FROM tickets WHERE connection_id = $1 ORDER BY created_at, generation', [of]);
const ticket = async (): Promise<TicketRow> => {
  const current = (await tickets()).filter(({ state }) => state !== 'followed');
  expect(current).toHaveLength(1);
  return current[0] as TicketRow;
};
/** What people do there, and that the system tells us of it. */
const people = async (edited: Parameters<FakeGitHub['edit']>[1]): Promise<void> => {
  const number = Number((await ticket()).remote_id);
  world.pass(1);
  github.edit(number, edited);
  expect(await tell(number)).toBe('taken');
  await world.turn();
};
const tell = (number: number, secret = inboundSecret): Promise<'taken' | 'ignored' | 'refused'> =>
  get(InboundMessages).take(tenantId, connectionId, { ...github.message(number, secret), at: world.clock.now() });
const events = async (type: string): Promise<object[]> => {
  const found = await world.pipeline.rows<{ data: object }>(
    'SELECT data FROM events WHERE tenant_id = $1 AND type = $2',
    [tenantId, type],
  );
  return found.map(({ data }) => data);
};
const exemptions = () =>
  world.pipeline.rows<{ id: string; state: string; made_by: string; ended_by: string | null }>(
    'SELECT id, state, made_by, ended_by FROM exemptions ORDER BY made_at, id',
  );
/** How many issues were ever opened with a key, without those of tests. */
const issuesOf = (key: string): number => github.issues.filter(({ body }) => body.includes(key)).length;

beforeAll(async () => {
  world = await startNotifiedWorld();
  github = await new FakeGitHub({ now: () => world.clock.now() }).start();
  account = world.pipeline.simulator.world.organization.managementAccountId;
  for (const name of ['loader', 'runner']) makeRole(name);
  tenantId = await world.pipeline.createTenant();
  await world.pipeline.connectOrganization();
  await world.pipeline.assign(tenantId, [account]);
  await world.settle();
});
afterAll(async () => {
  await github.stop();
  await world.stop();
});

describe('a connection', () => {
  it('is a draft until a test ticket has proven it, and shows what it would open', async () => {
    ({ id: connectionId, inboundSecret } = await make());
    const activating = inTenant((manager) => get(TicketConnections).activate(manager, tenantId, connectionId));
    await expect(activating).rejects.toThrow('testTicketConnection');

    const test = await tested(connectionId);
    expect(test).toMatchObject({ state: 'passed', reference: 'acme/cloud#1' });
    expect(test.steps.map(({ step, ok }) => [step, ok])).toEqual(
      ['examine', 'create', 'update', 'comment', 'close'].map((step) => [step, true]),
    );
    expect(github.issue(1)).toMatchObject({ state: 'closed' });

    const preview = await inTenant((manager) => get(TicketPreviews).preview({ manager, tenantId }, connectionId));
    expect(preview).toMatchObject({ findings: 2, wouldOpen: 1, openNow: 0, withAll: 1, withNewOnly: 0, days: 1 });
    expect(preview.byCheck).toEqual([{ key: 'unused-role', tickets: 1, findings: 2 }]);
    expect(github.issues).toHaveLength(1);
  });

  it('keeps its credential and secret sealed', async () => {
    const [row] = await world.pipeline.rows('SELECT * FROM ticket_connections');
    const [notes] = await world.pipeline.rows<{ text: string }>(
      "SELECT string_agg(e::text, ' ') AS text FROM audit_entries e",
    );
    for (const text of [JSON.stringify(row), notes?.text ?? '']) {
      expect(text).not.toContain(github.token);
      expect(text).not.toContain(inboundSecret);
    }
    expect(notes?.text).toContain('ticket-connection.created');
  });
});

describe('a ticket', () => {
  it('is opened once for an owner’s findings of a check, and says what to do', async () => {
    await activate(connectionId);
    const row = await ticket();
    expect(row).toMatchObject({ state: 'open', findings_count: 2, reference: 'acme/cloud#2', problem: null });
    expect(github.issue(2).title).toBe('Roles should be in use: 2 findings of data');
    for (const said of ['loader', 'runner', 'IAM console']) expect(github.issue(2).body).toContain(said);
    const steps = await inTenant((manager) => get(TicketQueries).steps({ manager, tenantId }, [row.id]));
    expect(steps.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(['find nothing', 'create done']);
  });

  it('is not asked about again while nothing changes', async () => {
    const before = github.log.length;
    await scan();
    expect(github.log.length).toBe(before);
  });

  it('is rewritten when its findings change, but not what people wrote', async () => {
    const body = (): string => github.issue(2).body;
    makeRole('worker');
    await scan();
    expect(body()).toContain('worker');
    world.pass(1);
    github.edit(2, { body: `${body()}\nWe are on it. -- Bob` });
    useRole('worker');
    await scan();
    expect(body()).not.toContain('worker');
    expect(body()).toContain('We are on it. -- Bob');
    expect((await ticket()).findings_count).toBe(2);
  });

  it('ignores the echo of what it wrote, and messages that are forged or heard before', async () => {
    const before = github.log.filter(({ method }) => method !== 'GET').length;
    const message = github.message(2, inboundSecret, 'edited');
    const take = () => get(InboundMessages).take(tenantId, connectionId, { ...message, at: world.clock.now() });
    expect([await take(), await take()]).toEqual(['taken', 'ignored']);
    expect([await tell(2, 'another secret'), await tell(77)]).toEqual(['refused', 'ignored']);
    await world.turn();
    expect(github.log.filter(({ method }) => method !== 'GET').length).toBe(before);
    expect(await ticket()).toMatchObject({ state: 'open', look_at: expect.any(Date) as Date });
  });

  it('set to done too early gets one comment, after a look at IAM', async () => {
    const comments = (): number => github.issue(2).comments.length;
    const before = comments();
    await people({ state: 'closed', stateReason: 'completed' });
    await later(1);
    expect(github.issue(2)).toMatchObject({ state: 'closed' });
    expect(github.issue(2).comments.slice(before)).toEqual([expect.stringContaining('still open')]);
    expect(
      await world.pipeline.rows("SELECT 1 FROM tasks WHERE kind = 'recheck-finding' AND state = 'done'"),
    ).toHaveLength(2);
    await later(25 * 60);
    await scan();
    expect(comments()).toBe(before + 1);
    expect(await ticket()).toMatchObject({ state: 'closed', closing: 'done', reaction: 'told' });
  });

  it('is opened again for something new', async () => {
    makeRole('newcomer');
    await scan();
    expect(github.issue(2)).toMatchObject({ state: 'open' });
    expect(github.issue(2).body).toContain('newcomer');
    expect(await ticket()).toMatchObject({ state: 'open', closing: null, findings_count: 3 });
  });

  it('closed as "won’t do" asks for exemptions, which nobody but people gives; opened again, it asks no more', async () => {
    await people({ state: 'closed', stateReason: 'not_planned' });
    const asked = await exemptions();
    expect(asked.map(({ state, made_by }) => [state, made_by])).toEqual(
      Array(3).fill(['pending', 'ticket acme/cloud#2']),
    );
    await later(60 * 25);
    expect(await exemptions()).toEqual(asked);
    expect(await world.pipeline.rows("SELECT 1 FROM findings WHERE status = 'exempt'")).toEqual([]);

    await people({ state: 'open', stateReason: 'reopened' });
    expect((await exemptions()).map(({ state, ended_by }) => [state, ended_by])).toEqual(
      Array(3).fill(['ended', 'ticket acme/cloud#2']),
    );
    expect(await ticket()).toMatchObject({ state: 'open', closing: null });
  });

  it('stays closed once the exemptions are agreed to, and says so when people open it', async () => {
    await people({ state: 'closed', stateReason: 'not_planned' });
    const pending = (await exemptions()).filter(({ state }) => state === 'pending');
    for (const { id } of pending) {
      await inTenant((manager) => get(ExemptionDecisions).agree(manager, tenantId, PEOPLE, id));
    }
    await world.turn();
    expect(await ticket()).toMatchObject({ state: 'closed', wanted_open: false });

    const said = github.issue(2).comments.length;
    await people({ state: 'open', stateReason: 'reopened' });
    await later(25 * 60);
    expect(github.issue(2)).toMatchObject({ state: 'open' });
    expect(github.issue(2).comments.slice(said)).toEqual([expect.stringContaining('in force')]);

    for (const { id } of pending) {
      await inTenant((manager) => get(ExemptionDecisions).end(manager, tenantId, PEOPLE, id, null));
    }
    await world.turn();
    expect(await ticket()).toMatchObject({ state: 'open', findings_count: 3, ours: 'open' });
  });

  it('is closed with its last finding, and opened again when one comes back', async () => {
    for (const name of ['loader', 'runner', 'newcomer']) useRole(name);
    await scan();
    expect(github.issue(2)).toMatchObject({ state: 'closed', stateReason: 'completed' });
    expect(github.issue(2).comments.at(-1)).toContain('is compliant now');
    expect(await ticket()).toMatchObject({ state: 'closed', ours: 'closed' });
    makeRole('latecomer');
    await scan();
    expect(github.issue(2)).toMatchObject({ state: 'open' });
    expect((await events('ticket.reopened')).length).toBeGreaterThan(0);
  });

  it('that cannot be opened again is followed by one that links to it', async () => {
    useRole('latecomer');
    await scan();
    github.edit(2, { locked: true });
    makeRole('last-one');
    await scan();
    const [former, next] = await tickets();
    expect(former).toMatchObject({ state: 'followed', reference: 'acme/cloud#2' });
    expect(next).toMatchObject({ state: 'open', generation: 2, reference: 'acme/cloud#3' });
    expect(github.issue(3).body).toContain('2');
    expect(issuesOf(next?.key ?? '')).toBe(1);
  });

  it('that people deleted stands still until somebody asks for another', async () => {
    github.edit(3, { gone: 'deleted' });
    makeRole('one-more');
    await scan();
    const deleted = await ticket();
    expect(deleted).toMatchObject({ rejected: 'gone', problem: expect.stringContaining('retryTicket') as string });
    expect(github.issues).toHaveLength(3);
    await inTenant((manager) => get(TicketRetries).retry(manager, tenantId, deleted.id));
    await world.turn();
    expect(await ticket()).toMatchObject({ state: 'open', generation: 3, reference: 'acme/cloud#4' });
  });
});

describe('what goes wrong', () => {
  const byFinding = { name: 'One each', oneFor: 'finding' } as const;
  const isCreate = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'POST' && path.endsWith('/issues');

  it('never makes a second ticket where an answer was lost, and opens no more than the daily cap', async () => {
    const { id } = await make({ ...byFinding, dailyCap: 1 });
    await tested(id);
    github.next({ kind: 'answer-lost' }, isCreate);
    await activate(id);
    for (let minute = 0; minute < 4; minute += 1) await later(2);
    const first = await tickets(id);
    expect(first.map(({ state }) => state).sort()).toEqual(['open', 'waiting']);
    for (const { key, state } of first) expect(issuesOf(key)).toBe(state === 'open' ? 1 : 0);
    await later(24 * 60);
    expect((await tickets(id)).map(({ state, key }) => [state, issuesOf(key)])).toEqual([
      ['open', 1],
      ['open', 1],
    ]);
    await inTenant((manager) => get(TicketConnections).remove(manager, tenantId, id, { closeTickets: true }));
    await world.turn();
    await later(1);
    for (const { remote_id } of first) if (remote_id) expect(github.issue(Number(remote_id)).state).toBe('closed');
    const [row] = await world.pipeline.rows<{ credential_sealed: unknown; deleted_at: unknown }>(
      'SELECT credential_sealed, deleted_at FROM ticket_connections WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ credential_sealed: null, deleted_at: expect.any(Date) as Date });
  });

  it('is waited for when the system is busy, and needs people when it refuses us', async () => {
    makeRole('yet-another');
    const limited = { status: 429, json: { message: 'slow down' }, headers: { 'retry-after': '600' } };
    github.next({ kind: 'answer', answer: limited });
    await scan();
    const asked = github.log.length;
    await later(5);
    expect(github.log.length).toBe(asked);
    await later(6);
    expect(github.issue(4).body).toContain('yet-another');

    makeRole('the-end');
    const refused = { status: 401, json: { message: 'Bad credentials' } };
    github.next({ kind: 'answer', answer: refused });
    await scan();
    await later(21);
    // An outage, and over.
    expect(github.issue(4).body).toContain('the-end');

    makeRole('the-very-end');
    for (let times = 0; times < 4; times += 1) github.next({ kind: 'answer', answer: refused });
    await scan();
    await later(21);
    const metrics = await get(Metrics).registry.metrics();
    const connection = encodeId('TicketConnection', tenantId, connectionId);
    expect(metrics).toContain(`mothball_tickets_due{connection="${connection}",system="github",state="active"} 1`);
    expect(metrics).toContain('mothball_ticket_requests_total{system="github",kind="read",outcome="refused"} 3');
    for (let times = 0; times < 2; times += 1) await later(21);
    const [row] = await world.pipeline.rows<{ state: string }>('SELECT state FROM ticket_connections WHERE id = $1', [
      connectionId,
    ]);
    expect(row).toEqual({ state: 'disabled' });
    expect(await events('ticket-connection.disabled')).toEqual([
      { name: 'Board', system: 'github', why: expect.any(String) as string },
    ]);
    await inTenant((manager) => get(TicketConnections).resume(manager, tenantId, connectionId));
    await world.turn();
    expect(github.issue(4).body).toContain('the-very-end');
  });

  it('is one for a whole account where that is asked for', async () => {
    const { id } = await make({ name: 'Accounts', oneFor: 'account' });
    await tested(id);
    await activate(id);
    const [one, ...others] = await tickets(id);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ state: 'open', subject: expect.stringMatching(/^account /) as string, owner_id: null });
    expect(one?.findings_count).toBe((await ticket()).findings_count);
    const issue = () => github.issue(Number(one?.remote_id));
    expect(issue().title).toContain(account);
    expect(issue().body).toContain('the-very-end');
    makeRole('of-the-account');
    await scan();
    expect(issue().body).toContain('of-the-account');
    expect(issuesOf(one?.key ?? '')).toBe(1);
    await inTenant((manager) => get(TicketConnections).remove(manager, tenantId, id, { closeTickets: true }));
    await world.turn();
    await later(1);
    expect(issue().state).toBe('closed');
  });

  it('closes what an account’s leaving takes away, and opens it again when it is back', async () => {
    await world.pipeline.rows("UPDATE accounts SET status = 'left', left_at = now() WHERE tenant_id = $1", [tenantId]);
    await later(11);
    const left = await ticket();
    expect(left).toMatchObject({ state: 'closed', state_why: expect.stringContaining('has left') as string });
    expect(github.issue(4).state).toBe('closed');
    await world.pipeline.rows("UPDATE accounts SET status = 'owned', left_at = NULL WHERE tenant_id = $1", [tenantId]);
    await later(11);
    expect(await ticket()).toMatchObject({ state: 'open' });
  });

  it('closes the tickets of an account that is handed over: its findings are another tenant’s', async () => {
    await world.pipeline.assign(await world.pipeline.createTenant(), [account]);
    await world.settle();
    await later(11);
    const handed = await ticket();
    expect(handed).toMatchObject({ state: 'closed', state_why: expect.stringContaining('no longer has') as string });
    expect(github.issue(4).state).toBe('closed');
  });
});
