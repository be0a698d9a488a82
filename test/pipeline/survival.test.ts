import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Config } from '../../src/config';
import { asAdmin } from '../harness/database';
import { pipelineModule, startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { differences } from './comparison';
import type { WorkerSettings } from './worker-process';

/** What happens to scans when the worker dies, or the queue is emptied, in mid-scan. Nothing may be lost. */
const REDIS_URL = process.env['MOTHBALL_TEST_REDIS_URL'];
const ACCOUNTS = 6;
const LEASE_MS = 1_000;

jest.setTimeout(120_000);

const backends: { name: string; redisUrl: string | null; present: boolean }[] = [
  { name: 'Postgres', redisUrl: null, present: true },
  {
    name: REDIS_URL ? 'Redis' : 'Redis (no redis-server, no REDIS_URL)',
    redisUrl: ownDatabase(REDIS_URL),
    present: !!REDIS_URL,
  },
];

for (const { name, redisUrl, present } of backends) {
  (present ? describe : describe.skip)(`scans under way, the queue on ${name}`, () => survives(redisUrl));
}

function survives(redisUrl: string | null): void {
  let pipeline: Pipeline;
  let victim: ChildProcess | undefined;
  let workers: INestApplicationContext[];

  const settings = (): WorkerSettings => ({
    config: pipeline.database.config({ role: 'worker', redisUrl, leaseMs: LEASE_MS }),
    aws: { endpoint: pipeline.simulator.url, pacing: unpaced },
  });
  /** A worker in this process, which nobody kills. */
  const startWorker = async (): Promise<void> => {
    const { config, aws } = settings();
    workers.push(
      await NestFactory.createApplicationContext(pipelineModule(new Config(config), aws), {
        logger: false,
        abortOnError: false,
      }),
    );
  };
  const startVictim = async (): Promise<ChildProcess> => {
    const child = fork(join(__dirname, 'worker-process.ts'), {
      // Jest's own copy: the simulator's credentials are in no other.
      env: { ...process.env },
      execArgv: ['-r', join(__dirname, '../../scripts/lib/typescript-hook.cjs')],
    });
    victim = child;
    child.send(settings());
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error('The worker process ended before it was ready.');
      }),
    ]);
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };

  /** Several accounts are being read, and none is through. */
  const midScan = async (): Promise<void> => {
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
      const [scans] = await pipeline.rows<{ running: number; over: number }>(
        `SELECT count(*) FILTER (WHERE state = 'running')::int AS running,
                count(*) FILTER (WHERE state = 'finished')::int AS over FROM scans`,
      );
      const reading = pipeline.simulator.control.log({ action: 'GetAccountAuthorizationDetails' }).length;
      if (scans && scans.running >= 2 && reading >= 2) return expect(scans.over).toBe(0);
    }
    throw new Error('No scan began.');
  };

  const expectAllScannedOnce = async (tenantId: string, since: Date): Promise<void> => {
    await pipeline.settle({ timeoutMs: 60_000 });
    const scans = await pipeline.rows<{ account_id: string; state: string; outcome: string }>(
      'SELECT account_id, state, outcome FROM scans WHERE tenant_id = $1',
      [tenantId],
    );
    expect(scans.map(({ outcome }) => outcome)).toEqual(Array.from({ length: ACCOUNTS }, () => 'complete'));
    expect(new Set(scans.map((scan) => scan.account_id)).size).toBe(ACCOUNTS);
    const compared = await differences(pipeline, 90, since);
    expect(compared).toMatchObject({ accounts: ACCOUNTS, differing: [] });
    const twice = await pipeline.rows(
      `SELECT object_id FROM events WHERE type = 'finding.opened' GROUP BY object_id HAVING count(*) > 1`,
    );
    expect(twice).toEqual([]);
  };

  beforeEach(async () => {
    victim = undefined;
    workers = [];
    pipeline = await startPipeline({
      aws: { pacing: unpaced },
      config: { role: 'api', redisUrl, leaseMs: LEASE_MS },
      simulator: { seed: 11, accounts: ACCOUNTS, usersPerAccount: 25, rolesPerAccount: 30 },
    });
  });
  afterEach(async () => {
    if (victim?.exitCode === null && victim.signalCode === null) await kill(victim);
    await Promise.all(workers.map((worker) => worker.close()));
    await pipeline.stop();
  });

  test('a worker killed in mid-scan loses none of them', async () => {
    const since = new Date();
    const worker = await startVictim();
    const tenantId = await pipeline.createTenant();
    await pipeline.connectOrganization();
    pipeline.simulator.control.setLatency({ ms: 100 });
    await pipeline.assign(tenantId, [...pipeline.simulator.world.organization.accounts.keys()]);
    await midScan();
    await kill(worker);
    await startWorker();
    await expectAllScannedOnce(tenantId, since);
    const again = await pipeline.rows("SELECT id FROM tasks WHERE kind = 'scan-account' AND attempts > 1");
    expect(again.length).toBeGreaterThan(0);
  });

  test('a queue emptied in mid-scan loses none of them', async () => {
    const since = new Date();
    await startWorker();
    const tenantId = await pipeline.createTenant();
    await pipeline.connectOrganization();
    pipeline.simulator.control.setLatency({ ms: 100 });
    await pipeline.assign(tenantId, [...pipeline.simulator.world.organization.accounts.keys()]);
    await midScan();
    await empty(pipeline, redisUrl);
    await expectAllScannedOnce(tenantId, since);
  });
}

async function empty(pipeline: Pipeline, redisUrl: string | null): Promise<void> {
  if (redisUrl === null) {
    await asAdmin(pipeline.database.adminUrl, async (client) => {
      await client.query('TRUNCATE bullmq.job, bullmq.event, bullmq.meta CASCADE');
    });
    return;
  }
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  redis.disconnect();
}

/** A numbered database of the server, so that emptying it touches no other test. */
function ownDatabase(url: string | undefined): string | null {
  if (!url) return null;
  const own = new URL(url);
  own.pathname = '/7';
  return own.href;
}
