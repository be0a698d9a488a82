import { setTimeout as sleep } from 'node:timers/promises';
import { textTable } from '../src/cli/text-table';
import { Pauses } from '../src/cleanup/pauses/pauses.service';
import { CleanupDue } from '../src/cleanup/execution/cleanup-due.service';
import { CLEANUP_ROLE } from '../test/cleanup/aws-account';
import { type CleanUpWorld, someone, startWorld } from '../test/cleanup/clean-up-world';
import { addFullRole } from '../test/cleanup/full-identities';

/** Longer than any pause takes to be heard of. */
const QUIET_MS = 2_500;
const GOAL_MS = 1_000;

export interface PauseLatencyOptions {
  readonly accounts: number;
  readonly roles: number;
  readonly rounds: number;
}

/**
 * How long after a pause was committed requests of clean-up still reach AWS, while many accounts are being worked on. A
 * latency has nothing to be a ratio to but its goal.
 */
export async function measurePauseLatency({ accounts, roles, rounds }: PauseLatencyOptions): Promise<void> {
  const world = await startWorld({ simulator: { latencyMs: 20 }, config: { leaseMs: 30_000, workerConcurrency: 32 } });
  try {
    const tenantId = await prepare(world, accounts, roles);
    await world.agree(tenantId, { goal: 'quarantine' });
    const measured: Round[] = [];
    for (let number = 0; number < rounds; number += 1) {
      const round = await measure(world, tenantId);
      if (!round) break;
      measured.push(round);
    }
    print(measured);
  } finally {
    await world.stop();
  }
}

async function prepare(world: CleanUpWorld, accounts: number, roles: number): Promise<string> {
  const tenantId = await world.newTenant();
  for (let number = 0; number < accounts; number += 1) {
    const { awsAccountId } = await world.newAccount(tenantId);
    for (let role = 0; role < roles; role += 1) {
      addFullRole(world.pipeline.simulator, awsAccountId, `idle-${role}`, world.clock.now());
    }
  }
  await world.scan(tenantId);
  return tenantId;
}

interface Round {
  /** In the second before the pause. */
  readonly requestsPerSecond: number;
  /** From the commit to the last request that still arrived; 0: none did. */
  readonly latencyMs: number;
  readonly requestsAfter: number;
}

/** Null: nothing is left to be stopped. */
async function measure(world: CleanUpWorld, tenantId: string): Promise<Round | null> {
  const { pipeline } = world;
  const by = someone(tenantId);
  const startedAt = Date.now();
  while (arrivedSince(world, startedAt).length < 50) {
    if (Date.now() - startedAt > 10_000) return null;
    await sleep(20);
  }
  await sleep(1_000);
  await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(Pauses).pause(manager, tenantId, by, 'A measurement.'),
  );
  const pausedAt = Date.now();
  await sleep(QUIET_MS);
  const after = arrivedSince(world, pausedAt);
  const before = arrivedSince(world, pausedAt - 1_000).length - after.length;
  await pipeline.tenants.inTenant(tenantId, async (manager) => {
    await pipeline.get(Pauses).resume(manager, tenantId, by);
    await pipeline.get(CleanupDue).enqueue(manager, tenantId, 'all due');
  });
  await pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'clean-account'");
  const last = Math.max(pausedAt, ...after);
  return { requestsPerSecond: before, latencyMs: last - pausedAt, requestsAfter: after.length };
}

/** When clean-up's requests arrived, in milliseconds. */
const arrivedSince = (world: CleanUpWorld, since: number): number[] =>
  world.control
    .log({ service: 'iam', limit: 1e6 })
    .filter(({ principalArn }) => principalArn.includes(`/${CLEANUP_ROLE}/`))
    .map(({ at }) => Date.parse(at))
    .filter((at) => at > since);

function print(rounds: readonly Round[]): void {
  if (rounds.length === 0) throw new Error('Nothing was under way: give it more accounts or roles.');
  const right = { least: 8, most: 16, align: 'right' } as const;
  const columns = [
    { title: 'round', ...right },
    { title: 'requests/s before', ...right },
    { title: 'after the pause', ...right },
    { title: 'until quiet, ms', ...right },
    { title: 'of the goal', ...right },
  ];
  const row = (name: string, { requestsPerSecond, requestsAfter, latencyMs }: Round): string[] => [
    name,
    String(requestsPerSecond),
    String(requestsAfter),
    String(latencyMs),
    `${(latencyMs / GOAL_MS).toFixed(3)} ×`,
  ];
  const worst = rounds.reduce((one, other) => (other.latencyMs > one.latencyMs ? other : one));
  const rows = [...rounds.map((round, number) => row(String(number + 1), round)), row('worst', worst)];
  console.log(textTable(columns, rows, 110));
}
