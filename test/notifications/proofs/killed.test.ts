import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { encodeId } from '../../../src/api-id';
import type { Received } from '../receiver';
import { type NotifiedWorld, startNotifiedWorld } from './notified-world';
import type { EndpointSketch } from './random-tenant';
import { type RunningEndpoint, RunningTenant } from './running-tenant';
import { emptyTheQueue, kill, type Locks, locksOn, startWorker, startWorkerProcess, WITHOUT_WORKER } from './workers';

/**
 * Workers are killed (SIGKILL), twice, and the queue is emptied, while everything is in the middle: each endpoint is at
 * another moment of its deliveries, one tenant's events are half published. Another worker goes on.
 */
jest.setTimeout(120_000);

const EVENTS = 8;

/** Which request of the endpoint stops, and where. */
interface Point {
  readonly name: string;
  readonly request: number;
  /** held: nobody answers. unwritten: answered, and the answer cannot be written down. */
  readonly stops: 'held' | 'unwritten';
  readonly status: number;
}

const POINTS: readonly Point[] = [
  { name: 'the first, not answered', request: 0, stops: 'held', status: 200 },
  { name: 'one in the middle, not answered', request: 4, stops: 'held', status: 200 },
  { name: 'the first, accepted and not written down', request: 0, stops: 'unwritten', status: 200 },
  { name: 'one in the middle, accepted and not written down', request: 4, stops: 'unwritten', status: 200 },
  { name: 'refused and not written down', request: 2, stops: 'unwritten', status: 500 },
];

const sketch: EndpointSketch = {
  filter: {},
  sends: 'single',
  signing: 'hmac',
  concurrency: 1,
  moods: [{ does: 'accept' }],
  madeAt: 0,
};

let world: NotifiedWorld;
let locks: Locks;
let victim: ChildProcess;
let successor: INestApplicationContext | undefined;

beforeAll(async () => {
  world = await startNotifiedWorld(WITHOUT_WORKER);
  locks = locksOn(world);
});
afterAll(async () => {
  await locks.release();
  await kill(victim);
  await successor?.close();
  await world.stop();
});

const begin = (): Promise<RunningTenant> =>
  RunningTenant.begin(world, {
    findings: Array.from({ length: EVENTS }, () => ({
      check: 'unused-role',
      severity: 'low',
      account: 0,
      owner: null,
    })),
    endpoints: [],
    steps: [],
  });

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await condition()); await sleep(25)) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
  }
}

/** Stops the worker at the points, once each; returns how many it has come to so far. */
function stopAt(stops: ReadonlyMap<string, Point>): () => number {
  const stopped = new Set<string>();
  world.receiver.interpose = async ({ path }) => {
    const point = stops.get(path);
    const isThere = point !== undefined && world.receiver.of(path).length === point.request + 1;
    if (!isThere || stopped.has(path)) return;
    if (point.stops === 'unwritten') {
      await locks.take(
        `SELECT 1 FROM delivery_attempts WHERE outcome = 'sending'
           AND endpoint_id = (SELECT id FROM endpoints WHERE settings->>'url' LIKE '%' || $1) FOR UPDATE`,
        [path],
      );
      stopped.add(path);
      return;
    }
    stopped.add(path);
    await new Promise(() => undefined);
  };
  return () => stopped.size;
}

const messages = (endpoint: RunningEndpoint): Map<string, Received[]> => {
  const byId = new Map<string, Received[]>();
  for (const request of world.receiver.of(endpoint.path))
    byId.set(request.id, [...(byId.get(request.id) ?? []), request]);
  return byId;
};

test('whenever it is killed, and the queue emptied, another worker delivers everything', async () => {
  const [tenant, halfPublished] = [await begin(), await begin()];
  for (const point of POINTS) {
    await tenant.makeEndpoint({ ...sketch, moods: moodsOf(point) });
  }
  await tenant.makeEndpoint(sketch);
  await halfPublished.makeEndpoint(sketch);
  const stops = new Map(POINTS.map((point, index) => [tenant.endpoints[index]?.path ?? '', point]));
  const reached = stopAt(stops);

  await halfPublished.record(halfPublished.subjects.findings.slice(0, 1).map(opened));
  victim = await startWorkerProcess(world);
  await until('the first event is there', () => world.receiver.of(halfPublished.endpoints[0]?.path ?? '').length === 1);
  // From now on nobody can give its events numbers.
  await locks.take('SELECT 1 FROM publishing WHERE tenant_id = $1 FOR UPDATE', [halfPublished.tenantId]);
  await halfPublished.record(halfPublished.subjects.findings.slice(1).map(opened));
  await tenant.record(tenant.subjects.findings.map(opened));
  await until('each endpoint is where it is to be interrupted', () => reached() === POINTS.length);
  await sleep(300);
  await emptyTheQueue(world);
  await kill(victim);
  await locks.release();

  // The next one does not get far either: everything that was under way has now lost two workers.
  world.receiver.interpose = () => new Promise(() => undefined);
  const before = world.receiver.log.length;
  victim = await startWorkerProcess(world);
  await until('the next worker goes on', () => world.receiver.log.length > before);
  await kill(victim);
  await emptyTheQueue(world);
  world.receiver.interpose = () => undefined;

  successor = await startWorker(world);
  for (let minutes = 0; minutes < 60; minutes += 12) {
    world.pass(12);
    // What lost two workers is parked. Each hour the service looks for what is due and has nobody.
    await world.pipeline.rows("UPDATE schedules SET next_due_at = now() WHERE kind = 'watch-deliveries'");
    await sleep(500);
    await world.settle();
  }
  for (const one of [tenant, halfPublished]) await expectAllIsThere(one);
});

const opened = (subject: RunningTenant['subjects']['findings'][number]) => ({ subject, type: 'finding.opened' });

const moodsOf = ({ request, status }: Point): EndpointSketch['moods'] =>
  Array.from({ length: 60 }, (_, number) =>
    number === request && status !== 200 ? { does: 'refuse' as const, status } : { does: 'accept' as const },
  );

async function expectAllIsThere(tenant: RunningTenant): Promise<void> {
  const ids = [...tenant.happened.keys()].map((id) => `evt_${encodeId('Event', tenant.tenantId, id)}`).sort();
  for (const endpoint of tenant.endpoints) {
    const received = messages(endpoint);
    expect([...received.keys()].sort()).toEqual(ids);
    for (const requests of received.values()) {
      expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
      // As often as it was interrupted, once for each worker at most.
      expect(requests.length).toBeLessThanOrEqual(4);
    }
  }
  const states = await world.pipeline.rows(
    'SELECT state, count(*)::int AS n FROM deliveries WHERE tenant_id = $1 GROUP BY 1',
    [tenant.tenantId],
  );
  expect(states).toEqual([{ state: 'delivered', n: ids.length * tenant.endpoints.length }]);
  const attempts = await world.pipeline.rows(
    "SELECT why FROM delivery_attempts WHERE tenant_id = $1 AND (outcome = 'sending' OR (outcome <> 'accepted' AND why IS NULL))",
    [tenant.tenantId],
  );
  expect(attempts).toEqual([]);
  expect(tenant.violations).toEqual([]);
}
