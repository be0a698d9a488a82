import { setTimeout as sleep } from 'node:timers/promises';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { CLEANUP_ROLE, type CleanUpAccount } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { addFullRole } from './full-identities';

/** The emergency stop, pulled while many accounts are being worked on. How fast it is, `npm run bench -- pause` measures. */
jest.setTimeout(120_000);

const ACCOUNTS = 8;
const ROLES = 4;
const EFFECT_MS = 3_000;

let world: CleanUpWorld;

beforeAll(async () => {
  world = await startWorld({ simulator: { latencyMs: 20 } });
});
afterAll(() => world.stop());

const changes = () => world.control.writes({ by: CLEANUP_ROLE });
/** All requests of clean-up, reads too, that reached AWS after a moment. */
const requestsAfter = (at: number) =>
  world.control
    .log({ service: 'iam', limit: 1e6 })
    .filter(({ principalArn, at: arrived }) => principalArn.includes(`/${CLEANUP_ROLE}/`) && Date.parse(arrived) > at);

async function underWay(): Promise<void> {
  const before = changes().length;
  for (const end = Date.now() + 20_000; changes().length < before + 5; await sleep(5)) {
    if (Date.now() > end) throw new Error('Nothing is being done.');
  }
}

test.each(['the tenant’s own', 'everyone’s'])('%s stops every request, and all goes on after it', async (whose) => {
  const { pipeline } = world;
  const tenantId = await world.newTenant();
  const accounts: CleanUpAccount[] = [];
  for (let number = 0; number < ACCOUNTS; number += 1) {
    const account = await world.newAccount(tenantId);
    accounts.push(account);
    for (let role = 0; role < ROLES; role += 1) {
      addFullRole(pipeline.simulator, account.awsAccountId, `idle-${role}`, world.clock.now());
    }
  }
  await world.scan(tenantId);
  await world.agree(tenantId, { goal: 'quarantine' });
  await underWay();
  const pausedIn = whose === 'everyone’s' ? PLATFORM_TENANT_ID : tenantId;
  const by = someone(tenantId);
  await pipeline.tenants.inTenant(pausedIn, (manager) =>
    pipeline.get(Pauses).pause(manager, pausedIn, by, 'Something is wrong.'),
  );
  const pausedAt = Date.now();
  await sleep(EFFECT_MS + 1_500);
  expect(requestsAfter(pausedAt + EFFECT_MS)).toEqual([]);
  const done = changes().length;
  await world.turn(tenantId);
  expect(changes()).toHaveLength(done);

  await pipeline.tenants.inTenant(pausedIn, (manager) => pipeline.get(Pauses).resume(manager, pausedIn, by));
  await sleep(700);
  await world.turn(tenantId);
  // What was stopped in the middle of its turn is taken up again a little later.
  await world.after({ hours: 1 }, tenantId);
  const left = await pipeline.rows<{ stage: string; code: string | null; reason: string | null }>(
    "SELECT stage, code, reason FROM plan_items WHERE tenant_id = $1 AND stage <> 'quarantined'",
    [tenantId],
  );
  expect(left).toEqual([]);
  // Each was put away once.
  const touched = changes().filter(({ accountId }) => accounts.some(({ awsAccountId }) => awsAccountId === accountId));
  expect(touched).toHaveLength(ACCOUNTS * ROLES);
});
