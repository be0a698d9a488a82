import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TicketConnections } from '../../../src/notifications/tickets/connections/ticket-connections.service';
import { TicketsDue } from '../../../src/notifications/tickets/syncing/tickets-due.service';
import { Events } from '../../../src/tasks/events.service';
import type { FakeAnswer, FakeRequest, Fault } from '../fakes/fake-server';
import { FakeGitHub } from '../fakes/github.fake';
import { type NotifiedWorld, startNotifiedWorld } from './notified-world';
import { makeSubjects, type Subject } from './subjects';
import { kill, startWorker, startWorkerProcess, WITHOUT_WORKER } from './workers';

/**
 * One ticket for each key, whatever happens: everything is said ten times, two workers are at it, workers are killed while
 * a ticket is being made and while one is being closed, answers get lost, and searches do not show at once what was made.
 */
jest.setTimeout(180_000);

const FINDINGS = 8;
const SEARCH_LAG_MS = 20_000;

/** Searches show a new issue only after a while. */
class SlowToFind extends FakeGitHub {
  private readonly seenAt = new Map<number, number>();

  protected override handle(request: FakeRequest): FakeAnswer {
    const answer = super.handle(request);
    const now = this.now().getTime();
    for (const { number } of this.issues) if (!this.seenAt.has(number)) this.seenAt.set(number, now);
    if (request.method !== 'GET' || !request.path.endsWith('/issues') || !Array.isArray(answer.json)) return answer;
    const shown = (answer.json as { number: number }[]).filter(
      ({ number }) => now - (this.seenAt.get(number) ?? now) >= SEARCH_LAG_MS,
    );
    return { ...answer, json: shown };
  }
}

let world: NotifiedWorld;
let github: SlowToFind;
let tenantId: string;
let connectionId: string;
let findings: readonly Subject[];
let victim: ChildProcess | undefined;
let successor: INestApplicationContext | undefined;

const inTenant = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);

beforeAll(async () => {
  world = await startNotifiedWorld(WITHOUT_WORKER);
  github = await new SlowToFind({ now: () => world.clock.now() }).start();
  tenantId = await world.pipeline.createTenant();
});
afterAll(async () => {
  if (victim) await kill(victim);
  await successor?.close();
  await github.stop();
  await world.stop();
});

const isCreating = ({ method, path }: FakeRequest): boolean => method === 'POST' && path.endsWith('/issues');
const isClosing = ({ method, text }: FakeRequest): boolean => method === 'PATCH' && text.includes('"closed"');

/** The worker is killed when such a request arrives, which then is done, or is not. */
function killAt(
  which: (request: FakeRequest) => boolean,
  kind: Extract<Fault['kind'], 'lost' | 'answer-lost'>,
): Promise<void> {
  return new Promise((resolve) => {
    github.next({ kind }, (request) => {
      if (!which(request)) return false;
      victim?.kill('SIGKILL');
      resolve();
      return true;
    });
  });
}

/** The same ten times: events, marks, calls for the driver, at once. */
async function tenfold(type: string): Promise<void> {
  const { get, rows } = world.pipeline;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      await inTenant((manager) =>
        get(Events).record(
          manager,
          tenantId,
          findings.map(({ id, data }) => ({ type, objectType: 'finding', objectId: id, data })),
        ),
      );
      await rows(
        'INSERT INTO ticket_marks (tenant_id, finding_id) SELECT tenant_id, id FROM findings WHERE tenant_id = $1',
        [tenantId],
      );
      await inTenant((manager) => get(TicketsDue).enqueue(manager, tenantId, 'all'));
    }),
  );
}

async function minutesGoBy(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 6) {
    world.pass(6);
    await world.pipeline.rows("UPDATE schedules SET next_due_at = now() WHERE kind = 'watch-tickets'");
    await sleep(300);
    await world.turn();
  }
}

async function connect(): Promise<void> {
  const connections = world.pipeline.get(TicketConnections);
  const prepared = await connections.prepare(tenantId, {
    name: 'Board',
    system: 'github',
    oneFor: 'finding',
    settings: { api: github.origin, owner: github.owner, repository: github.repository },
    credential: { token: github.token },
  });
  const people = { name: 'Somebody', standsFor: 'https://people.test somebody' };
  ({ id: connectionId } = await inTenant((manager) => connections.create(manager, tenantId, prepared, people)));
  await inTenant((manager) => connections.test(manager, tenantId, connectionId));
  await world.settle();
  await inTenant((manager) => connections.activate(manager, tenantId, connectionId));
}

const keys = (): Promise<{ key: string; state: string }[]> =>
  world.pipeline.rows('SELECT key, state FROM tickets WHERE connection_id = $1 ORDER BY key', [connectionId]);

const issuesOf = (key: string): FakeGitHub['issues'] => github.issues.filter(({ body }) => body.includes(key));

test('each key has one ticket, which is closed with its last finding', async () => {
  ({ findings } = await makeSubjects(
    world.pipeline.rows,
    tenantId,
    Array.from({ length: FINDINGS }, () => ({ check: 'unused-role', severity: 'low', account: 0, owner: null })),
  ));
  victim = await startWorkerProcess(world);
  await connect();
  // It is made, and nobody hears of it.
  const first = killAt(isCreating, 'answer-lost');
  await tenfold('finding.opened');
  await first;
  await kill(victim);

  successor = await startWorker(world);
  victim = await startWorkerProcess(world);
  // One more whose answer is lost, one that never arrives, and a worker that ends meanwhile.
  github.next({ kind: 'answer-lost' }, isCreating);
  github.next({ kind: 'lost' }, isCreating);
  await tenfold('finding.reopened');
  await minutesGoBy(60);
  const opened = await keys();
  expect(opened.map(({ state }) => state)).toEqual(Array.from({ length: FINDINGS }, () => 'open'));
  expect(opened.map(({ key }) => issuesOf(key).length)).toEqual(opened.map(() => 1));

  const closing = killAt(isClosing, 'answer-lost');
  await world.pipeline.rows(
    "UPDATE findings SET status = 'resolved', resolution = 'compliant', resolved_at = now() WHERE tenant_id = $1",
    [tenantId],
  );
  await tenfold('finding.resolved');
  await closing;
  await minutesGoBy(60);
  expect(await keys()).toEqual(opened.map(({ key }) => ({ key, state: 'closed' })));
  for (const { key } of opened) {
    const [issue, ...others] = issuesOf(key);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' });
  }
  // The test's own ticket is the only other one.
  expect(github.issues).toHaveLength(FINDINGS + 1);
  expect(github.log.filter(({ ended }) => ended === 599)).toEqual([]);
  const sending = await world.pipeline.rows("SELECT 1 FROM ticket_steps WHERE outcome = 'sending'");
  expect(sending).toEqual([]);
});
