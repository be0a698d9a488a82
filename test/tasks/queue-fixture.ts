import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ConfigValues } from '../../src/config';
import { newId } from '../../src/ids';
import { type Engine, startEngine } from './engine';
import { createTaskDatabase, type TaskDatabase } from './task-database';

export const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
export const LEASE_MS = 1_000;

const REDIS_URL = process.env['MOTHBALL_TEST_REDIS_URL'] ?? null;

export interface TaskRow {
  id: string;
  state: string;
  attempts: number;
  crashes: number;
  fence: number;
  error_code: string | null;
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  for (const end = performance.now() + timeoutMs; !(await condition()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
  }
}

/** A promise and the function that resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Waits for the first message of a worker process that has `key`. */
export const message = (child: ChildProcess, key: string): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    child.on('message', (sent: Record<string, unknown>) => key in sent && resolve(sent));
    child.once('exit', () => reject(new Error(`The worker process ended before it said "${key}".`)));
  });

/** Registers the same tests for each of the carrier's back ends; what is missing is skipped under its reason. */
export function onBothBackends(subject: string, contract: (on: QueueFixture) => void): void {
  jest.setTimeout(SOAK ? 300_000 : 40_000);
  describe(`${subject}, on Postgres`, () => contract(new QueueFixture(null)));
  if (REDIS_URL !== null) describe(`${subject}, on Redis`, () => contract(new QueueFixture(REDIS_URL)));
  else describe.skip(`${subject}, on Redis (no redis-server, no REDIS_URL)`, () => contract(new QueueFixture('')));
}

/** A database, an api process and any number of workers; a new tenant for each test. */
export class QueueFixture {
  database!: TaskDatabase;
  api!: Engine;
  tenant = '';
  private engines: Engine[] = [];
  private children: ChildProcess[] = [];
  private readonly queuePrefix = `t-${newId().slice(-12)}`;

  constructor(readonly redisUrl: string | null) {
    beforeAll(async () => {
      this.database = await createTaskDatabase();
      this.api = await startEngine(this.settings('api'));
    });
    afterAll(async () => {
      await this.api.stop();
      await this.database.drop();
    });
    beforeEach(async () => {
      this.tenant = await this.database.createTenant();
    });
    afterEach(async () => {
      for (const child of this.children) child.kill('SIGKILL');
      await Promise.all(this.engines.map((engine) => engine.stop()));
      this.children = [];
      this.engines = [];
      await this.database.query('TRUNCATE tasks, turns, lanes, workers, schedules, events');
    });
  }

  settings(role: 'api' | 'worker', workerConcurrency = 2): ConfigValues {
    const { redisUrl, queuePrefix } = this;
    return this.database.config({ role, redisUrl, queuePrefix, workerConcurrency, leaseMs: LEASE_MS });
  }

  async startWorker(concurrency?: number): Promise<Engine> {
    const engine = await startEngine(this.settings('worker', concurrency));
    this.engines.push(engine);
    return engine;
  }

  /** A worker that can be killed. */
  async startProcess(): Promise<ChildProcess> {
    const child = fork(join(__dirname, 'worker-process.ts'), {
      execArgv: ['-r', join(__dirname, '../../scripts/lib/typescript-hook.cjs')],
    });
    this.children.push(child);
    child.send(this.settings('worker'));
    await message(child, 'ready');
    return child;
  }

  async task(id: string): Promise<TaskRow> {
    const [row] = await this.database.query<TaskRow>('SELECT * FROM tasks WHERE id = $1', [id]);
    if (!row) throw new Error(`No task ${id}`);
    return row;
  }

  async reaches(id: string, state: string): Promise<void> {
    await until(`task ${state}`, async () => (await this.task(id)).state === state);
  }

  /** How many tasks are open, over all tenants. */
  async open(): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM tasks WHERE state IN ('waiting', 'admitted', 'running')`,
    );
    return row?.n ?? 0;
  }

  async emptyTheQueue(): Promise<void> {
    if (this.redisUrl === null) {
      await this.database.admin('TRUNCATE bullmq.job, bullmq.event, bullmq.meta CASCADE');
      return;
    }
    const redis = new Redis(this.redisUrl);
    // Only its own keys: other test files use the same server at the same time.
    const keys = await redis.keys(`${this.queuePrefix}:*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  }
}
