import { setTimeout as sleep } from 'node:timers/promises';
import { PlanRecords } from '../../src/cleanup/decisions/plan-records.service';
import { encodeId } from '../../src/api-id';
import { DAY_MS } from '../../src/clock';
import { newId } from '../../src/ids';
import { payloadOf } from '../../src/notifications/catalogue/payload';
import { MakeDigestTask } from '../../src/notifications/publishing/digests/make-digest.task';
import { PublishEventsTask } from '../../src/notifications/publishing/publish-events.task';
import type { PublishedEvent } from '../../src/notifications/publishing/published-event';
import {
  type PublishedEventFilter,
  PublishedEventQueries,
} from '../../src/notifications/publishing/published-event-queries';
import { HeldBack, Publisher } from '../../src/notifications/publishing/publisher.service';
import type { PageArgs } from '../../src/paging';
import { Events } from '../../src/tasks/events.service';
import { Pruning } from '../../src/tasks/pruning.service';
import type { NewEvent } from '../../src/tasks/recorded-event';
import { RunningTask, StaleFence } from '../../src/tasks/running-task';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import { builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { MovableClock } from '../harness/movable-clock';
import { makeSubjects } from './proofs/subjects';

/** What is recorded is published: all of it, once, in an order that never changes behind whoever reads it. */
jest.setTimeout(60_000);

const RETENTION_DAYS = 20;

const clock = new MovableClock();
let service: TestApp;
let build: ReturnType<typeof builders>;
let publisher: Publisher;
let events: Events;
let tenants: TenantDatabase;

beforeAll(async () => {
  service = await startTestApp({ clock, config: { retentionDays: RETENTION_DAYS } });
  build = builders(service.app);
  publisher = service.app.get(Publisher, { strict: false });
  events = service.app.get(Events, { strict: false });
  tenants = service.app.get(TenantDatabase, { strict: false });
});
afterAll(() => service.stop());

/** Of the tenant itself: there is nothing to be read of it. */
const resumed = (tenantId: string, by = 'somebody'): NewEvent => ({
  type: 'cleanup.resumed',
  objectType: 'tenant',
  objectId: tenantId,
  data: { by },
});

const record = (tenantId: string, ...what: NewEvent[]) =>
  tenants.inTenant(tenantId, (manager) => events.record(manager, tenantId, what));

const publish = async (tenantId: string, atMost?: number): Promise<void> => {
  const held = new HeldBack();
  while (await tenants.inTenant(tenantId, (manager) => publisher.publish(manager, tenantId, held, atMost)));
};

const rows = <T>(tenantId: string, statement: string, values: readonly unknown[] = []): Promise<T[]> =>
  tenants.inTenant(tenantId, (manager) => manager.query<T[]>(statement, [...values]));

const page = (tenantId: string, filter: PublishedEventFilter = {}, args: PageArgs = { first: 200 }) =>
  tenants.inTenant(tenantId, (manager) =>
    service.app.get(PublishedEventQueries, { strict: false }).page({ manager, tenantId }, filter, args),
  );

const published = async (tenantId: string): Promise<readonly PublishedEvent[]> => (await page(tenantId)).rows;

const dataOf = (event: PublishedEvent | undefined): Record<string, unknown> => {
  if (!event) throw new Error('It was not published.');
  return (JSON.parse(payloadOf(event, 1, null).body) as { data: Record<string, unknown> }).data;
};

describe('the order', () => {
  test('goes by commits: what was recorded first and committed last comes last, behind nobody’s cursor', async () => {
    const { id } = await build.tenant();
    let commit = (): void => {};
    let recorded = (): void => {};
    const held = new Promise<void>((resolve) => (commit = resolve));
    const isRecorded = new Promise<void>((resolve) => (recorded = resolve));
    const first = tenants.inTenant(id, async (manager) => {
      await events.record(manager, id, [resumed(id, 'recorded first')]);
      recorded();
      await held;
    });
    await isRecorded;
    await record(id, resumed(id, 'committed first'));
    await publish(id);
    const before = await page(id);
    commit();
    await first;
    await publish(id);
    const after = await page(id, {}, { after: before.cursors.at(-1) ?? null });
    expect(before.rows.map((event) => [event.seq, dataOf(event)['by']])).toEqual([['1', 'committed first']]);
    expect(after.rows.map((event) => [event.seq, dataOf(event)['by']])).toEqual([['2', 'recorded first']]);
    // Its id is the lower one, all the same.
    expect((after.rows[0]?.id ?? '') < (before.rows[0]?.id ?? '')).toBe(true);
  });

  test('of changes that wait for each other is theirs, whatever the clocks of the processes say', async () => {
    const { id } = await build.tenant();
    // The later one comes from a process whose clock is behind: its id sorts before the other's.
    await rows(
      id,
      `INSERT INTO events (tenant_id, id, type, object_type, object_id, data, at)
       VALUES ($1::uuid, '019aaaaa-0000-7000-8000-000000000002', 'cleanup.paused', 'tenant', $1::uuid::text, '{}', now())`,
      [id],
    );
    await rows(
      id,
      `INSERT INTO events (tenant_id, id, type, object_type, object_id, data, at)
       VALUES ($1::uuid, '019aaaaa-0000-7000-8000-000000000001', 'cleanup.resumed', 'tenant', $1::uuid::text, '{}', now() - interval '1 min')`,
      [id],
    );
    await publish(id);
    expect((await published(id)).map(({ type }) => type)).toEqual(['cleanup.paused', 'cleanup.resumed']);
  });

  test('has no gaps and loses nothing, with writers and publishers at once and one who reads along', async () => {
    const { id } = await build.tenant();
    const [writers, each] = [3, 12];
    let writing = true;
    const seen: PublishedEvent[] = [];
    const work = Array.from({ length: writers }, async (_, writer) => {
      for (let turn = 0; turn < each; turn += 1) {
        await tenants.inTenant(id, async (manager) => {
          await events.record(manager, id, [resumed(id, `${writer}/${turn}a`)]);
          await sleep((writer * 7 + turn * 3) % 11);
          await events.record(manager, id, [resumed(id, `${writer}/${turn}b`)]);
        });
      }
    });
    const publishing = [3, 500].map(async (atMost) => {
      while (writing) await publish(id, atMost);
    });
    const reading = (async () => {
      let after: string | null = null;
      for (let last = false; ;) {
        const next = await page(id, {}, { first: 7, after });
        seen.push(...next.rows);
        after = next.cursors.at(-1) ?? after;
        if (next.rows.length > 0) continue;
        if (last) return;
        last = !writing;
      }
    })();
    await Promise.all(work);
    await publish(id);
    writing = false;
    await Promise.all([...publishing, reading]);
    expect(seen.map(({ seq }) => Number(seq))).toEqual(seen.map((_, place) => place + 1));
    const told = seen.map((event) => dataOf(event)['by'] as string);
    const turns = Array.from({ length: writers }, (_, writer) =>
      Array.from({ length: each }, (__, turn) => `${writer}/${turn}`),
    );
    expect([...told].sort()).toEqual(
      turns
        .flat()
        .flatMap((turn) => [`${turn}a`, `${turn}b`])
        .sort(),
    );
    // And each writer's in its order.
    for (const mine of turns) {
      const asWritten = mine.flatMap((turn) => [`${turn}a`, `${turn}b`]);
      expect(told.filter((by) => asWritten.includes(by))).toEqual(asWritten);
    }
  });
});

describe('a publisher that is lost', () => {
  test('half way has published nothing; the next one does, once', async () => {
    const { id } = await build.tenant();
    await record(id, resumed(id, 'a'), resumed(id, 'b'));
    const killed = tenants.inTenant(id, async (manager) => {
      await publisher.publish(manager, id, new HeldBack());
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await published(id)).toEqual([]);
    await publish(id);
    await publish(id);
    expect((await published(id)).map((event) => [event.seq, dataOf(event)['by']])).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
  });

  test('and slept while another one had its task writes nothing any more', async () => {
    const { id } = await build.tenant();
    await record(id, resumed(id));
    const taskId = newId();
    await rows(
      id,
      `INSERT INTO tasks (tenant_id, id, kind, payload, state, fence, worker_id)
       VALUES ($1, $2, 'publish-events', '{}', 'running', 8, gen_random_uuid())`,
      [id, taskId],
    );
    const asFence = (fence: number) => {
      const about = { id: taskId, tenantId: id, kind: 'publish-events', payload: {}, attempt: 1, fence, lane: null };
      return new RunningTask({ ...about, signal: new AbortController().signal });
    };
    const task = service.app.get(PublishEventsTask, { strict: false });
    await expect(task.run(asFence(7))).rejects.toThrow(StaleFence);
    expect(await published(id)).toEqual([]);
    await task.run(asFence(8));
    expect(await published(id)).toHaveLength(1);
  });
});

test('ten thousand at once cost as many statements a transaction as one does', async () => {
  const [few, many] = [await build.tenant(), await build.tenant()];
  const sketch = { check: 'unused-role', severity: 'high', account: 0, owner: 'payments' } as const;
  const prepare = async (tenantId: string, count: number, each: number): Promise<void> => {
    const ask = <T>(statement: string, values: readonly unknown[] = []) => rows<T>(tenantId, statement, values);
    const { findings } = await makeSubjects(ask, tenantId, new Array<typeof sketch>(count).fill(sketch));
    const told = findings.map(({ id: objectId, data }) => ({
      ...{ type: 'finding.opened', objectType: 'finding', objectId, data },
    }));
    await record(tenantId, ...new Array<typeof told>(each).fill(told).flat());
  };
  await prepare(few.id, 1, 1);
  await prepare(many.id, 500, 20);
  const one = await tenants.counter.during(() => publish(few.id));
  const most = await tenants.counter.during(() => publish(many.id));
  const transactions = most.filter((statement) => statement.startsWith('START')).length;
  expect(transactions).toBe(6);
  expect(most.length).toBeLessThanOrEqual(one.length * transactions + transactions * 5);
  const counted = await rows<{ n: number; last: number; left: number }>(
    many.id,
    `SELECT count(DISTINCT id)::int AS n, max(seq)::int AS last,
       (SELECT count(*)::int FROM unpublished_events WHERE tenant_id = $1) AS left FROM published_events WHERE tenant_id = $1`,
    [many.id],
  );
  expect(counted).toEqual([{ n: 10_000, last: 10_000, left: 0 }]);
});

describe('what is said', () => {
  test('of findings and scans is what the inventory and the judgement know, in the ids of the API', async () => {
    const { id } = await build.tenant();
    const account = await build.account(id, { name: 'Payments', ouPath: '/Workloads/Prod' });
    await record(id, { type: 'task.failed', objectType: 'task', objectId: newId() });
    const ask = <T>(statement: string, values: readonly unknown[] = []) => rows<T>(id, statement, values);
    const { findings } = await makeSubjects(ask, id, [
      { check: 'unused-user', severity: 'medium', account: 1, owner: 'search' },
    ]);
    const scanId = await build.inventory(account, { outcome: 'partial' });
    const [finding] = findings;
    await record(id, {
      type: 'finding.opened',
      objectType: 'finding',
      objectId: finding?.id ?? '',
      data: finding?.data ?? {},
    });
    await publish(id);
    const [scan, opened, ...others] = await published(id);
    // What the catalogue does not have takes no number.
    expect(others).toEqual([]);
    expect([scan?.seq, opened?.seq]).toEqual(['1', '2']);
    expect(scan).toMatchObject({
      type: 'scan.partial',
      facets: { accountId: account.id, scanId, ouPath: '/Workloads/Prod' },
    });
    expect(dataOf(scan)).toMatchObject({
      scan: { id: encodeId('Scan', id, scanId), identities: 0 },
      account: {
        id: account.apiId,
        awsAccountId: account.awsAccountId,
        name: 'Payments',
        organizationalUnit: '/Workloads/Prod',
      },
    });
    expect(opened?.facets).toEqual({
      accountId: finding?.account.id,
      checkId: 'unused-user',
      severity: 'medium',
      owner: 'search',
      ouPath: '/Security',
    });
    expect(dataOf(opened)).toMatchObject({
      finding: {
        id: encodeId('Finding', id, finding?.id ?? ''),
        check: 'unused-user',
        severity: 'medium',
        why: 'Nobody has used it.',
      },
      identity: { kind: 'user', name: 'user-0' },
      owner: 'search',
    });
  });

  test('of plans and their items: to whom a quarantine comes, as soon as the plan is approved', async () => {
    const { id } = await build.tenant();
    const account = await build.account(id);
    const { planId, itemId, identityId } = await planOf(id, account);
    const dueAt = new Date('2026-12-01T20:00:00.000Z');
    await tenants.inTenant(id, async (manager) => {
      const records = service.app.get(PlanRecords, { strict: false });
      const plan = await records.hold(manager, id, planId);
      await records.move(manager, plan, { what: 'approved', state: 'approved', by: 'bob' });
      await records.tellQuarantineDue(manager, plan, dueAt);
      await records.tellQuarantineDue(manager, { ...plan, dry_run: true }, dueAt);
    });
    await publish(id);
    const [approved, due, ...others] = await published(id);
    expect(others).toEqual([]);
    expect(approved).toMatchObject({ type: 'plan.approved', objectType: 'plan', objectId: planId, facets: {} });
    expect(dataOf(approved)).toMatchObject({
      plan: { title: 'Delete 1 role', dryRun: false },
      items: 1,
      accounts: 1,
      by: 'bob',
    });
    expect(due).toMatchObject({
      ...{ type: 'identity.quarantine-due', objectType: 'identity', objectId: identityId },
      facets: { accountId: account.id, checkId: 'unused-role' },
    });
    expect(dataOf(due)).toMatchObject({
      dueAt: dueAt.toISOString(),
      item: { id: encodeId('PlanItem', id, itemId), checks: ['unused-role'] },
      identity: { kind: 'role', name: 'etl', uniqueId: 'AROAEXAMPLE' },
      account: { awsAccountId: account.awsAccountId },
    });
  });

  test('of accounts that leave: where they were, by whichever way they go', async () => {
    const [from, to] = [await build.tenant(), await build.tenant()];
    const gone = await build.account(from.id, { name: 'Old' });
    const moved = await build.account(from.id, { name: 'Moved' });
    await rows(from.id, `UPDATE accounts SET status = 'left', left_at = now() WHERE tenant_id = $1 AND id = $2`, [
      from.id,
      gone.id,
    ]);
    await rows(PLATFORM_TENANT_ID, 'SELECT assign_accounts(ARRAY[$1]::uuid[], $2)', [moved.id, to.id]);
    await publish(from.id);
    await publish(to.id);
    expect((await published(from.id)).map((event) => [event.type, event.objectId, dataOf(event)])).toEqual([
      [
        'account.left',
        gone.id,
        { account: expect.objectContaining({ id: gone.apiId, name: 'Old' }) as unknown, how: 'left' },
      ],
      [
        'account.left',
        moved.id,
        {
          account: expect.objectContaining({ awsAccountId: moved.awsAccountId, name: 'Moved' }) as unknown,
          how: 'moved',
        },
      ],
    ]);
    expect(await published(to.id)).toEqual([]);
  });

  test('is nothing of what went to another tenant meanwhile', async () => {
    const { id } = await build.tenant();
    await record(id, { type: 'finding.opened', objectType: 'finding', objectId: newId() }, resumed(id));
    await publish(id);
    expect((await published(id)).map(({ seq, type }) => [seq, type])).toEqual([['1', 'cleanup.resumed']]);
  });
});

test('the list is filtered by type, account, object and time, and paged', async () => {
  const [mine, other] = [await build.tenant(), await build.tenant()];
  const { id } = mine;
  const account = await build.account(id);
  const lost: NewEvent = { type: 'account.lost-access', objectType: 'account', objectId: account.id, data: {} };
  await record(id, resumed(id), lost, resumed(id));
  await record(other.id, resumed(other.id));
  await publish(id);
  await publish(other.id);
  const seqs = async (filter: PublishedEventFilter) => (await page(id, filter)).rows.map(({ seq }) => seq);
  expect(await seqs({ types: ['cleanup.resumed'] })).toEqual(['1', '3']);
  expect(await seqs({ accountId: account.id })).toEqual(['2']);
  expect(await seqs({ object: { type: 'tenant', id } })).toEqual(['1', '3']);
  const at = (await published(id))[0]?.publishedAt ?? new Date();
  expect(await seqs({ from: at })).toEqual(['1', '2', '3']);
  expect(await seqs({ to: at })).toEqual([]);
  const first = await page(id, {}, { first: 2 });
  expect(first.hasNextPage).toBe(true);
  const second = await page(id, {}, { first: 2, after: first.cursors[1] ?? null });
  expect([...first.rows, ...second.rows].map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  const queries = service.app.get(PublishedEventQueries, { strict: false });
  const ids = [...first.rows, ...(await published(other.id))].map((event) => event.id);
  await tenants.inTenant(id, async (manager) => {
    expect(await queries.count({ manager, tenantId: id }, { types: ['cleanup.resumed'] })).toBe(2);
    expect(await queries.byIds({ manager, tenantId: id }, ids)).toHaveLength(2);
  });
});

describe('a digest', () => {
  const digest = async (tenantId: string): Promise<void> => {
    const taskId = newId();
    await rows(
      tenantId,
      `INSERT INTO tasks (tenant_id, id, kind, payload, state, fence, worker_id)
       VALUES ($1, $2, 'make-digest', '{"period": "daily"}', 'running', 1, gen_random_uuid())`,
      [tenantId, taskId],
    );
    const about = { id: taskId, tenantId, kind: 'make-digest', attempt: 1, fence: 1, lane: null };
    const task = new RunningTask({ ...about, payload: { period: 'daily' }, signal: new AbortController().signal });
    await service.app.get(MakeDigestTask, { strict: false }).run(task as never);
    await publish(tenantId);
  };

  test('counts each event in one digest, and is made for who asks', async () => {
    const { id } = await build.tenant();
    const ask = <T>(statement: string, values: readonly unknown[] = []) => rows<T>(id, statement, values);
    const { findings } = await makeSubjects(ask, id, [
      { check: 'unused-user', severity: 'high', account: 0, owner: null },
      { check: 'unused-user', severity: 'high', account: 0, owner: null },
      { check: 'unused-role', severity: 'low', account: 1, owner: null },
    ]);
    const told = (type: string, place: number): NewEvent => ({
      ...{ type, objectType: 'finding', objectId: findings[place]?.id ?? '' },
      data: findings[place]?.data ?? {},
    });
    await digest(id);
    expect(await published(id)).toEqual([]);
    await ask(
      `INSERT INTO endpoints (tenant_id, id, name, channel, state, state_changed_at, payload_version, sends, filter, settings,
         per_minute, concurrency, after_seq, made_by, created_at, changed_at)
       VALUES ($1, gen_random_uuid(), 'mail', 'email', 'paused', now(), 1, 'daily-digest', '{}', '{}', 60, 1, 0, 'x', now(), now())`,
      [id],
    );
    await record(id, told('finding.opened', 0), told('finding.opened', 1));
    await publish(id);
    await digest(id);
    // Recorded before the second digest, and published after it: it is in the third.
    await record(id, told('finding.opened', 2), told('finding.resolved', 1));
    await ask(`UPDATE findings SET status = 'resolved' WHERE tenant_id = $1 AND id = $2`, [id, findings[1]?.id]);
    const opened = dataOf((await published(id)).find(({ type }) => type === 'digest.daily'));
    expect(opened).toMatchObject({
      findings: { opened: 2, resolved: 0, open: 3 },
      checks: [
        { check: 'unused-user', severity: 'high', opened: 2, resolved: 0, open: 2 },
        { check: 'unused-role', severity: 'low', opened: 0, resolved: 0, open: 1 },
      ],
    });
    await digest(id);
    await digest(id);
    const all = (await published(id)).filter(({ type }) => type === 'digest.daily').map(dataOf);
    expect(all.map(({ findings: counted }) => counted)).toEqual([
      { opened: 2, resolved: 0, open: 3 },
      { opened: 0, resolved: 0, open: 2 },
      { opened: 1, resolved: 1, open: 2 },
    ]);
    for (const [place, { to }] of all.entries()) expect(all[place + 1]?.['from'] ?? to).toBe(to);
  });
});

test('old events are forgotten, but none of which a delivery is kept; numbers go on', async () => {
  const { id } = await build.tenant();
  await record(id, resumed(id, '1'), resumed(id, '2'), resumed(id, '3'));
  await publish(id);
  const [, second] = await published(id);
  const endpointId = newId();
  await rows(
    id,
    `INSERT INTO endpoints (tenant_id, id, name, channel, state, state_changed_at, payload_version, sends, filter, settings,
       per_minute, concurrency, after_seq, made_by, created_at, changed_at)
     VALUES ($1, $2, 'x', 'webhook', 'paused', now(), 1, 'single', '{}', '{}', 60, 1, 0, 'x', now(), now())`,
    [id, endpointId],
  );
  await rows(
    id,
    `INSERT INTO deliveries (tenant_id, id, endpoint_id, kind, event_id, seq, type, state, next_at, created_at)
     VALUES ($1, gen_random_uuid(), $2, 'event', $3, 2, 'cleanup.resumed', 'waiting', now() + interval '1 year', now())`,
    [id, endpointId, second?.id],
  );
  const prune = async () => {
    const pruning = service.app.get(Pruning, { strict: false });
    while (await pruning.prune());
  };
  clock.move((RETENTION_DAYS - 1) * DAY_MS);
  await prune();
  expect(await published(id)).toHaveLength(3);
  clock.move(2 * DAY_MS);
  await prune();
  expect((await published(id)).map(({ seq }) => seq)).toEqual(['2']);
  await record(id, resumed(id, '4'));
  await publish(id);
  expect((await published(id)).map(({ seq }) => seq)).toEqual(['2', '4']);
});

test('a worker publishes by itself: at once what it hears of, at its start what nobody heard of', async () => {
  const [heard, unheard] = [await build.tenant(), await build.tenant()];
  // Without a notification, as after one that got lost.
  await rows(
    unheard.id,
    `INSERT INTO events (tenant_id, id, type, object_type, object_id, data, at)
     VALUES ($1::uuid, gen_random_uuid(), 'cleanup.resumed', 'tenant', $1::uuid::text, '{}', now())`,
    [unheard.id],
  );
  const worker = await startTestApp({ database: service.database, clock, config: { role: 'worker' } });
  const until = async (tenantId: string, count: number): Promise<void> => {
    const ends = Date.now() + 15_000;
    while ((await published(tenantId)).length < count && Date.now() < ends) await sleep(25);
    expect(await published(tenantId)).toHaveLength(count);
  };
  try {
    await until(unheard.id, 1);
    await record(heard.id, resumed(heard.id, 'a'));
    await until(heard.id, 1);
    await Promise.all(Array.from({ length: 20 }, (_, n) => record(heard.id, resumed(heard.id, `b${n}`))));
    await until(heard.id, 21);
    const [row] = await rows<{ tasks: number }>(
      heard.id,
      `SELECT count(*)::int AS tasks FROM tasks WHERE tenant_id = $1 AND kind = 'publish-events'`,
      [heard.id],
    );
    // Gathered: not a task for each.
    expect(row?.tasks).toBeLessThan(8);
  } finally {
    await worker.stop();
  }
});

/** An approved-to-be plan of one role, as rows. */
async function planOf(tenantId: string, account: { id: string; awsAccountId: string }) {
  const [planId, itemId, identityId] = [newId(), newId(), newId()];
  await rows(
    tenantId,
    `INSERT INTO plans (tenant_id, id, title, mode, goal, dry_run, state, terms, selection, manifest_hash, made_by, stands_for,
       created_at, state_changed_at)
     VALUES ($1, $2, 'Delete 1 role', 'by-hand', 'deletion', false, 'draft', '{}', '{}', NULL, 'alice', 'alice', now(), now())`,
    [tenantId, planId],
  );
  await rows(
    tenantId,
    `INSERT INTO plan_items (tenant_id, id, plan_id, position, account_id, aws_account_id, partition, identity_id, course,
       principal_id, name, path, arn, finding_ids, check_ids, approved, content_hash, stage, stage_at)
     VALUES ($1, $2, $3, 1, $4, $5, 'aws', $6, 'role', 'AROAEXAMPLE', 'etl', '/', 'arn:aws:iam::' || $5 || ':role/etl', '{}',
       '{unused-role}', '{}', repeat('0', 64), 'waiting', now())`,
    [tenantId, itemId, planId, account.id, account.awsAccountId, identityId],
  );
  await rows(
    tenantId,
    `UPDATE plans SET state = 'proposed', manifest_hash = repeat('0', 64), proposed_at = now() WHERE tenant_id = $1 AND id = $2`,
    [tenantId, planId],
  );
  return { planId, itemId, identityId };
}
