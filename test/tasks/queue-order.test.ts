import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/ids';
import { probe } from './engine';
import { LEASE_MS, onBothBackends, until } from './queue-fixture';

onBothBackends('order, fairness and lanes', (on) => {
  test('tasks of one tenant run in order, urgent ones first, background ones last', async () => {
    await on.api.add(on.tenant, 'background', { priority: 'background' });
    await on.api.addMany(on.tenant, ['1', '2', '3', '4', '5', '6', '7', '8']);
    await on.api.add(on.tenant, 'urgent', { priority: 'urgent' });
    const worker = await on.startWorker(1);
    await until('all done', async () => (await on.open()) === 0);
    expect(worker.probe.seen).toEqual(['urgent', '1', '2', '3', '4', '5', '6', '7', '8', 'background']);
  });

  test('a lane holds one task at a time over all tenants and workers, or as many as it has slots', async () => {
    const other = await on.database.createTenant();
    const workers = [await on.startWorker(4), await on.startWorker(4)];
    const now: Record<string, number> = {};
    const most: Record<string, number> = {};
    for (const worker of workers) {
      worker.probe.behave = async ({ lane }) => {
        const key = lane?.name ?? 'none';
        now[key] = (now[key] ?? 0) + 1;
        most[key] = Math.max(most[key] ?? 0, now[key]);
        await sleep(40);
        // However slow the machine: a second one gets its chance to come in beside the first.
        if (key === 'endpoint:1' && most[key] < 2)
          await until('a second one', () => (most[key] ?? 0) >= 2).catch(() => {});
        now[key] -= 1;
      };
    }
    for (let i = 0; i < 6; i += 1) {
      await on.api.add(i % 2 ? on.tenant : other, `one ${i}`, { lane: 'aws:aws:1' });
      await on.api.add(i % 2 ? on.tenant : other, `two ${i}`, { lane: { name: 'endpoint:1', slots: 2 } });
    }
    await until('all done', async () => (await on.open()) === 0);
    expect(most).toEqual({ 'aws:aws:1': 1, 'endpoint:1': 2 });
    expect(await on.database.query('SELECT 1 FROM lanes')).toEqual([]);
  });

  test('a lane whose holder was lost is free when its lease has run out; a live holder renews it', async () => {
    await on.database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('aws:aws:1', 1, 1, $1, 0, clock_timestamp() + interval '1 second')`,
      [newId()],
    );
    const started = performance.now();
    const worker = await on.startWorker();
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
    const id = await on.api.add(on.tenant, 'x', { lane: 'aws:aws:1' });
    await on.reaches(id, 'done');
    expect(ranAfterMs).toBeGreaterThan(900);
    expect(deadlines).toHaveLength(25);
    for (const left of deadlines) {
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(LEASE_MS);
    }
  });

  test('tasks of a full lane are passed over, and hold up nobody behind them', async () => {
    await on.database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('l', 1, 1, $1, 0, clock_timestamp() + interval '1 minute')`,
      [newId()],
    );
    const blocked = await on.api.database.inTenant(on.tenant, (manager) =>
      on.api.queue.enqueueMany(
        manager,
        Array.from({ length: 50 }, () => ({
          task: probe,
          tenantId: on.tenant,
          payload: { label: 'blocked' },
          lane: 'l',
        })),
      ),
    );
    const free = await on.api.add(on.tenant, 'free');
    const worker = await on.startWorker();
    await on.reaches(free, 'done');
    expect(worker.probe.seen).toEqual(['free']);
    expect(
      await on.database.query('SELECT DISTINCT state, admission FROM tasks WHERE id = ANY ($1)', [blocked]),
    ).toEqual([{ state: 'waiting', admission: 0 }]);
  });

  test('a worker that is handed a task whose lane is full puts it back, with no attempt used', async () => {
    const ids = [await on.api.add(on.tenant, 'a', { lane: 'l' }), await on.api.add(on.tenant, 'b', { lane: 'l' })];
    // The dispatcher passes over full lanes; this is as if it had not seen the first holder yet.
    await on.database.query(`UPDATE tasks SET state = 'admitted', admission = 1`);
    const claim = (taskId: string | undefined, admission: number) =>
      on.api.runs.claim({ taskId: taskId ?? '', tenantId: on.tenant, admission }, newId());
    expect(await claim(ids[0], 0)).toBeNull();
    // Both find the lane free; the one whose transaction comes second must not take it over.
    await on.database.query('BEGIN');
    await on.database.query(
      `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
       VALUES ('l', 1, 1, $1, 0, clock_timestamp() + interval '1 minute')`,
      [newId()],
    );
    const loser = claim(ids[1], 1);
    await sleep(100);
    await on.database.query('COMMIT');
    expect(await loser).toBeNull();
    expect(await on.task(ids[1] ?? '')).toMatchObject({ state: 'waiting', attempts: 0 });
    await on.database.query('TRUNCATE lanes');
    expect(await claim(ids[0], 1)).toMatchObject({ attempt: 1, lane: { name: 'l', slot: 1 } });
  });

  test('2,000 queued tasks of one tenant do not delay the single task of another by more than 10 dispatches', async () => {
    const small = await on.database.createTenant();
    await on.api.addMany(
      on.tenant,
      Array.from({ length: 2_000 }, (_, i) => `big ${i}`),
    );
    const worker = await on.startWorker(4);
    worker.probe.behave = () => sleep(5);
    await until('busy', () => worker.probe.seen.length > 20);
    const before = worker.probe.seen.length;
    const id = await on.api.add(small, 'small');
    await on.reaches(id, 'done');
    expect(worker.probe.seen.indexOf('small') - before).toBeLessThanOrEqual(10);
    expect(await on.open()).toBeGreaterThan(1_000);
  });
});
