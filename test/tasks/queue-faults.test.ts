import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Config } from '../../src/config';
import { DomainError } from '../../src/errors';
import { newId } from '../../src/ids';
import { Carrier } from '../../src/tasks/carrier';
import { Postpone, StaleFence } from '../../src/tasks/running-task';
import { gate, message, onBothBackends, SOAK, until } from './queue-fixture';

/**
 * A job that was handed out on a connection that was cut just then looks as if somebody did it: BullMQ holds it for
 * 30 s, and looks for such jobs every 30 s.
 */
const A_STALL_IS_NOTICED_MS = 75_000;

onBothBackends('faults', (on) => {
  test('a run that has lost its task can write neither results nor an outcome', async () => {
    const worker = await on.startWorker();
    const [firstMayGoOn, secondMayEnd] = [gate(), gate()];
    const errors: unknown[] = [];
    worker.probe.behave = async (running) => {
      if (running.attempt > 1) return secondMayEnd.opened;
      await firstMayGoOn.opened;
      await worker.database
        .inTenant(on.tenant, async (manager) => {
          await running.guard(manager);
          await worker.events.record(manager, on.tenant, [
            { type: 'probe.wrote', objectType: 'probe', objectId: 'stale' },
          ]);
        })
        .catch((error: unknown) => errors.push(error));
    };
    const id = await on.api.add(on.tenant, 'x');
    await on.reaches(id, 'running');
    // As if the worker had stood still for longer than its lease.
    await on.database.query('UPDATE tasks SET worker_id = $2 WHERE id = $1', [id, newId()]);
    await until('a second run', () => worker.probe.seen.length === 2);
    const second = await on.task(id);
    expect(second).toMatchObject({ state: 'running', attempts: 2, crashes: 1 });
    firstMayGoOn.open();
    await until('the stale run noticed', () => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(StaleFence);
    await sleep(100);
    expect(await on.task(id)).toEqual(second);
    secondMayEnd.open();
    await on.reaches(id, 'done');
    expect(await on.database.query('SELECT 1 FROM events')).toEqual([]);
  });

  test('a run that its worker does not know of, because the answer to its claim was lost, is given back', async () => {
    const worker = await on.startWorker();
    const mayEnd = gate();
    worker.probe.behave = () => mayEnd.opened;
    const other = await on.api.add(on.tenant, 'other');
    await on.reaches(other, 'running');
    const id = newId();
    await on.database.query(
      `INSERT INTO tasks (tenant_id, id, kind, payload, state, attempts, fence, worker_id)
       VALUES ($1, $2, 'probe', '{"label":"stray"}', 'running', 1, 1, $3)`,
      [on.tenant, id, worker.worker.id],
    );
    await until('the stray ran', () => worker.probe.seen.includes('stray'));
    mayEnd.open();
    await on.reaches(id, 'done');
    expect(await on.task(id)).toMatchObject({ attempts: 1 });
    expect(worker.probe.seen).toEqual(['other', 'stray']);
  });

  test('an emptied queue loses nothing', async () => {
    const worker = await on.startWorker();
    worker.probe.behave = () => sleep(30);
    await on.api.addMany(
      on.tenant,
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
    await until('some done', () => worker.probe.seen.length >= 6);
    await on.emptyTheQueue();
    await until('all done', async () => (await on.open()) === 0);
    const states = await on.database.query(
      'SELECT state, count(*)::int AS n, sum(crashes)::int AS crashes FROM tasks GROUP BY 1',
    );
    expect(states).toEqual([{ state: 'done', n: 30, crashes: 0 }]);
  });

  test('cut connections to the database lose nothing', async () => {
    const worker = await on.startWorker();
    worker.probe.behave = () => sleep(30);
    await on.api.addMany(
      on.tenant,
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
    await until('some done', () => worker.probe.seen.length >= 6);
    await on.database.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'mothball-%'`,
    );
    await until('all done', async () => (await on.open()) === 0, A_STALL_IS_NOTICED_MS);
    const states = await on.database.query('SELECT state, count(*)::int AS n FROM tasks GROUP BY 1');
    expect(states).toEqual([{ state: 'done', n: 30 }]);
  }, 100_000);

  test('a worker process that is killed in mid-task loses nothing', async () => {
    const child = await on.startProcess();
    const id = await on.api.add(on.tenant, 'long', { lane: 'aws:aws:1' });
    await message(child, 'began');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const worker = await on.startWorker();
    await on.reaches(id, 'done');
    expect(worker.probe.seen).toEqual(['long']);
    expect(await on.task(id)).toMatchObject({ attempts: 2, crashes: 0 });
  });

  test('a task that takes its worker with it twice is parked, and the others go on', async () => {
    const id = await on.api.add(on.tenant, 'poison');
    for (let kills = 0; kills < 2; kills += 1) {
      const child = await on.startProcess();
      await once(child, 'exit');
    }
    const worker = await on.startWorker();
    await on.reaches(id, 'failed');
    expect(await on.task(id)).toMatchObject({ crashes: 1, error_code: 'WORKER_LOST' });
    expect(worker.probe.seen).toEqual([]);
    await on.reaches(await on.api.add(on.tenant, 'harmless'), 'done');
    await on.api.database.inTenant(on.tenant, (manager) => on.api.queue.retry(manager, on.tenant, id));
    await on.reaches(id, 'done');
  });

  test('a worker that ends gives back what it cannot finish, with no attempt used', async () => {
    const ending = await on.startWorker();
    ending.probe.behave = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const id = await on.api.add(on.tenant, 'x', { lane: 'aws:aws:1' });
    await on.reaches(id, 'running');
    await ending.worker.stop(100);
    expect(await on.task(id)).toMatchObject({ state: 'waiting', attempts: 0, crashes: 0 });
    expect(await on.database.query('SELECT 1 FROM lanes UNION ALL SELECT 1 FROM workers')).toEqual([]);
    const next = await on.startWorker();
    await on.reaches(id, 'done');
    expect(next.probe.seen).toEqual(['x']);
  });

  test('under random faults: created = done + failed + cancelled + open, and in the end nothing is open', async () => {
    const workers = [await on.startWorker(3), await on.startWorker(3)];
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
        const own = await on.database.createTenant();
        const nth = (n: number): string | undefined => [...created][n % Math.max(1, created.size)];
        for (const now of steps) {
          if ('add' in now)
            created.add(
              await on.api.add(own, now.add, now.key === null ? {} : { dedupeKey: `${now.key}`, lane: `l${now.key}` }),
            );
          else if ('cancel' in now || 'retry' in now) {
            const id = nth('cancel' in now ? now.cancel : now.retry);
            const act =
              'cancel' in now ? on.api.queue.cancel.bind(on.api.queue) : on.api.queue.retry.bind(on.api.queue);
            // A retry of what has not failed is refused; that is no fault.
            if (id)
              await on.api.database
                .inTenant(own, async (manager) => void (await act(manager, own, id)))
                .catch(() => {});
          } else if ('pauseMs' in now) await sleep(now.pauseMs);
          else if (now.lose === 'queue') await on.emptyTheQueue();
          else
            await on.database.query(`UPDATE tasks SET worker_id = $1 WHERE tenant_id = $2 AND state = 'running'`, [
              newId(),
              own,
            ]);
          const states = await on.database.query<{ state: string; n: number }>(
            'SELECT state, count(*)::int AS n FROM tasks WHERE tenant_id = $1 GROUP BY 1',
            [own],
          );
          expect(states.reduce((sum, { n }) => sum + n, 0)).toBe(created.size);
        }
        await until('nothing is open', async () => (await on.open()) === 0);
        await until('all runs ended', () => workers.every(({ worker }) => worker.running === 0));
        const { counts } = await on.api.stats.counts();
        expect(counts.filter(({ state }) => state !== 'failed')).toEqual([]);
      }),
      { numRuns: SOAK ? 40 : 3, endOnFailure: true },
    );
  });

  test('a back end that refuses the password is told at the start, with what to do', async () => {
    const wrong = new URL(on.redisUrl ?? on.database.urls.queue);
    wrong.password = 'wrong';
    const address = on.redisUrl === null ? { queueDatabaseUrl: wrong.href } : { redisUrl: wrong.href };
    const carrier = new Carrier(new Config({ ...on.settings('worker'), ...address }));
    await expect(carrier.open()).rejects.toThrow(
      on.redisUrl === null
        ? /cannot be reached \(password authentication failed.*Check MOTHBALL_QUEUE_DATABASE_URL/
        : /cannot be reached \(WRONGPASS.*Check that REDIS_URL/,
    );
  });
});
