import { encodeId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { DeliveryQueries } from '../../src/notifications/deliveries/delivery-queries';
import { FanOut } from '../../src/notifications/deliveries/fan-out.service';
import { Replays } from '../../src/notifications/deliveries/replays.service';
import { EndpointPreparation } from '../../src/notifications/endpoints/endpoint-preparation.service';
import { EndpointQueries } from '../../src/notifications/endpoints/endpoint-queries';
import { Endpoints } from '../../src/notifications/endpoints/endpoints.service';
import type { PublishedEvent } from '../../src/notifications/publishing/published-event';
import { Metrics } from '../../src/observability/metrics.service';
import { watchDeliveries } from '../../src/notifications/deliveries/deliver.definition';
import { Pruning } from '../../src/tasks/pruning.service';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { TenantOfEndpoints } from './endpoint-fixture';
import { type NotifiedWorld, startNotifiedWorld } from './proofs/notified-world';

let world: NotifiedWorld;
let tenant: TenantOfEndpoints;

beforeAll(async () => {
  world = await startNotifiedWorld({ notifications: { endpointsPerTenant: 6, perMinute: 6_000 } });
});
afterAll(() => world.stop());
beforeEach(async () => {
  tenant = await TenantOfEndpoints.of(world);
});

const inTenant = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenant.id, work);

const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);

/** What the safety net does every ten minutes. */
async function watch(): Promise<void> {
  await inTenant((m) => get(TaskQueue).enqueue(m, { tenantId: tenant.id, task: watchDeliveries, payload: {} }));
  await world.settle();
}

describe('an endpoint is refused', () => {
  const url = 'https://hooks.example.com/a';

  it.each<[object, RegExp]>([
    [{ settings: {} }, /^url: /],
    [{ settings: { url, colour: 'red' } }, /^colour: there is no such field/],
    [{ settings: { url: 'http://169.254.169.254/latest' } }, /^url: /],
    [{ secret: 'whsec_mine' }, /^secret: the service makes it/],
    [{ filter: { types: ['finding.openned'] } }, /^filter\.types: there is no event finding\.openned/],
    [{ filter: { checks: ['unused-rolls'] } }, /^filter\.checks: there is no check unused-rolls/],
    [{ sends: 'daily-digest', filter: { severities: ['high'] } }, /^filter: a digest counts everything/],
    [{ perMinute: 6_001 }, /^perMinute: must be 6000 or less/],
    [{ payloadVersion: 99 }, /^payloadVersion: must be from 1 to/],
  ])('as %j', async (part, sentence) => {
    const request = { name: 'SIEM', channel: 'webhook' as const, settings: { url: world.receiver.url }, ...part };
    await expect(get(EndpointPreparation).prepare(tenant.id, request)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(sentence) as string,
    });
  });

  it('for another tenant’s account, a name that is taken, and one too many', async () => {
    const other = await TenantOfEndpoints.of(world);
    await expect(tenant.endpoint({ filter: { accountIds: [...other.accounts] } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await tenant.endpoint({ name: 'SIEM' });
    await expect(tenant.endpoint({ name: 'siem' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      Promise.allSettled(Array.from({ length: 8 }, () => tenant.endpoint())).then((made) =>
        made.filter(({ status }) => status === 'fulfilled'),
      ),
    ).resolves.toHaveLength(5);
    await expect(tenant.endpoint()).rejects.toThrow(/there are 6 endpoints already/);
    await other.endpoint();
  });
});

describe('what people decide', () => {
  it('is in the audit log, without secrets', async () => {
    const { id, secret } = await tenant.endpoint({ settings: { url: `${world.receiver.url}/x?token=hunter2` } });
    const rotated = await inTenant((m) => get(Endpoints).rotateSecret(m, tenant.id, id, null));
    const change = await get(EndpointPreparation).prepareChange(tenant.id, id, { name: 'Another', concurrency: 2 });
    await inTenant((m) => get(Endpoints).change(m, tenant.id, id, change));
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    await inTenant((m) => get(Endpoints).remove(m, tenant.id, id));
    const entries = await world.pipeline.rows<{ action: string; before: string | null; after: string | null }>(
      "SELECT action, before, after FROM audit_entries WHERE tenant_id = $1 AND object_type = 'Endpoint' ORDER BY seq",
      [tenant.id],
    );
    expect(entries.map(({ action }) => action)).toEqual(
      ['created', 'secret-rotated', 'changed', 'paused', 'resumed', 'removed'].map((what) => `endpoint.${what}`),
    );
    expect(entries[2]).toMatchObject({ before: expect.stringContaining('"concurrency":5') as string });
    for (const hidden of [secret, rotated.secret ?? '', 'hunter2']) {
      expect(JSON.stringify(entries)).not.toContain(hidden);
    }
    await expect(inTenant((m) => get(Endpoints).pause(m, tenant.id, id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('hides secrets from whoever reads, and forgets the one before after a day', async () => {
    const { id } = await tenant.endpoint();
    await inTenant((m) => get(Endpoints).rotateSecret(m, tenant.id, id, null));
    const [row] = await inTenant((manager) => get(EndpointQueries).byIds({ manager, tenantId: tenant.id }, [id]));
    expect(Object.keys(row ?? {}).filter((column) => column.includes('sealed'))).toEqual([]);
    await watch();
    expect((await tenant.row(id))['previous_secret_sealed']).not.toBeNull();
    world.pass(1_441);
    await watch();
    expect(await tenant.row(id)).toMatchObject({ previous_secret_sealed: null, previous_secret_until: null });
  });
});

describe('fan-out', () => {
  const eventsOf = (count: number, type = 'account.left', from = 1): PublishedEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ tenantId: tenant.id, seq: String(from + index), id: newId(), type, objectType: 'account' },
      ...{ objectId: newId(), at: new Date(), publishedAt: new Date(), facts: {} },
      facets: { accountId: tenant.accounts[index % 2] ?? '' },
    }));
  const fanOut = (events: readonly PublishedEvent[]) => inTenant((m) => get(FanOut).fanOut(m, tenant.id, events));

  it('takes as many statements for ten thousand deliveries as for a few, and makes none twice', async () => {
    const endpoints = [await tenant.endpoint(), await tenant.endpoint(), await tenant.endpoint({ sends: 'batch' })];
    for (const { id } of endpoints) await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    const { counter } = world.pipeline.tenants;
    const ofDeliveries = (statements: readonly string[]) =>
      statements.filter((one) => one.includes('deliveries')).length;
    const few = ofDeliveries(await counter.during(() => fanOut(eventsOf(2))));
    const many = eventsOf(2_000, 'account.left', 3);
    expect(ofDeliveries(await counter.during(() => fanOut(many)))).toBeLessThanOrEqual(few);
    await fanOut(many);
    const counts = await Promise.all(endpoints.map(async ({ id }) => (await tenant.deliveries(id)).length));
    expect(counts).toEqual([2_002, 2_002, 2]);
  });

  it('gives digests to those who asked for digests, and nothing else to them', async () => {
    const daily = await tenant.endpoint({ sends: 'daily-digest' });
    const weekly = await tenant.endpoint({ sends: 'weekly-digest' });
    const single = await tenant.endpoint();
    for (const { id } of [daily, weekly, single]) await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    await fanOut([...eventsOf(1), ...eventsOf(1, 'digest.daily', 2), ...eventsOf(1, 'digest.weekly', 3)]);
    const heard = async (id: string) => (await tenant.deliveries(id)).map(({ kind, type }) => `${kind} ${type}`);
    expect(await heard(daily.id)).toEqual(['digest digest.daily']);
    expect(await heard(weekly.id)).toEqual(['digest digest.weekly']);
    expect(await heard(single.id)).toEqual(['event account.left']);
  });

  it('leaves out what was published before the endpoint was made', async () => {
    await world.pipeline.rows('INSERT INTO publishing (tenant_id, last_seq) VALUES ($1, 10)', [tenant.id]);
    const { id } = await tenant.endpoint();
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    await fanOut(eventsOf(4, 'account.left', 9));
    expect(await tenant.deliveries(id)).toHaveLength(2);
  });
});

describe('whoever looks', () => {
  it('sees how an endpoint does, its deliveries and attempts; what waits can be cancelled', async () => {
    const { id, path } = await tenant.endpoint();
    const quiet = await tenant.endpoint({ filter: { types: ['plan.*'] } });
    world.receiver.behave(path, (_request, count) =>
      count === 0 ? { does: 'accept' } : { does: 'refuse', status: 500 },
    );
    await tenant.happens('account.left');
    await world.settle();
    await tenant.happens('account.left', 1);
    await world.settle();

    const seen = await inTenant(async (manager) => {
      const reader = { manager, tenantId: tenant.id };
      const page = await get(DeliveryQueries).page(reader, { endpointIds: [id] }, { first: 10 });
      return {
        health: await get(EndpointQueries).health(reader, [id, quiet.id]),
        states: page.rows.map(({ state }) => state),
        attempts: await get(DeliveryQueries).attempts(
          reader,
          page.rows.map((row) => row.id),
        ),
        waiting: await get(DeliveryQueries).count(reader, { states: ['waiting'] }),
      };
    });
    expect(seen.health.get(id)).toMatchObject({ waiting: 1, accepted: 1, failed: 1 });
    expect(seen.health.get(quiet.id)).toEqual({ waiting: 0, oldestAt: null, accepted: 0, failed: 0 });
    expect(seen.states).toEqual(['waiting', 'delivered']);
    expect(seen.attempts.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'failed']);
    expect(seen.waiting).toBe(1);

    const metrics = await get(Metrics).registry.metrics();
    const name = encodeId('Endpoint', tenant.id, id);
    expect(metrics).toContain(`mothball_deliveries_waiting{endpoint="${name}",channel="webhook",state="active"} 1`);
    expect(metrics).toContain(`mothball_endpoint_attempts_total{endpoint="${name}",outcome="accepted"} 1`);
    expect(metrics).not.toContain(encodeId('Endpoint', tenant.id, quiet.id));

    expect(await inTenant((m) => get(Replays).cancel(m, tenant.id, { endpointId: id }))).toBe(1);
    world.pass(10);
    await world.turn();
    expect(await tenant.states(id)).toEqual(['delivered', 'cancelled']);
    expect(world.receiver.of(path)).toHaveLength(2);
  });

  it('fails what waited too long for an endpoint that people paused, and sends it when it is replayed', async () => {
    const { id, path } = await tenant.endpoint();
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    await tenant.happens('account.left');
    await watch();
    expect(await tenant.states(id)).toEqual(['waiting']);
    await world.pipeline.rows("UPDATE deliveries SET next_at = next_at - interval '31 days' WHERE tenant_id = $1", [
      tenant.id,
    ]);
    await watch();
    expect(await tenant.states(id)).toEqual(['failed']);
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    await inTenant((m) => get(Replays).many(m, tenant.id, { endpointId: id, onlyFailed: true }));
    await world.settle();
    expect(await tenant.states(id)).toEqual(['delivered']);
    expect(world.receiver.of(path)).toHaveLength(1);
  });

  it('leaves what was replayed a moment ago to wait for a paused endpoint, however old it is', async () => {
    const { id } = await tenant.endpoint();
    await tenant.happens('account.left');
    await world.settle();
    // It ended three days after it was made, and so it is kept.
    await world.pipeline.rows(
      `UPDATE deliveries SET created_at = created_at - interval '31 days', ended_at = ended_at - interval '28 days'
       WHERE tenant_id = $1`,
      [tenant.id],
    );
    const [delivery] = await tenant.deliveries(id);
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    await inTenant((m) => get(Replays).one(m, tenant.id, delivery?.id ?? ''));
    await watch();
    expect(await tenant.states(id)).toEqual(['waiting']);
  });

  it('finds nothing of what ended long ago', async () => {
    const { id } = await tenant.endpoint();
    const gone = await tenant.endpoint();
    await tenant.happens('account.left');
    await world.settle();
    await inTenant((m) => get(Endpoints).remove(m, tenant.id, gone.id));
    await world.pipeline.rows("UPDATE deliveries SET ended_at = ended_at - interval '31 days' WHERE tenant_id = $1", [
      tenant.id,
    ]);
    await world.pipeline.rows("UPDATE endpoints SET deleted_at = deleted_at - interval '31 days' WHERE id = $1", [
      gone.id,
    ]);
    while (await get(Pruning).prune());
    expect(await tenant.deliveries(id)).toEqual([]);
    expect(await tenant.attempts(id)).toEqual([]);
    expect(await tenant.row(gone.id)).toEqual({});
    expect(await tenant.row(id)).toMatchObject({ state: 'active' });
  });
});
