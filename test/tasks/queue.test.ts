import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../src/errors';
import { Postpone, StaleFence } from '../../src/tasks/running-task';
import { probe } from './engine';
import { gate, onBothBackends, until } from './queue-fixture';

onBothBackends('the queue', (on) => {
  test('a task that fails is tried again until its attempts are used up, then parked and retryable by people', async () => {
    const worker = await on.startWorker();
    worker.probe.behave = async ({ attempt }) => {
      if (attempt < 3) throw new Error('not yet');
    };
    const works = await on.api.add(on.tenant, 'third time lucky');
    await on.reaches(works, 'done');
    expect((await on.task(works)).attempts).toBe(3);

    worker.probe.behave = async () => {
      throw new Error('never');
    };
    const fails = await on.api.add(on.tenant, 'hopeless');
    await on.reaches(fails, 'failed');
    expect(await on.task(fails)).toMatchObject({ attempts: 3, error_code: 'UNEXPECTED' });

    worker.probe.behave = async () => {};
    await on.api.database.inTenant(on.tenant, (manager) => on.api.queue.retry(manager, on.tenant, fails));
    await on.reaches(fails, 'done');
  });

  test('an error that no retry can mend parks the task at once and is an event', async () => {
    const worker = await on.startWorker();
    worker.probe.behave = async () => {
      throw new DomainError('NO_SUCH_ROLE', 'The role does not exist.', { remedy: 'Create it.' });
    };
    const id = await on.api.add(on.tenant, 'x');
    await on.reaches(id, 'failed');
    expect(await on.task(id)).toMatchObject({ attempts: 1, error_code: 'NO_SUCH_ROLE' });
    expect(await on.database.query('SELECT type, object_id, data FROM events')).toEqual([
      { type: 'task.failed', object_id: id, data: { kind: 'probe', code: 'NO_SUCH_ROLE', payload: { label: 'x' } } },
    ]);
  });

  test('a postponed task comes back and uses up no attempt', async () => {
    const worker = await on.startWorker();
    let calls = 0;
    worker.probe.behave = async () => {
      calls += 1;
      if (calls <= 4) throw new Postpone(30, 'the report is not there yet');
    };
    const id = await on.api.add(on.tenant, 'x');
    await on.reaches(id, 'done');
    expect(await on.task(id)).toMatchObject({ attempts: 1 });
  });

  test('the same work asked for twice is one task, and another once that is over', async () => {
    const first = await on.api.add(on.tenant, 'a', { dedupeKey: 'k' });
    const [second, third] = await on.api.database.inTenant(on.tenant, (manager) =>
      on.api.queue.enqueueMany(manager, [
        { task: probe, tenantId: on.tenant, payload: { label: 'b' }, dedupeKey: 'k' },
        { task: probe, tenantId: on.tenant, payload: { label: 'c' }, dedupeKey: 'k' },
      ]),
    );
    expect([second, third]).toEqual([first, first]);
    const elsewhere = await on.database.createTenant();
    expect(await on.api.add(elsewhere, 'a', { dedupeKey: 'k' })).not.toBe(first);
    await on.startWorker();
    await until('all done', async () => (await on.open()) === 0);
    expect(await on.api.add(on.tenant, 'd', { dedupeKey: 'k' })).not.toBe(first);
  });

  test('joining a running task either trusts its result or has it run once more', async () => {
    const worker = await on.startWorker();
    let mayEnd = gate();
    worker.probe.behave = () => mayEnd.opened;
    const joined = await on.api.add(on.tenant, 'join', { dedupeKey: 'join' });
    await on.reaches(joined, 'running');
    expect(await on.api.add(on.tenant, 'join', { dedupeKey: 'join' })).toBe(joined);
    mayEnd.open();
    await on.reaches(joined, 'done');

    mayEnd = gate();
    const again = await on.api.add(on.tenant, 'again', { dedupeKey: 'again', whenRunning: 'again' });
    await on.reaches(again, 'running');
    expect(await on.api.add(on.tenant, 'again', { dedupeKey: 'again', whenRunning: 'again' })).toBe(again);
    mayEnd.open();
    await on.reaches(again, 'done');
    expect(worker.probe.seen).toEqual(['join', 'again', 'again']);
  });

  test('a task with a due time waits for it', async () => {
    const worker = await on.startWorker();
    const ranAt: number[] = [];
    worker.probe.behave = async () => void ranAt.push(Date.now());
    const dueAt = new Date(Date.now() + 1_200);
    const id = await on.api.add(on.tenant, 'later', { dueAt });
    await on.reaches(id, 'done');
    expect(ranAt[0]).toBeGreaterThanOrEqual(dueAt.getTime());
    expect(ranAt[0]).toBeLessThan(dueAt.getTime() + 2_000);
  });

  test('a schedule makes a task at each of its times, and none while the last one is open', async () => {
    const worker = await on.startWorker();
    const mayEnd = gate();
    await on.api.database.inTenant(on.tenant, (manager) =>
      on.api.schedules.set(manager, {
        tenantId: on.tenant,
        task: probe,
        payload: { label: 'tick' },
        cron: '* * * * * *',
      }),
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
      on.api.database.inTenant(on.tenant, (manager) => on.api.queue.cancel(manager, on.tenant, id));
    const waiting = await on.api.add(on.tenant, 'waiting');
    expect(await cancel(waiting)).toBe(true);
    expect(await cancel(waiting)).toBe(false);
    const worker = await on.startWorker();
    let reason: unknown;
    worker.probe.behave = ({ signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          resolve();
        }),
      );
    const running = await on.api.add(on.tenant, 'running');
    await on.reaches(running, 'running');
    await cancel(running);
    await until('aborted', () => reason !== undefined, 500);
    expect(reason).toBeInstanceOf(StaleFence);
    await until('ended', () => worker.worker.running === 0);
    expect((await on.task(running)).state).toBe('cancelled');
    expect(worker.probe.seen).toEqual(['running']);
  });

  test('an event and the tasks that follow from it are committed together or not at all', async () => {
    const worker = await on.startWorker();
    const record = (objectId: string, fail: boolean): Promise<void> =>
      on.api.database.inTenant(on.tenant, async (manager) => {
        await on.api.events.record(manager, on.tenant, [
          { type: 'probe.asked', objectType: 'probe', objectId },
          { type: 'probe.ignored', objectType: 'probe', objectId },
        ]);
        if (fail) throw new Error('rolled back');
      });
    await expect(record('never', true)).rejects.toThrow('rolled back');
    await record('asked', false);
    await until('the reaction ran', () => worker.probe.seen.length > 0);
    await until('all done', async () => (await on.open()) === 0);
    expect(worker.probe.seen).toEqual(['asked']);
    expect(await on.database.query('SELECT type, object_id FROM events ORDER BY id')).toEqual([
      { type: 'probe.asked', object_id: 'asked' },
      { type: 'probe.ignored', object_id: 'asked' },
    ]);
  });
});
