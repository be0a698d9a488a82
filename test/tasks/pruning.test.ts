import { randomBytes } from 'node:crypto';
import { newId } from '../../src/ids';
import { Pruning } from '../../src/tasks/pruning.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { type Engine, startEngine } from './engine';
import { createTaskDatabase, type TaskDatabase } from './task-database';

/** What is over is kept for as long as was configured, and then forgotten; what waits for somebody never is. */
jest.setTimeout(40_000);

const DAYS = 10;

let database: TaskDatabase;
let engine: Engine;
let tenants: string[];

beforeAll(async () => {
  database = await createTaskDatabase();
  engine = await startEngine(database.config({ role: 'api', retentionDays: DAYS }));
  tenants = [await database.createTenant(), await database.createTenant()];
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

/** As the dispatcher does it: until nothing is left. Returns how many rounds it took. */
async function prune(): Promise<number> {
  let rounds = 1;
  while (await engine.get(Pruning).prune()) rounds += 1;
  return rounds;
}

const tasks = (state: string, count: number, daysAgo: number | null, tenantId = tenants[0]) =>
  database.query(
    `INSERT INTO tasks (tenant_id, id, kind, payload, state, error_code, finished_at, due_at, worker_id)
     SELECT $1, gen_random_uuid(), 'probe', '{}', $2, CASE WHEN $2 = 'failed' THEN 'BROKEN' END,
       now() - make_interval(days => $4), now() + interval '1 year', CASE WHEN $2 = 'running' THEN gen_random_uuid() END
     FROM generate_series(1, $3)`,
    [tenantId, state, count, daysAgo],
  );
const counted = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await database.query<{ state: string; n: number }>('SELECT state, count(*)::int AS n FROM tasks GROUP BY 1')).map(
      ({ state, n }) => [state, n],
    ),
  );

test('tasks that are done or cancelled go, in batches, of every tenant; parked and open ones stay', async () => {
  await tasks('done', 2_300, DAYS + 1);
  await tasks('done', 5, DAYS + 1, tenants[1]);
  await tasks('cancelled', 7, DAYS + 1);
  await tasks('done', 11, DAYS - 1);
  await tasks('cancelled', 3, DAYS - 1, tenants[1]);
  await tasks('failed', 13, DAYS + 400);
  await tasks('waiting', 17, null);
  await tasks('running', 2, null);
  expect(await prune()).toBe(3);
  expect(await counted()).toEqual({ done: 11, cancelled: 3, failed: 13, waiting: 17, running: 2 });
  expect(await prune()).toBe(1);
  // The books of the time that is kept still add up.
  const created = 11 + 3 + 13 + 17 + 2;
  expect(Object.values(await counted()).reduce((sum, n) => sum + n, 0)).toBe(created);
});

test('idempotency keys, sessions and finished previews go; younger and unfinished ones stay', async () => {
  for (const daysAgo of [DAYS + 1, DAYS - 1]) {
    for (const tenantId of tenants) {
      await database.query(
        `INSERT INTO idempotency_keys (tenant_id, key, operation, request_hash, created_at)
         VALUES ($1, $2, 'x', 'x', now() - make_interval(days => $3))`,
        [tenantId, `${daysAgo} days`, daysAgo],
      );
      for (const state of ['finished', 'running']) {
        const id = newId();
        await database.query(
          `INSERT INTO policy_previews (tenant_id, id, request, state, requested_by, created_at, finished_at)
           VALUES ($1, $2, '{}', $3, $4, now() - make_interval(days => $5),
             CASE WHEN $3 = 'finished' THEN now() - make_interval(days => $5) END)`,
          [tenantId, id, state, `${daysAgo} days`, daysAgo],
        );
        await database.query(
          `INSERT INTO policy_preview_changes (tenant_id, id, preview_id, account_id, identity_id, check_id, change, why)
           VALUES ($1, $2, $3, $2, $2, 'unused-user', 'opened', 'x')`,
          [tenantId, newId(), id],
        );
      }
    }
    await database.query(
      `INSERT INTO sessions (tenant_id, id, hash, issuer, subject, name, email_verified, claims, created_at, last_seen_at,
         expires_at)
       VALUES ($1, $2, $3, 'i', 's', $4, false, '{}', now(), now(), now() - make_interval(days => $5))`,
      [PLATFORM_TENANT_ID, newId(), randomBytes(32), `${daysAgo} days`, daysAgo],
    );
  }
  await prune();
  const young = `${DAYS - 1} days`;
  expect(await database.query('SELECT key FROM idempotency_keys')).toEqual([{ key: young }, { key: young }]);
  expect(await database.query('SELECT name FROM sessions')).toEqual([{ name: young }]);
  const previews = await database.query<{ state: string; requested_by: string }>(
    'SELECT state, requested_by FROM policy_previews ORDER BY 1, 2',
  );
  expect(previews.filter(({ state }) => state === 'finished')).toEqual(
    [1, 2].map(() => ({ state: 'finished', requested_by: young })),
  );
  expect(previews.filter(({ state }) => state === 'running')).toHaveLength(4);
  expect(await database.query('SELECT 1 FROM policy_preview_changes')).toHaveLength(6);
});

test('only the platform may, and never what is younger than a day', async () => {
  const [tenantId = ''] = tenants;
  const as = (who: string, days: number) =>
    engine.database.inTenant(who, (manager) => manager.query('SELECT prune_what_is_over($1, 10)', [days]));
  await expect(as(tenantId, 30)).rejects.toThrow('only the platform');
  await expect(as(PLATFORM_TENANT_ID, 0)).rejects.toThrow('younger than a day');
});

test('what is over is found by an index, however much is kept', async () => {
  await tasks('done', 20_000, DAYS - 1);
  await database.query('ANALYZE tasks');
  const plan = JSON.stringify(
    await database.query(
      `EXPLAIN SELECT tenant_id, id FROM tasks WHERE state IN ('done', 'cancelled')
         AND finished_at < now() - make_interval(days => ${DAYS}) ORDER BY finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED`,
    ),
  );
  expect(plan).toContain('tasks_over');
  expect(plan).not.toContain('Seq Scan');
});
