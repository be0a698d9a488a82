import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Config, type ConfigValues } from '../../src/config';
import { DomainError } from '../../src/errors';
import { newId } from '../../src/ids';
import { Carrier } from '../../src/tasks/carrier';
import { Postpone, StaleFence } from '../../src/tasks/running-task';
import { type Engine, probe, startEngine } from './engine';
import { createTaskDatabase, type TaskDatabase } from './task-database';

const REDIS_URL = process.env['MOTHBALL_TEST_REDIS_URL'] ?? null;
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const LEASE_MS = 1_000;

jest.setTimeout(SOAK ? 300_000 : 40_000);

interface TaskRow {
  id: string;
  state: string;
  attempts: number;
  crashes: number;
  fence: number;
  error_code: string | null;
}

async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !(await condition()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
  }
}

/** A promise and the function that resolves it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

let database: TaskDatabase;
beforeAll(async () => {
  database = await createTaskDatabase();
});
afterAll(async () => {
  await database.drop();
});

const backends: ['Postgres' | 'Redis', string | null, boolean][] = [
  ['Postgres', null, true],
  ['Redis', REDIS_URL, REDIS_URL !== null],
];

for (const [backend, redisUrl, present] of backends) {
  // Named with its reason, since the summary of a run lists what was skipped.
  const name = present ? `the queue on ${backend}` : `the queue on ${backend} (no redis-server, no REDIS_URL)`;
  (present ? describe : describe.skip)(name, () => contract(redisUrl));
}

function contract(redisUrl: string | null): void {
  let api: Engine;
  let tenant: string;
  let engines: Engine[] = [];
  let children: ChildProcess[] = [];
  const queuePrefix = `t-${newId().slice(-12)}`;

  const settings = (role: 'api' | 'worker', workerConcurrency = 2): ConfigValues =>
    database.config({ role, redisUrl, queuePrefix, workerConcurrency, leaseMs: LEASE_MS });
  const startWorker = async (concurrency?: number): Promise<Engine> => {
    const engine = await startEngine(settings('worker', concurrency));
    engines.push(engine);
    return engine;
  };
  const startProcess = async (): Promise<ChildProcess> => {
    const child = fork(join(__dirname, 'worker-process.ts'), {
      execArgv: ['-r', join(__dirname, 'typescript-hook.cjs')],
    });
    children.push(child);
    child.send(settings('worker'));
    await message(child, 'ready');
    return child;
  };
  const message = (child: ChildProcess, key: string): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      child.on('message', (sent: Record<string, unknown>) => key in sent && resolve(sent));
      child.once('exit', () => reject(new Error(`The worker process ended before it said "${key}".`)));
    });
  const task = async (id: string): Promise<TaskRow> => {
    const [row] = await database.query<TaskRow>('SELECT * FROM tasks WHERE id = $1', [id]);
    if (!row) throw new Error(`No task ${id}`);
    return row;
  };
  const reaches = (id: string, state: string, timeoutMs?: number): Promise<void> =>
    until(`task ${state}`, async () => (await task(id)).state === state, timeoutMs);
  const open = async (): Promise<number> =>
    Number(
      (
        await database.query<{ n: string }>(
          `SELECT count(*) AS n FROM tasks WHERE state IN ('waiting', 'admitted', 'running')`,
        )
      )[0]?.n,
    );
  const emptyTheQueue = async (): Promise<void> => {
    if (redisUrl === null) {
      await database.admin('TRUNCATE bullmq.job, bullmq.event, bullmq.meta CASCADE');
      return;
    }
    const redis = new Redis(redisUrl);
    await redis.flushall();
    redis.disconnect();
  };

  beforeAll(async () => {
    api = await startEngine(settings('api'));
  });
  afterAll(async () => {
    await api.stop();
  });
  beforeEach(async () => {
    tenant = await database.createTenant();
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(engines.map((engine) => engine.stop()));
    children = [];
    engines = [];
    await database.query('TRUNCATE tasks, turns, lanes, workers, schedules, events');
  });

  test('tasks of one tenant run in order, urgent ones first, background ones last', async () => {
    await api.add(tenant, 'background', { priority: 'background' });
    await api.addMany(tenant, ['1', '2', '3', '4', '5', '6', '7', '8']);
    await api.add(tenant, 'urgent', { priority: 'urgent' });
    const worker = await startWorker(1);
    await until('all done', async () => (await open()) === 0);
    expect(worker.probe.seen).toEqual(['urgent', '1', '2', '3', '4', '5', '6', '7', '8', 'background']);
  });

  test('a task that fails is tried again until its attempts are used up, then parked and retryable by people', async () => {
    const worker = await startWorker();
    worker.probe.behave = async ({ attempt }) => {
      if (attempt < 3) throw new Error('not yet');
    };
    const works = await api.add(tenant, 'third time lucky');
    await reaches(works, 'done');
    expect((await task(works)).attempts).toBe(3);

    worker.probe.behave = async () => {
      throw new Error('never');
    };
    const fails = await api.add(tenant, 'hopeless');
    await reaches(fails, 'failed');
    expect(await task(fails)).toMatchObject({ attempts: 3, error_code: 'UNEXPECTED' });

    worker.probe.behave = async () => {};
    await api.database.inTenant(tenant, (manager) => api.queue.retry(manager, tenant, fails));
    await reaches(fails, 'done');
  });

  test('an error that no retry can mend parks the task at once and is an event', async () => {
    const worker = await startWorker();
    worker.probe.behave = async () => {
      throw new DomainError('NO_SUCH_ROLE', 'The role does not exist.', { remedy: 'Create it.' });
    };
    const id = await api.add(tenant, 'x');
    await reaches(id, 'failed');
    expect(await task(id)).toMatchObject({ attempts: 1, error_code: 'NO_SUCH_ROLE' });
    expect(await database.query('SELECT type, object_id, data FROM events')).toEqual([
      { type: 'task.failed', object_id: id, data: { kind: 'probe', code: 'NO_SUCH_ROLE', payload: { label: 'x' } } },
    ]);
  });

  test('a postponed task comes back and uses up no attempt', async () => {
    const worker = await startWorker();
    let calls = 0;
    worker.probe.behave = async () => {
      calls += 1;
      if (calls <= 4) throw new Postpone(30, 'the report is not there yet');
    };
    const id = await api.add(tenant, 'x');
    await reaches(id, 'done');
    expect(await task(id)).toMatchObject({ attempts: 1 });
  });

  test('a run that has lost its task can write neither results nor an outcome', async () => {
    const worker = await startWorker();
    const [firstMayGoOn, secondMayEnd] = [gate(), gate()];
    const errors: unknown[] = [];
    worker.probe.behave = async (running) => {
      if (running.attempt > 1) return secondMayEnd.opened;
      await firstMayGoOn.opened;
      await worker.database
        .inTenant(tenant, async (manager) => {
          await running.guard(manager);
          await worker.events.record(manager, tenant, [
            { type: 'probe.wrote', objectType: 'probe', objectId: 'stale' },
          ]);
        })
        .catch((error: unknown) => errors.push(error));
    };
    const id = await api.add(tenant, 'x');
    await reaches(id, 'running');
    // As if the worker had stood still for longer than its lease.
    await database.query('UPDATE tasks SET worker_id = $2 WHERE id = $1', [id, newId()]);
    await until('a second run', () => worker.probe.seen.length === 2);
    const second = await task(id);
    expect(second).toMatchObject({ state: 'running', attempts: 2, crashes: 1 });
    firstMayGoOn.open();
    await until('the stale run noticed', () => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(StaleFence);
    await sleep(100);
    expect(await task(id)).toEqual(second);
    secondMayEnd.open();
    await reaches(id, 'done');
    expect(await database.query('SELECT 1 FROM events')).toEqual([]);
  });

  test('a lane holds one task at a time over all tenants and workers, or as many as it has slots', async () => {
    const other = await database.createTenant();
    const workers = [await startWorker(4), await startWorker(4)];
    const now: Record<string, number> = {};
    const most: Record<string, number> = {};
    for (const worker of workers) {
      worker.probe.behave = async ({ lane }) => {
        const key = lane?.name ?? 'none';
        now[key] = (now[key] ?? 0) + 1;
        most[key] = Math.max(most[key] ?? 0, now[key]);
        await sleep(40);
        now[key] -= 1;
      };
    }
    for (let i = 0; i < 6; i += 1) {
      await api.add(i % 2 ? tenant : other, `one ${i}`, { lane: 'aws:aws:1' });
      await api.add(i % 2 ? tenant : other, `two ${i}`, { lane: { name: 'endpoint:1', slots: 2 } });
    }
    await until('all done', async () => (await open()) === 0);
    expect(most).toEqual({ 'aws:aws:1': 1, 'endpoint:1': 2 });
    expect(await database.query('SELECT 1 FROM lanes')).toEqual([]);
  });

  test('a lane whose holder was lost is free when its lease has run out; a live holder renews it', async () => {
    await database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('aws:aws:1', 1, 1, $1, 0, clock_timestamp() + interval '1 second')`,
      [newId()],
    );
    const started = performance.now();
    const worker = await startWorker();
    let ranAfterMs = 0;
    const deadlines: (number | null)[] = [];
    worker.probe.behave = async ({ lane }) => {
      ranAfterMs = performance.now() - started;
      for (let i = 0; i < 25; i += 1) {
        const deadline = lane?.deadline() ?? null;
        deadlines.push(deadline === null ? null : deadline - performance.now());
        await sleep(100);
      }
    };
    const id = await api.add(tenant, 'x', { lane: 'aws:aws:1' });
    await reaches(id, 'done');
    expect(ranAfterMs).toBeGreaterThan(900);
    expect(deadlines).toHaveLength(25);
    for (const left of deadlines) {
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(LEASE_MS);
    }
  });

  test('tasks of a full lane are passed over, and hold up nobody behind them', async () => {
    await database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('l', 1, 1, $1, 0, clock_timestamp() + interval '1 minute')`,
      [newId()],
    );
    const blocked = await api.database.inTenant(tenant, (manager) =>
      api.queue.enqueueMany(
        manager,
        Array.from({ length: 50 }, () => ({ task: probe, tenantId: tenant, payload: { label: 'blocked' }, lane: 'l' })),
      ),
    );
    const free = await api.add(tenant, 'free');
    const worker = await startWorker();
    await reaches(free, 'done');
    expect(worker.probe.seen).toEqual(['free']);
    expect(await database.query('SELECT DISTINCT state, admission FROM tasks WHERE id = ANY ($1)', [blocked])).toEqual([
      { state: 'waiting', admission: 0 },
    ]);
  });

  test('a run that its worker does not know of, because the answer to its claim was lost, is given back', async () => {
    const worker = await startWorker();
    const mayEnd = gate();
    worker.probe.behave = () => mayEnd.opened;
    const other = await api.add(tenant, 'other');
    await reaches(other, 'running');
    const id = newId();
    await database.query(
      `INSERT INTO tasks (tenant_id, id, kind, payload, state, attempts, fence, worker_id)
       VALUES ($1, $2, 'probe', '{"label":"stray"}', 'running', 1, 1, $3)`,
      [tenant, id, worker.worker.id],
    );
    await until('the stray ran', () => worker.probe.seen.includes('stray'));
    mayEnd.open();
    await reaches(id, 'done');
    expect(await task(id)).toMatchObject({ attempts: 1 });
    expect(worker.probe.seen).toEqual(['other', 'stray']);
  });

  test('a worker that is handed a task whose lane is full puts it back, with no attempt used', async () => {
    const ids = [await api.add(tenant, 'a', { lane: 'l' }), await api.add(tenant, 'b', { lane: 'l' })];
    // The dispatcher passes over full lanes; this is as if it had not seen the first holder yet.
    await database.query(`UPDATE tasks SET state = 'admitted', admission = 1`);
    const claim = (taskId: string | undefined, admission: number) =>
      api.runs.claim({ taskId: taskId ?? '', tenantId: tenant, admission }, newId());
    expect(await claim(ids[0], 0)).toBeNull();
    // Both find the lane free; the one whose transaction comes second must not take it over.
    await database.query('BEGIN');
    await database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('l', 1, 1, $1, 0, clock_timestamp() + interval '1 minute')`,
      [newId()],
    );
    const loser = claim(ids[1], 1);
    await sleep(100);
    await database.query('COMMIT');
    expect(await loser).toBeNull();
    expect(await task(ids[1] ?? '')).toMatchObject({ state: 'waiting', attempts: 0 });
    await database.query('TRUNCATE lanes');
    expect(await claim(ids[0], 1)).toMatchObject({ attempt: 1, lane: { name: 'l', slot: 1 } });
  });

  test('the same work asked for twice is one task, and another once that is over', async () => {
    const first = await api.add(tenant, 'a', { dedupeKey: 'k' });
    const [second, third] = await api.database.inTenant(tenant, (manager) =>
      api.queue.enqueueMany(manager, [
        { task: probe, tenantId: tenant, payload: { label: 'b' }, dedupeKey: 'k' },
        { task: probe, tenantId: tenant, payload: { label: 'c' }, dedupeKey: 'k' },
      ]),
    );
    expect([second, third]).toEqual([first, first]);
    const elsewhere = await database.createTenant();
    expect(await api.add(elsewhere, 'a', { dedupeKey: 'k' })).not.toBe(first);
    await startWorker();
    await until('all done', async () => (await open()) === 0);
    expect(await api.add(tenant, 'd', { dedupeKey: 'k' })).not.toBe(first);
  });

  test('joining a running task either trusts its result or has it run once more', async () => {
    const worker = await startWorker();
    let mayEnd = gate();
    worker.probe.behave = () => mayEnd.opened;
    const joined = await api.add(tenant, 'join', { dedupeKey: 'join' });
    await reaches(joined, 'running');
    expect(await api.add(tenant, 'join', { dedupeKey: 'join' })).toBe(joined);
    mayEnd.open();
    await reaches(joined, 'done');

    mayEnd = gate();
    const again = await api.add(tenant, 'again', { dedupeKey: 'again', whenRunning: 'again' });
    await reaches(again, 'running');
    expect(await api.add(tenant, 'again', { dedupeKey: 'again', whenRunning: 'again' })).toBe(again);
    mayEnd.open();
    await reaches(again, 'done');
    expect(worker.probe.seen).toEqual(['join', 'again', 'again']);
  });

  test('a task with a due time waits for it', async () => {
    const worker = await startWorker();
    const ranAt: number[] = [];
    worker.probe.behave = async () => void ranAt.push(Date.now());
    const dueAt = new Date(Date.now() + 1_200);
    const id = await api.add(tenant, 'later', { dueAt });
    await reaches(id, 'done');
    expect(ranAt[0]).toBeGreaterThanOrEqual(dueAt.getTime());
    expect(ranAt[0]).toBeLessThan(dueAt.getTime() + 2_000);
  });

  test('a schedule makes a task at each of its times, and none while the last one is open', async () => {
    const worker = await startWorker();
    const mayEnd = gate();
    await api.database.inTenant(tenant, (manager) =>
      api.schedules.set(manager, { tenantId: tenant, task: probe, payload: { label: 'tick' }, cron: '* * * * * *' }),
    );
    await until('two ticks', () => worker.probe.seen.length >= 2);
    worker.probe.behave = () => mayEnd.opened;
    const soFar = worker.probe.seen.length;
    await until('a long one', () => worker.probe.seen.length > soFar);
    await sleep(2_100);
    expect(worker.probe.seen.length).toBe(soFar + 1);
    mayEnd.open();
    await until('goes on', () => worker.probe.seen.length > soFar + 1);
  });

  test('a cancelled task does not run; a running one is aborted at once and its end is not written', async () => {
    const cancel = (id: string): Promise<boolean> =>
      api.database.inTenant(tenant, (manager) => api.queue.cancel(manager, tenant, id));
    const waiting = await api.add(tenant, 'waiting');
    expect(await cancel(waiting)).toBe(true);
    expect(await cancel(waiting)).toBe(false);
    const worker = await startWorker();
    let reason: unknown;
    worker.probe.behave = ({ signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          resolve();
        }),
      );
    const running = await api.add(tenant, 'running');
    await reaches(running, 'running');
    await cancel(running);
    await until('aborted', () => reason !== undefined, 500);
    expect(reason).toBeInstanceOf(StaleFence);
    await until('ended', () => worker.worker.running === 0);
    expect((await task(running)).state).toBe('cancelled');
    expect(worker.probe.seen).toEqual(['running']);
  });

  test('2,000 queued tasks of one tenant do not delay the single task of another by more than 10 dispatches', async () => {
    const small = await database.createTenant();
    await api.addMany(
      tenant,
      Array.from({ length: 2_000 }, (_, i) => `big ${i}`),
    );
    const worker = await startWorker(4);
    worker.probe.behave = () => sleep(5);
    await until('busy', () => worker.probe.seen.length > 20);
    const before = worker.probe.seen.length;
    const id = await api.add(small, 'small');
    await reaches(id, 'done');
    expect(worker.probe.seen.indexOf('small') - before).toBeLessThanOrEqual(10);
    expect(await open()).toBeGreaterThan(1_000);
  });

  test('an emptied queue loses nothing', async () => {
    const worker = await startWorker();
    worker.probe.behave = () => sleep(30);
    await api.addMany(
      tenant,
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
    await until('some done', () => worker.probe.seen.length >= 6);
    await emptyTheQueue();
    await until('all done', async () => (await open()) === 0);
    const states = await database.query(
      'SELECT state, count(*)::int AS n, sum(crashes)::int AS crashes FROM tasks GROUP BY 1',
    );
    expect(states).toEqual([{ state: 'done', n: 30, crashes: 0 }]);
  });

  test('cut connections to the database lose nothing', async () => {
    const worker = await startWorker();
    worker.probe.behave = () => sleep(30);
    await api.addMany(
      tenant,
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
    await until('some done', () => worker.probe.seen.length >= 6);
    await database.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'mothball-%'`,
    );
    await until('all done', async () => (await open()) === 0);
    const states = await database.query('SELECT state, count(*)::int AS n FROM tasks GROUP BY 1');
    expect(states).toEqual([{ state: 'done', n: 30 }]);
  });

  test('a worker process that is killed in mid-task loses nothing', async () => {
    const child = await startProcess();
    const id = await api.add(tenant, 'long', { lane: 'aws:aws:1' });
    await message(child, 'began');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const worker = await startWorker();
    await reaches(id, 'done');
    expect(worker.probe.seen).toEqual(['long']);
    expect(await task(id)).toMatchObject({ attempts: 2, crashes: 0 });
  });

  test('a task that takes its worker with it twice is parked, and the others go on', async () => {
    const id = await api.add(tenant, 'poison');
    for (let kills = 0; kills < 2; kills += 1) {
      const child = await startProcess();
      await once(child, 'exit');
    }
    const worker = await startWorker();
    await reaches(id, 'failed');
    expect(await task(id)).toMatchObject({ crashes: 1, error_code: 'WORKER_LOST' });
    expect(worker.probe.seen).toEqual([]);
    await reaches(await api.add(tenant, 'harmless'), 'done');
    await api.database.inTenant(tenant, (manager) => api.queue.retry(manager, tenant, id));
    await reaches(id, 'done');
  });

  test('a worker that ends gives back what it cannot finish, with no attempt used', async () => {
    const ending = await startWorker();
    ending.probe.behave = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const id = await api.add(tenant, 'x', { lane: 'aws:aws:1' });
    await reaches(id, 'running');
    await ending.worker.stop(100);
    expect(await task(id)).toMatchObject({ state: 'waiting', attempts: 0, crashes: 0 });
    expect(await database.query('SELECT 1 FROM lanes UNION ALL SELECT 1 FROM workers')).toEqual([]);
    const next = await startWorker();
    await reaches(id, 'done');
    expect(next.probe.seen).toEqual(['x']);
  });

  test('an event and the tasks that follow from it are committed together or not at all', async () => {
    const worker = await startWorker();
    const record = (objectId: string, fail: boolean): Promise<void> =>
      api.database.inTenant(tenant, async (manager) => {
        await api.events.record(manager, tenant, [
          { type: 'probe.asked', objectType: 'probe', objectId },
          { type: 'probe.ignored', objectType: 'probe', objectId },
        ]);
        if (fail) throw new Error('rolled back');
      });
    await expect(record('never', true)).rejects.toThrow('rolled back');
    await record('asked', false);
    await until('the reaction ran', () => worker.probe.seen.length > 0);
    await until('all done', async () => (await open()) === 0);
    expect(worker.probe.seen).toEqual(['asked']);
    expect(await database.query('SELECT type, object_id FROM events ORDER BY id')).toEqual([
      { type: 'probe.asked', object_id: 'asked' },
      { type: 'probe.ignored', object_id: 'asked' },
    ]);
  });

  test('under random faults: created = done + failed + cancelled + open, and in the end nothing is open', async () => {
    const workers = [await startWorker(3), await startWorker(3)];
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          add: fc.constantFrom('ok', 'slow', 'flaky', 'hopeless', 'postponed'),
          key: fc.option(fc.nat(2)),
        }),
      },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ retry: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.constant({ lose: 'queue' as const }) },
      { weight: 1, arbitrary: fc.constant({ lose: 'run' as const }) },
      { weight: 2, arbitrary: fc.record({ pauseMs: fc.nat(60) }) },
    );
    for (const { probe: inWorker } of workers) {
      inWorker.behave = async ({ payload, attempt }) => {
        if (payload.label === 'slow') await sleep(50);
        if (payload.label === 'flaky' && attempt < 2) throw new Error('flaky');
        if (payload.label === 'hopeless') throw new DomainError('HOPELESS', 'No.');
        if (payload.label === 'postponed' && Math.random() < 0.5) throw new Postpone(10, 'not now');
      };
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const created = new Set<string>();
        const own = await database.createTenant();
        const nth = (n: number): string | undefined => [...created][n % Math.max(1, created.size)];
        for (const now of steps) {
          if ('add' in now)
            created.add(
              await api.add(own, now.add, now.key === null ? {} : { dedupeKey: `${now.key}`, lane: `l${now.key}` }),
            );
          else if ('cancel' in now || 'retry' in now) {
            const id = nth('cancel' in now ? now.cancel : now.retry);
            const act = 'cancel' in now ? api.queue.cancel.bind(api.queue) : api.queue.retry.bind(api.queue);
            // A retry of what has not failed is refused; that is no fault.
            if (id)
              await api.database.inTenant(own, async (manager) => void (await act(manager, own, id))).catch(() => {});
          } else if ('pauseMs' in now) await sleep(now.pauseMs);
          else if (now.lose === 'queue') await emptyTheQueue();
          else
            await database.query(`UPDATE tasks SET worker_id = $1 WHERE tenant_id = $2 AND state = 'running'`, [
              newId(),
              own,
            ]);
          const states = await database.query<{ state: string; n: number }>(
            'SELECT state, count(*)::int AS n FROM tasks WHERE tenant_id = $1 GROUP BY 1',
            [own],
          );
          expect(states.reduce((sum, { n }) => sum + n, 0)).toBe(created.size);
        }
        await until('nothing is open', async () => (await open()) === 0);
        await until('all runs ended', () => workers.every(({ worker }) => worker.running === 0));
        const { counts } = await api.stats.counts();
        expect(counts.filter(({ state }) => state !== 'failed')).toEqual([]);
      }),
      { numRuns: SOAK ? 40 : 3, endOnFailure: true },
    );
  });

  test('a back end that refuses the password is told at the start, with what to do', async () => {
    const wrong = new URL(redisUrl ?? database.urls.queue);
    wrong.password = 'wrong';
    const address = redisUrl === null ? { queueDatabaseUrl: wrong.href } : { redisUrl: wrong.href };
    const carrier = new Carrier(new Config({ ...settings('worker'), ...address }));
    await expect(carrier.open()).rejects.toThrow(
      redisUrl === null
        ? /cannot be reached \(password authentication failed.*Check MOTHBALL_QUEUE_DATABASE_URL/
        : /cannot be reached \(WRONGPASS.*Check that REDIS_URL/,
    );
  });
}
