import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Config } from '../../src/config';
import { pipelineModule, unpaced } from '../harness/pipeline';
import type { CleanUpWorld } from './clean-up-world';
import type { WorkerSettings } from './worker-process';

export const LEASE_MS = 2_000;

/** A world whose own process only writes rows: what is done is done by the workers below. */
export const WITHOUT_WORKER = { config: { role: 'api', leaseMs: LEASE_MS } } as const;

interface WorkerOptions {
  /** Where its AWS answers; default: the simulator itself. */
  readonly endpoint?: string;
  /** How many tasks at once. */
  readonly concurrency?: number;
}

function settings(world: CleanUpWorld, { endpoint, concurrency = 16 }: WorkerOptions): WorkerSettings {
  const { database, simulator } = world.pipeline;
  return {
    config: database.config({
      role: 'worker',
      leaseMs: LEASE_MS,
      workerConcurrency: concurrency,
      databasePoolSize: 12,
    }),
    aws: { endpoint: endpoint ?? simulator.url, pacing: unpaced },
    aheadMs: world.clock.aheadMs,
  };
}

/** A worker in this process, on the world's own clock. */
export async function startWorker(world: CleanUpWorld, options: WorkerOptions = {}): Promise<INestApplicationContext> {
  const { config, aws } = settings(world, options);
  return NestFactory.createApplicationContext(pipelineModule(new Config(config), aws, world.clock), {
    logger: false,
    abortOnError: false,
  });
}

/** Has a worker of this process do something, and ends it. */
export async function withWorker<T>(world: CleanUpWorld, work: () => Promise<T>): Promise<T> {
  const worker = await startWorker(world);
  try {
    return await work();
  } finally {
    await worker.close();
  }
}

/** A worker in a process of its own. */
export async function startWorkerProcess(world: CleanUpWorld, options: WorkerOptions): Promise<ChildProcess> {
  const child = fork(join(__dirname, 'worker-process.ts'), {
    // Jest's own copy: the simulator's credentials are in no other.
    env: { ...process.env },
    execArgv: ['-r', join(__dirname, '../../scripts/lib/typescript-hook.cjs')],
  });
  child.send(settings(world, options));
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The worker process ended before it was ready.');
    }),
  ]);
  return child;
}

export const isAlive = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
