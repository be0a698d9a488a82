import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPacing } from '../../aws-simulator/limits/token-buckets';
import { defaultRules } from '../../src/cleanup/rules/cleanup-rules';
import { CLEANUP_ROLE, type CleanUpAccount } from './aws-account';
import { type CleanUpWorld, platformRules, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';

/** One tenant with a great deal to put away, and another with a single role, whose plan is approved last. */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const ACCOUNTS = SOAK ? 200 : 25;
const ROLES = SOAK ? 50 : 4;

jest.setTimeout(SOAK ? 3_600_000 : 180_000);

let world: CleanUpWorld;

beforeAll(async () => {
  // Paced as it is by default, against IAM's limits as others have met them.
  world = await startWorld({
    simulator: { pacing: { byService: { ...defaultPacing.byService, organizations: null } } },
    aws: { pacing: {} },
    config: { workerConcurrency: 8, leaseMs: 10_000 },
  });
  await platformRules(world.pipeline, {
    ...defaultRules,
    approved: { perExecution: 10_000, perPlanAndDay: 100_000 },
  });
});
afterAll(() => world.stop());

function addRoles({ awsAccountId }: CleanUpAccount, count: number): void {
  const now = world.clock.now();
  for (let number = 0; number < count; number += 1) {
    world.control.createRole(awsAccountId, {
      name: `idle-${number}`,
      createdAt: daysAgo(now, 400),
      lastUse: usedAt(daysAgo(now, 200)),
    });
  }
}

interface Progress {
  readonly done: number;
  readonly all: number;
}

async function progressOf(tenantId: string): Promise<Progress> {
  const [row] = await world.pipeline.rows<Progress>(
    `SELECT count(*) FILTER (WHERE stage = 'quarantined')::int AS done, count(*)::int AS all
     FROM plan_items WHERE tenant_id = $1 AND stage <> 'refused'`,
    [tenantId],
  );
  return row ?? { done: 0, all: 0 };
}

/** In the order in which they arrived: whose session each request of an account was. */
function sessionsByAccount(): Map<string, string[]> {
  const sessions = new Map<string, string[]>();
  for (const { accountId, principalArn, sourceIdentity } of world.control.log({ service: 'iam', limit: 1e7 })) {
    if (!principalArn.includes(`/${CLEANUP_ROLE}/`)) continue;
    const known = sessions.get(accountId) ?? [];
    if (known.at(-1) !== sourceIdentity) known.push(sourceIdentity ?? 'nobody');
    sessions.set(accountId, known);
  }
  return sessions;
}

test('they are done account by account, at AWS’s pace, and nobody else waits for them', async () => {
  const [large, small] = [await world.newTenant(), await world.newTenant()];
  for (let number = 0; number < ACCOUNTS; number += 1) addRoles(await world.newAccount(large), ROLES);
  addRoles(await world.newAccount(small), 1);
  await world.scan(large, small);
  world.control.resetCounters();

  await world.agree(large, { goal: 'quarantine' });
  await world.agree(small, { goal: 'quarantine' });
  const starts = performance.now();
  let ofLargeWhenSmallWasDone: Progress | undefined;
  for (const end = Date.now() + (SOAK ? 3_000_000 : 150_000); ; await sleep(100)) {
    const progress = await progressOf(large);
    if (!ofLargeWhenSmallWasDone && (await progressOf(small)).done === 1) ofLargeWhenSmallWasDone = progress;
    if (progress.done === progress.all) break;
    if (Date.now() > end) throw new Error(`Only ${JSON.stringify(progress)} were done.`);
  }
  const seconds = (performance.now() - starts) / 1_000;
  expect(await progressOf(large)).toEqual({ done: ACCOUNTS * ROLES, all: ACCOUNTS * ROLES });
  expect(ofLargeWhenSmallWasDone?.done ?? Number.POSITIVE_INFINITY).toBeLessThan((ACCOUNTS * ROLES) / 2);

  // One execution after the other: a session that was left never comes back.
  for (const [account, sessions] of sessionsByAccount()) {
    expect({ account, sessions: new Set(sessions).size }).toEqual({ account, sessions: sessions.length });
  }
  const overlapping = await world.pipeline.rows(
    `SELECT a.id FROM executions a JOIN executions b ON b.account_id = a.account_id AND b.id > a.id
       AND b.began_at < a.ended_at AND a.began_at < b.ended_at`,
  );
  expect(overlapping).toEqual([]);

  const { total, throttled } = world.control.counters();
  expect(throttled / total).toBeLessThan(0.02);
  const writes = world.control.writes({ by: CLEANUP_ROLE });
  expect(writes.filter(({ action }) => action === 'PutRolePermissionsBoundary')).toHaveLength(ACCOUNTS * ROLES + 1);
  if (SOAK) process.stderr.write(`${ACCOUNTS * ROLES} items, ${total} requests, ${seconds.toFixed(0)} s\n`);
});
