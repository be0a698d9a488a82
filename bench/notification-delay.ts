import { setTimeout as sleep } from 'node:timers/promises';
import { textTable } from '../src/cli/text-table';
import { DeliveriesDue } from '../src/notifications/deliveries/deliveries-due.service';
import { addBacklog } from '../test/notifications/proofs/backlog';
import { type NotifiedWorld, startNotifiedWorld } from '../test/notifications/proofs/notified-world';
import type { EndpointSketch } from '../test/notifications/proofs/random-tenant';
import { type RunningEndpoint, RunningTenant } from '../test/notifications/proofs/running-tenant';

const GOAL_MS = 2_000;
/** Each takes 100 messages a second at most, which is the fastest pace that can be set. */
const ENDPOINTS_OF_A_BURST = 4;
/** So that each event is published and sent by itself. */
const PAUSE_MS = 100;
const LONGEST_MS = 120_000;

export interface NotificationDelayOptions {
  /** One after the other, for the delay. */
  readonly events: number;
  /** Deliveries that wait for the dead endpoint. */
  readonly waiting: number;
  /** Recorded at once, for the throughput. */
  readonly burst: number;
}

interface Measured {
  readonly what: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly perSecond: number | null;
}

/**
 * How long it takes from the commit of an event to its acceptance by the receiver: by itself, beside an endpoint that
 * accepts nothing and for which many deliveries wait, and in a burst. A delay has nothing to be a ratio to but its goal.
 */
export async function measureNotificationDelay(options: NotificationDelayOptions): Promise<void> {
  const world = await startNotifiedWorld({ leaseMs: 30_000 });
  try {
    const alone = await begin(world, options.burst);
    const measured = [await oneByOne(alone, 'a healthy endpoint', options.events)];
    const beside = await begin(world, 1);
    const dead = await beside.make({ does: 'refuse', status: 500 });
    await oneByOne(beside, 'one event to begin with', 1);
    await addBacklog(beside.tenant, dead.id, options.waiting);
    await world.pipeline.tenants.inTenant(beside.tenant.tenantId, (manager) =>
      world.pipeline.get(DeliveriesDue).enqueue(manager, beside.tenant.tenantId, [dead.id]),
    );
    measured.push(await oneByOne(beside, `beside a dead one with ${options.waiting} waiting`, options.events));
    measured.push(await atOnce(alone, options.burst));
    print(measured);
  } finally {
    await world.stop();
  }
}

interface Scene {
  readonly world: NotifiedWorld;
  readonly tenant: RunningTenant;
  readonly healthy: RunningEndpoint;
  make(mood: EndpointSketch['moods'][number]): Promise<RunningEndpoint>;
}

async function begin(world: NotifiedWorld, findings: number): Promise<Scene> {
  const tenant = await RunningTenant.begin(world, {
    findings: Array.from({ length: findings }, () => ({
      check: 'unused-role',
      severity: 'low',
      account: 0,
      owner: null,
    })),
    endpoints: [],
    steps: [],
  });
  const make: Scene['make'] = async (mood) => {
    await tenant.makeEndpoint({
      filter: {},
      sends: 'single',
      signing: 'hmac',
      concurrency: 20,
      moods: [mood],
      madeAt: 0,
    });
    const made = tenant.endpoints.at(-1);
    if (!made) throw new Error('No endpoint was made.');
    return made;
  };
  return { world, tenant, make, healthy: await make({ does: 'accept' }) };
}

async function oneByOne(scene: Scene, what: string, events: number): Promise<Measured> {
  const delays: number[] = [];
  for (let number = 0; number < events; number += 1) {
    delays.push(...(await delaysOf(scene, 1)));
    await sleep(PAUSE_MS);
  }
  return { what, ...percentiles(delays), perSecond: null };
}

async function atOnce(scene: Scene, events: number): Promise<Measured> {
  const endpoints = [scene.healthy];
  while (endpoints.length < ENDPOINTS_OF_A_BURST) endpoints.push(await scene.make({ does: 'accept' }));
  const delays = await delaysOf(scene, events, endpoints);
  return {
    what: `${events} events at once, to ${endpoints.length} endpoints`,
    ...percentiles(delays),
    perSecond: delays.length / (Math.max(...delays) / 1_000),
  };
}

/** From the commit on, in milliseconds, for each message of so many events of one transaction, each about something else. */
async function delaysOf({ world, tenant, healthy }: Scene, events: number, endpoints = [healthy]): Promise<number[]> {
  const before = endpoints.map(({ path }) => world.receiver.of(path).length);
  const { findings } = tenant.subjects;
  if (events > findings.length) throw new Error('There is not enough that events could be about.');
  await tenant.record(findings.slice(0, events).map((subject) => ({ subject, type: 'finding.opened' })));
  const committedAt = world.clock.now().getTime();
  for (const end = Date.now() + LONGEST_MS; ; await sleep(5)) {
    const received = endpoints.flatMap(({ path }, index) => world.receiver.of(path).slice(before[index]));
    const wanted = events * endpoints.length;
    if (received.length >= wanted) return received.map(({ at }) => at.getTime() - committedAt);
    if (Date.now() > end) throw new Error(`Of ${wanted} messages ${received.length} arrived.`);
  }
}

function percentiles(delays: readonly number[]): Pick<Measured, 'p50Ms' | 'p95Ms'> {
  const sorted = [...delays].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}

function print(measured: readonly Measured[]): void {
  const right = { least: 8, most: 14, align: 'right' } as const;
  const columns = [
    { title: '', least: 30 },
    { title: 'p50, ms', ...right },
    { title: 'p95, ms', ...right },
    { title: 'of the goal', ...right },
    { title: 'of the first', ...right },
    { title: 'messages/s', ...right },
  ];
  const first = measured[0]?.p95Ms ?? 1;
  const rows = measured.map(({ what, p50Ms, p95Ms, perSecond }) => [
    what,
    String(p50Ms),
    String(p95Ms),
    perSecond === null ? `${(p95Ms / GOAL_MS).toFixed(3)} ×` : '–',
    perSecond === null ? `${(p95Ms / Math.max(1, first)).toFixed(2)} ×` : '–',
    perSecond === null ? '–' : perSecond.toFixed(0),
  ]);
  console.log(textTable(columns, rows, 110));
}
