import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { Config, type ConfigValues } from '../../../src/config';
import type { WorkerSettings } from '../../cleanup/worker-process';
import { pipelineModule } from '../../harness/pipeline';
import type { NotifiedWorld } from './notified-world';

/** Where there is one, so that it can be emptied; else the queue is in Postgres. */
const REDIS_URL = process.env['MOTHBALL_TEST_REDIS_URL'] ?? null;
const LEASE_MS = 2_000;

const SETTINGS: Partial<ConfigValues> = { redisUrl: REDIS_URL, leaseMs: LEASE_MS };

/** For a world whose own process only writes rows: what is done is done by the workers below. */
export const WITHOUT_WORKER: Partial<ConfigValues> = { ...SETTINGS, role: 'api' };

const settingsOf = (world: NotifiedWorld): WorkerSettings => ({
  config: world.pipeline.database.config({ ...SETTINGS, role: 'worker', workerConcurrency: 16, databasePoolSize: 16 }),
  aws: { endpoint: world.pipeline.simulator.url },
  aheadMs: world.clock.aheadMs,
});

/** A worker in this process, on the world's own clock. */
export function startWorker(world: NotifiedWorld): Promise<INestApplicationContext> {
  const { config, aws } = settingsOf(world);
  const root = pipelineModule(new Config(config), aws, world.clock);
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

/** A worker in a process of its own, so that it can be killed. Ends with this one. */
export async function startWorkerProcess(world: NotifiedWorld): Promise<ChildProcess> {
  const child = fork(join(__dirname, '../../cleanup/worker-process.ts'), {
    env: { ...process.env },
    execArgv: ['-r', join(__dirname, '../../../scripts/lib/typescript-hook.cjs')],
  });
  child.send(settingsOf(world));
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The worker process ended before it was ready.');
    }),
  ]);
  return child;
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** As if the queue's back end had lost everything. */
export async function emptyTheQueue({ pipeline }: NotifiedWorld): Promise<void> {
  if (REDIS_URL === null) {
    await pipeline.rows('TRUNCATE bullmq.job, bullmq.event, bullmq.meta CASCADE');
    return;
  }
  const redis = new Redis(REDIS_URL);
  // Only its own keys: other test files use the same server at the same time.
  const keys = await redis.keys(`${pipeline.database.config().queuePrefix}:*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
}

/** Rows that nobody can change: whoever tries waits. */
export interface Locks {
  take(statement: string, values?: readonly unknown[]): Promise<void>;
  release(): Promise<void>;
}

export function locksOn(world: NotifiedWorld): Locks {
  const clients: Client[] = [];
  return {
    take: async (statement, values = []) => {
      const client = new Client({
        connectionString: world.pipeline.database.adminUrl,
        options: '-c search_path=mothball',
      });
      clients.push(client);
      await client.connect();
      await client.query('BEGIN');
      const { rowCount } = await client.query(statement, [...values]);
      if (rowCount === 0) throw new Error(`There was nothing to lock: ${statement}`);
    },
    release: async () => {
      for (const client of clients.splice(0)) await client.end();
    },
  };
}
