import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveriesDue } from '../../../src/notifications/deliveries/deliveries-due.service';
import { Endpoints } from '../../../src/notifications/endpoints/endpoints.service';
import { TenantDatabase } from '../../../src/tenancy/tenant-database';
import type { Mood } from '../receiver';
import { addBacklog } from './backlog';
import { type NotifiedWorld, startNotifiedWorld } from './notified-world';
import type { EndpointSketch } from './random-tenant';
import { type RunningEndpoint, RunningTenant } from './running-tenant';

/** An endpoint for which 100,000 deliveries wait and that accepts none, and a healthy one of the same tenant. */
jest.setTimeout(120_000);

const WAITING = 100_000;
const EVENTS = 8;
/** So many requests to the dead one may come between an event and its delivery to the healthy one. */
const A_HANDFUL = 5;

let world: NotifiedWorld;

beforeAll(async () => {
  world = await startNotifiedWorld({ workerConcurrency: 2 });
});
afterAll(() => world.stop());

const sketch = (moods: readonly Mood[]): EndpointSketch => ({
  filter: {},
  sends: 'single',
  signing: 'hmac',
  concurrency: 4,
  moods,
  madeAt: 0,
});

/** A tenant with one endpoint that is as it is told, for which so many deliveries wait, and a healthy one. */
async function begin(
  waiting: number,
  mood: Mood,
): Promise<{ tenant: RunningTenant; dead: RunningEndpoint; healthy: RunningEndpoint }> {
  const tenant = await RunningTenant.begin(world, {
    findings: [{ check: 'unused-role', severity: 'low', account: 0, owner: null }],
    endpoints: [],
    steps: [],
  });
  await tenant.makeEndpoint({ ...sketch([mood]), filter: { types: ['finding.opened', 'finding.resolved'] } });
  await tenant.makeEndpoint(sketch([{ does: 'accept' }]));
  const [dead, healthy] = tenant.endpoints;
  if (!dead || !healthy) throw new Error('There are two.');
  await happens(tenant);
  await until(() => world.receiver.of(healthy.path).length === 1);
  await world.settle();
  await addBacklog(tenant, dead.id, waiting);
  await world.pipeline.tenants.inTenant(tenant.tenantId, (manager) =>
    world.pipeline.get(DeliveriesDue).enqueue(manager, tenant.tenantId, [dead.id]),
  );
  return { tenant, dead, healthy };
}

const happens = (tenant: RunningTenant): Promise<void> =>
  tenant.record(tenant.subjects.findings.map((subject) => ({ subject, type: 'finding.opened' })));

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await sleep(5)) {
    if (Date.now() > end) throw new Error('Waited in vain for a delivery.');
  }
}

/** Event by event: how many requests to the dead one come before the delivery to the healthy one. */
async function requestsBetween(
  tenant: RunningTenant,
  dead: RunningEndpoint,
  healthy: RunningEndpoint,
): Promise<number[]> {
  const between: number[] = [];
  for (let number = 0; number < EVENTS; number += 1) {
    const before = { dead: world.receiver.of(dead.path).length, healthy: world.receiver.of(healthy.path).length };
    await happens(tenant);
    await until(() => world.receiver.of(healthy.path).length > before.healthy);
    const arrived = world.receiver.of(healthy.path)[before.healthy]?.number ?? 0;
    between.push(world.receiver.of(dead.path).filter((one) => one.number < arrived).length - before.dead);
    // A minute, so that the dead one is tried again and again meanwhile.
    world.pass(1);
    await world.pipeline.tenants.inTenant(tenant.tenantId, (manager) =>
      world.pipeline.get(DeliveriesDue).enqueue(manager, tenant.tenantId, 'all due'),
    );
  }
  return between;
}

/** Rows of deliveries that were read, by whomever; exact once all connections have been given up. */
async function rowsRead(): Promise<number> {
  await world.settle();
  await world.pipeline.rows(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'mothball-%' AND query NOT LIKE 'LISTEN%'`,
  );
  await sleep(300);
  const [read] = await world.pipeline.rows<{ n: number }>(
    `SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS n FROM pg_stat_user_tables
     WHERE schemaname = 'mothball' AND relname = 'deliveries'`,
  );
  return read?.n ?? 0;
}

interface Cost {
  readonly between: readonly number[];
  readonly statements: number;
  readonly read: number;
}

/** A story of some events beside an endpoint that refuses everything and for which so many deliveries wait. */
async function story(waiting: number): Promise<Cost> {
  const { tenant, dead, healthy } = await begin(waiting, { does: 'refuse', status: 500 });
  await world.settle();
  const readBefore = await rowsRead();
  let between: number[] = [];
  const statements = await world.pipeline.get(TenantDatabase).counter.during(async () => {
    between = await requestsBetween(tenant, dead, healthy);
    await world.settle();
  });
  const read = (await rowsRead()) - readBefore;
  expect(world.receiver.of(dead.path).length).toBeGreaterThan(A_HANDFUL);
  await world.pipeline.tenants.inTenant(tenant.tenantId, (manager) =>
    world.pipeline.get(Endpoints).pause(manager, tenant.tenantId, dead.id),
  );
  return { between, statements: statements.length, read };
}

test('nothing for the healthy one waits behind more than a handful, and it costs no more than beside a few', async () => {
  const few = await story(100);
  const many = await story(WAITING);
  expect(Math.max(...few.between, ...many.between)).toBeLessThanOrEqual(A_HANDFUL);
  expect(many.statements).toBeLessThan(1.5 * few.statements);
  // A single look through all that waits would be more.
  expect(many.read).toBeLessThan(WAITING / 5);
});

test('one that answers nothing at all holds nobody up', async () => {
  const { tenant, dead, healthy } = await begin(100, { does: 'hang' });
  await until(() => world.receiver.of(dead.path).length > 0);
  expect(Math.max(...(await requestsBetween(tenant, dead, healthy)))).toBeLessThanOrEqual(A_HANDFUL);
});
