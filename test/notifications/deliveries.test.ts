import { Webhook } from 'standardwebhooks';
import { encodeId } from '../../src/api-id';
import { Replays } from '../../src/notifications/deliveries/replays.service';
import { TestDeliveries } from '../../src/notifications/deliveries/test-deliveries.service';
import { Endpoints } from '../../src/notifications/endpoints/endpoints.service';
import { makeDigest } from '../../src/notifications/publishing/digests/make-digest.definition';
import { Events } from '../../src/tasks/events.service';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { TenantOfEndpoints } from './endpoint-fixture';
import { type FakeSmtp, startFakeSmtp } from './fakes/smtp';
import { type NotifiedWorld, startNotifiedWorld } from './proofs/notified-world';
import type { Mood, Received } from './receiver';

let world: NotifiedWorld;
let smtp: FakeSmtp;
let tenant: TenantOfEndpoints;

beforeAll(async () => {
  smtp = await startFakeSmtp();
  const mail = {
    ...{ host: '127.0.0.1', port: smtp.port, tls: false, loopback: true, login: null, domains: [] },
    from: { name: 'Mothball', address: 'mothball@mail.example' },
  };
  world = await startNotifiedWorld({ mail });
});
afterAll(async () => {
  await world.stop();
  await smtp.close();
});
beforeEach(async () => {
  tenant = await TenantOfEndpoints.of(world);
});

const DAY_MINUTES = 1_440;
/** Between attempts, with the most that jitter adds. */
const ATTEMPTS_AFTER = [0.1, 5.6, 34, 133, 331, 661, 925, 1_321, 1_585];
const refusing = (status: number, retryAfter?: string): Mood => ({
  ...{ does: 'refuse', status },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

const inTenant = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenant.id, work);

const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);

/** Lets the clock go and what is due happen, again and again. */
async function live(minutes: number, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    world.pass(minutes);
    await world.turn();
  }
}

/** Refuses what is about these events. */
const refuses = (path: string, ids: readonly string[], mood: Mood): void =>
  world.receiver.behave(path, ({ id }) => (ids.includes(messageOf(id)) ? mood : { does: 'accept' }));

const messageOf = (id: string): string => id;

/** What a batch says, as far as it is looked at here. */
interface Said {
  readonly data: { readonly count: number; readonly byType: Readonly<Record<string, number>> };
}

const eventMessage = (eventId: string): string => `evt_${encodeId('Event', tenant.id, eventId)}`;
const believed = (secret: string, { body, headers, at }: Received): boolean => {
  // The library goes by the machine's clock; the service's is ahead of it.
  const timestamp = Number(headers['webhook-timestamp']);
  expect(Math.abs(timestamp - at.getTime() / 1_000)).toBeLessThan(60);
  const signed = new Webhook(secret).sign(headers['webhook-id'] ?? '', new Date(timestamp * 1_000), body);
  return (headers['webhook-signature'] ?? '').split(' ').includes(signed);
};

describe('an event', () => {
  it('reaches whoever asked for it, signed, once', async () => {
    const { id, path, secret } = await tenant.endpoint({ filter: { types: ['account.*'] } });
    const other = await tenant.endpoint({ filter: { types: ['plan.*'] } });
    const event = await tenant.happens('account.left');
    await world.settle();

    const received = world.receiver.of(path);
    expect(received.map(({ id: message }) => message)).toEqual([eventMessage(event)]);
    expect(believed(secret, received[0] as Received)).toBe(true);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 'account.left', id: eventMessage(event) });
    expect(await tenant.deliveries(id)).toMatchObject([{ state: 'delivered', attempts: 1, next_at: null }]);
    expect(await tenant.attempts(id)).toMatchObject([{ outcome: 'accepted', status: 200 }]);
    expect(await tenant.deliveries(other.id)).toEqual([]);
  });

  it('is sent again until it is accepted: the same id, the same words, later each time', async () => {
    const { id, path } = await tenant.endpoint();
    world.receiver.behave(path, (_request, count) => (count < 3 ? refusing(500) : { does: 'accept' }));
    await tenant.happens('account.left');
    await world.settle();
    for (const minutes of ATTEMPTS_AFTER.slice(0, 3)) await live(minutes, 1);

    const received = world.receiver.of(path);
    expect(received).toHaveLength(4);
    expect(new Set(received.map((one) => `${one.id} ${one.body}`)).size).toBe(1);
    const attempts = await tenant.attempts(id);
    expect(attempts.map(({ outcome, status }) => `${outcome} ${status}`)).toEqual([
      ...['failed 500', 'failed 500', 'failed 500'],
      'accepted 200',
    ]);
    expect(await tenant.row(id)).toMatchObject({ failures: 0, failing_since: null, wait_until: null });
  });

  it('waits as long as the receiver asks for, and so does everything else of that endpoint', async () => {
    const { id, path } = await tenant.endpoint();
    world.receiver.behave(path, (_request, count) => (count === 0 ? refusing(429, '3600') : { does: 'accept' }));
    await tenant.happens('account.lost-access', 0);
    await world.settle();
    await tenant.happens('account.left', 1);
    await live(50, 1);
    expect(world.receiver.of(path)).toHaveLength(1);
    await live(15, 1);
    expect(await tenant.states(id)).toEqual(['delivered', 'delivered']);
  });

  it('has failed after ten attempts, and is there to be replayed', async () => {
    const { id, path } = await tenant.endpoint();
    world.receiver.behave(path, () => refusing(500));
    const event = await tenant.happens('account.left');
    await world.settle();
    for (const minutes of ATTEMPTS_AFTER) await live(minutes, 1);
    expect(await tenant.deliveries(id)).toMatchObject([{ state: 'failed', attempts: 10, next_at: null }]);
    expect(world.receiver.of(path)).toHaveLength(10);

    world.receiver.behave(path, () => ({ does: 'accept' }));
    expect(await inTenant((m) => get(Replays).many(m, tenant.id, { endpointId: id, onlyFailed: true }))).toBe(1);
    await world.turn();
    expect(await tenant.deliveries(id)).toMatchObject([{ state: 'delivered', attempts: 1, replays: 1 }]);
    expect(new Set(world.receiver.of(path).map((one) => one.id))).toEqual(new Set([eventMessage(event)]));
  });
});

describe('of one object', () => {
  it('an older event is superseded once a newer one was accepted', async () => {
    const { id, path } = await tenant.endpoint();
    const older = await tenant.happens('account.lost-access');
    refuses(path, [eventMessage(older)], refusing(500));
    await world.settle();
    const newer = await tenant.happens('account.left');
    await tenant.happens('account.lost-access', 1);
    await world.settle();
    await live(60, 2);
    expect(await tenant.states(id)).toEqual(['superseded', 'delivered', 'delivered']);
    const last = world.receiver.of(path).findLastIndex((one) => one.id === eventMessage(older));
    expect(last).toBeLessThan(world.receiver.of(path).findIndex((one) => one.id === eventMessage(newer)));

    // Nor is it by a replay of all; by hand it is.
    expect(await inTenant((m) => get(Replays).many(m, tenant.id, { endpointId: id, from: new Date(0) }))).toBe(2);
    await world.turn();
    expect(await tenant.states(id)).toEqual(['superseded', 'delivered', 'delivered']);
    world.receiver.behave(path, () => ({ does: 'accept' }));
    const [first] = await tenant.deliveries(id);
    await inTenant((m) => get(Replays).one(m, tenant.id, first?.id ?? ''));
    await world.turn();
    expect(await tenant.states(id)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('the older goes first when both are due, and never both together', async () => {
    const { id, path } = await tenant.endpoint({ concurrency: 10 });
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    const events = [
      await tenant.happens('account.lost-access'),
      await tenant.happens('account.left'),
      await tenant.happens('account.left'),
    ];
    await world.settle();
    expect(world.receiver.of(path)).toHaveLength(0);
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    await world.settle();
    expect(world.receiver.of(path).map((one) => one.id)).toEqual(events.map(eventMessage));
    expect(world.receiver.mostAtOnce(path)).toBe(1);
  });
});

describe('an endpoint', () => {
  it('that says it is gone is disabled; the others hear of it, and what waits can be replayed', async () => {
    const { id, path } = await tenant.endpoint();
    const other = await tenant.endpoint({ filter: { types: ['endpoint.disabled'] } });
    world.receiver.behave(path, () => refusing(410));
    await tenant.happens('account.left');
    await world.settle();
    await tenant.happens('account.lost-access', 1);
    await world.settle();
    expect(await tenant.row(id)).toMatchObject({ state: 'disabled' });
    expect(await tenant.states(id)).toEqual(['failed', 'failed']);
    expect(world.receiver.of(path)).toHaveLength(1);
    expect(world.receiver.of(other.path).map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { type: 'endpoint.disabled', data: { endpoint: { id: encodeId('Endpoint', tenant.id, id) } } },
    ]);

    world.receiver.behave(path, () => ({ does: 'accept' }));
    const replay = () => inTenant((m) => get(Replays).many(m, tenant.id, { endpointId: id, onlyFailed: true }));
    await expect(replay()).rejects.toThrow(/disabled/);
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    expect(await replay()).toBe(2);
    await world.settle();
    expect(await tenant.states(id)).toEqual(['delivered', 'delivered']);
  });

  it('that accepts nothing for five days is disabled, probed ever more rarely', async () => {
    const { id, path } = await tenant.endpoint();
    world.receiver.behave(path, () => ({ does: 'drop' }));
    for (let one = 0; one < 30; one += 1) await tenant.happens('account.left', one % 2);
    await world.settle();
    expect(world.receiver.of(path).length).toBeLessThan(15);
    await live(12 * 60, 9);
    expect(await tenant.row(id)).toMatchObject({ state: 'active' });
    await live(13 * 60, 1);
    expect(await tenant.row(id)).toMatchObject({ state: 'disabled' });
    expect(new Set(await tenant.states(id))).toEqual(new Set(['failed']));
    expect(world.receiver.of(path).length).toBeLessThan(40);
  });

  it('that is disabled is told of by mail to those who administer the tenant now, and to nobody else', async () => {
    const people = [
      ...[
        `'ada', 'admin', NULL, NULL, NULL`,
        `'bob', NULL, 'admin', NULL, NULL`,
        `'carol', 'approver', NULL, NULL, NULL`,
      ],
      ...[`'dan', 'admin', NULL, now() - interval '1 day', NULL`, `'eve', 'admin', NULL, NULL, now()`],
    ];
    for (const person of people) {
      await world.pipeline.rows(
        `INSERT INTO people (tenant_id, id, issuer, subject, name, email, role, mapped_role, role_expires_at, ended_at,
           first_seen_at, last_seen_at)
         SELECT $1, gen_random_uuid(), 'https://people.test', n, n, n || '@example.com', r, m, x::timestamptz, e::timestamptz, now(), now()
         FROM (VALUES (${person})) AS p(n, r, m, x, e)`,
        [tenant.id],
      );
    }
    const { path } = await tenant.endpoint({ name: 'SIEM' });
    world.receiver.behave(path, () => refusing(410));
    const before = smtp.received.length;
    await tenant.happens('account.left');
    await world.settle();
    const [mail, ...more] = smtp.received.slice(before);
    expect(more).toEqual([]);
    expect([...(mail?.to ?? [])].sort()).toEqual(['ada@example.com', 'bob@example.com']);
    expect(mail?.headers.get('subject')).toBe('[Mothball] Endpoint disabled: SIEM');
    expect(mail?.text).toContain('replay what failed');
  });

  it('sends no more in a minute than it was asked to', async () => {
    const { id } = await tenant.endpoint({ perMinute: 3 });
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    for (let one = 0; one < 8; one += 1) await tenant.happens('account.left');
    await world.settle();
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    await world.settle();
    const delivered = async () => (await tenant.states(id)).filter((state) => state === 'delivered').length;
    const counts = [await delivered()];
    for (let minute = 0; minute < 2; minute += 1) {
      await live(1.1, 1);
      counts.push(await delivered());
    }
    expect(counts).toEqual([3, 6, 8]);
  });

  it('that was removed gets nothing more', async () => {
    const { id, path } = await tenant.endpoint();
    world.receiver.behave(path, () => refusing(503));
    await tenant.happens('account.left');
    await world.settle();
    await inTenant((m) => get(Endpoints).remove(m, tenant.id, id));
    await world.settle();
    await tenant.happens('account.left', 1);
    await live(60, 1);
    expect(await tenant.states(id)).toEqual(['cancelled']);
    expect(await tenant.row(id)).toMatchObject({ secret_sealed: null, previous_secret_sealed: null });
  });

  it('is tried with a test, whatever it asked for', async () => {
    const { id, path, secret } = await tenant.endpoint({ sends: 'weekly-digest' });
    await tenant.happens('account.left');
    const { deliveryId } = await inTenant((m) => get(TestDeliveries).send(m, tenant.id, id));
    await world.settle();
    const [received, ...more] = world.receiver.of(path);
    expect(more).toEqual([]);
    expect(received?.id).toBe(`msg_${encodeId('Delivery', tenant.id, deliveryId)}`);
    expect(believed(secret, received as Received)).toBe(true);
  });

  it('signs with both secrets for a day after a rotation', async () => {
    const { id, path, secret } = await tenant.endpoint();
    const rotated = await inTenant((m) => get(Endpoints).rotateSecret(m, tenant.id, id, null));
    const signatures = async (): Promise<boolean[]> => {
      await tenant.happens('account.left');
      await world.settle();
      const last = world.receiver.of(path).at(-1) as Received;
      return [secret, rotated.secret ?? ''].map((one) => believed(one, last));
    };
    expect(await signatures()).toEqual([true, true]);
    world.pass(DAY_MINUTES - 1);
    expect(await signatures()).toEqual([true, true]);
    world.pass(2);
    expect(await signatures()).toEqual([false, true]);
  });
});

describe('a batch', () => {
  it('holds what happens in an account within a minute', async () => {
    const { id, path } = await tenant.endpoint({ sends: 'batch' });
    const events = [await tenant.happens('account.lost-access'), await tenant.happens('account.left')];
    await tenant.happens('account.left', 1);
    await world.settle();
    expect(await tenant.states(id)).toEqual(['gathering', 'gathering']);
    world.receiver.behave(path, (_request, count) => (count < 2 ? refusing(500) : { does: 'accept' }));
    await live(1.1, 1);
    await live(1, 1);

    const bodies = [...new Set(world.receiver.of(path).map(({ body }) => body))];
    expect(bodies).toHaveLength(2);
    const messages = bodies.map((body) => JSON.parse(body) as { type: string; data: { events: { id: string }[] } });
    const first = messages.find(({ data }) => data.events.length === 2);
    expect(first).toMatchObject({
      type: 'batch',
      data: { count: 2, more: 0, byType: { 'account.left': 1, 'account.lost-access': 1 } },
    });
    expect(first?.data.events.map((one) => one.id)).toEqual(events.map(eventMessage));
    expect(await tenant.states(id)).toEqual(['delivered', 'delivered']);
  });

  it('goes once the older one of its account is over, and waits for no other account’s', async () => {
    const { id, path } = await tenant.endpoint({ sends: 'batch' });
    const typesIn = ({ body }: Received) => Object.keys((JSON.parse(body) as Said).data.byType).join();
    const accepted = () =>
      world.receiver
        .of(path)
        .filter(({ answered }) => answered === 200)
        .map(typesIn);
    // What lost access is refused twice, whatever else is accepted meanwhile.
    let refusals = 0;
    world.receiver.behave(path, ({ body }) => {
      const isOlder = (JSON.parse(body) as Said).data.byType['account.lost-access'] !== undefined;
      return isOlder && (refusals += 1) <= 2 ? refusing(500) : { does: 'accept' };
    });
    await tenant.happens('account.lost-access');
    await world.settle();
    await live(1.1, 1);
    await tenant.happens('account.left');
    await tenant.happens('account.left', 1);
    await world.settle();
    await live(1.1, 2);
    // The second account's has arrived, the first one's waits; nobody asks for it all the time.
    expect(accepted()).toEqual(['account.left']);
    expect((await tenant.states(id)).sort()).toEqual(['delivered', 'waiting', 'gathering'].sort());
    await live(1.1, 5);
    expect(accepted()).toEqual(['account.left', 'account.lost-access', 'account.left']);
    expect(await tenant.states(id)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('goes, too, after an older one of its account has failed for good', async () => {
    const { id, path } = await tenant.endpoint({ sends: 'batch' });
    await tenant.happens('account.lost-access');
    await world.settle();
    world.receiver.behave(path, () => refusing(500));
    await live(1.1, 1);
    await tenant.happens('account.left');
    await world.settle();
    await world.pipeline.rows(
      "UPDATE deliveries SET attempts = 10, next_at = next_at - interval '1 hour' WHERE endpoint_id = $1 AND attempts > 0",
      [id],
    );
    world.receiver.behave(path, () => ({ does: 'accept' }));
    await live(1.1, 1);
    expect(await tenant.states(id)).toEqual(['failed', 'delivered']);
  });

  it('of no account has neither digests in it nor what happens to its own endpoint', async () => {
    const { id, path } = await tenant.endpoint({ sends: 'batch' });
    await tenant.endpoint({ sends: 'daily-digest' });
    const third = await tenant.endpoint({ sends: 'weekly-digest' });
    const disabled = (endpointId: string) =>
      inTenant((manager) =>
        get(Events).record(manager, tenant.id, [
          { type: 'endpoint.disabled', objectType: 'endpoint', objectId: endpointId, data: { name: 'x', reason: 'y' } },
        ]),
      );
    await disabled(third.id);
    await world.settle();
    await inTenant((m) =>
      get(TaskQueue).enqueue(m, { tenantId: tenant.id, task: makeDigest, payload: { period: 'daily' } }),
    );
    await disabled(id);
    await world.settle();
    await disabled(third.id);
    await world.settle();
    await live(1.1, 1);
    const messages = world.receiver.of(path).map(({ body }) => JSON.parse(body) as Said);
    expect(messages.map(({ data }) => data)).toMatchObject([{ count: 2, byType: { 'endpoint.disabled': 2 }, more: 0 }]);
  });
});

describe('a process that ended in the middle', () => {
  it('leaves an attempt of which nobody knows; the message comes again with the same id', async () => {
    const { id, path } = await tenant.endpoint();
    await inTenant((m) => get(Endpoints).pause(m, tenant.id, id));
    const event = await tenant.happens('account.left');
    await world.settle();
    await world.pipeline.rows(
      `WITH d AS (UPDATE deliveries SET attempts = 1 WHERE endpoint_id = $1 RETURNING tenant_id, id, endpoint_id)
       INSERT INTO delivery_attempts (tenant_id, id, delivery_id, endpoint_id, at, outcome)
       SELECT tenant_id, gen_random_uuid(), id, endpoint_id, '2020-01-01', 'sending' FROM d`,
      [id],
    );
    await inTenant((m) => get(Endpoints).resume(m, tenant.id, id));
    await world.settle();
    expect(world.receiver.of(path).map((one) => one.id)).toEqual([eventMessage(event)]);
    expect((await tenant.attempts(id)).map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'unknown']);
    expect(await tenant.deliveries(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });
});
