import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf, stagesOf } from './items';

/** Two plans that were proposed at the same moment have one user, as a whole and for its key. */
jest.setTimeout(120_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
  const now = world.clock.now();
  world.control.createUser(account.awsAccountId, {
    ...{ name: 'alice', createdAt: daysAgo(now, 500) },
    keys: [{ createdAt: daysAgo(now, 400), lastUse: usedAt(daysAgo(now, 200)) }],
  });
  await world.scan(tenantId);
});

const findingOf = async (check: string): Promise<string> => {
  const [row] = await world.pipeline.rows<{ id: string }>(
    "SELECT id FROM findings WHERE tenant_id = $1 AND check_id = $2 AND status = 'open'",
    [tenantId, check],
  );
  return row?.id ?? '';
};
const approve = async (planId: string): Promise<void> => {
  const { tenants, get, rows } = world.pipeline;
  const [plan] = await rows<{ hash: string }>('SELECT manifest_hash AS hash FROM plans WHERE id = $1', [planId]);
  await tenants.inTenant(tenantId, (manager) =>
    get(PlanApprovals).approve(manager, tenantId, planId, plan?.hash ?? '', someone(tenantId, 'Bob', 'approver')),
  );
  await world.settle();
};
const setState = (planId: string, state: string): Promise<unknown> =>
  world.pipeline.rows('UPDATE plans SET state = $2 WHERE id = $1', [planId, state]);

/** The second one sees nothing of the first, as in two transactions at once. */
async function atOnce(first: string, second: string): Promise<[string, string]> {
  const one = await world.propose(tenantId, { findingIds: [await findingOf(first)] });
  await setState(one.planId, 'cancelled');
  const other = await world.propose(tenantId, { findingIds: [await findingOf(second)] });
  await setState(one.planId, 'proposed');
  return [one.planId, other.planId];
}

test.each([
  [
    'unused-user',
    'unused-access-key',
    { 'alice user': 'quarantined' },
    { 'alice access-key': 'dropped IN_ANOTHER_PLAN' },
  ],
  [
    'unused-access-key',
    'unused-user',
    { 'alice access-key': 'quarantined' },
    { 'alice user': 'dropped IN_ANOTHER_PLAN' },
  ],
])('whoever begins has it: %s, then %s', async (first, second, begun, refused) => {
  const [one, other] = await atOnce(first, second);
  await approve(one);
  await approve(other);
  expect(await stagesOf(world, one)).toEqual(begun);
  expect(await stagesOf(world, other)).toEqual(refused);
  const [item] = await itemsOf(world, other);
  expect(item?.reason).toMatch(/^The plan ".+" has begun with it, or with something that belongs to it, before\.$/);
  expect(item?.remedy).toMatch(/^Nothing was done\./);
  expect(await planStateOf(world, other)).toBe('completed');
  // One request: what the first one has sent.
  expect(world.control.writes({ accountId: account.awsAccountId })).toHaveLength(1);
});
