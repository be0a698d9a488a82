import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { addFullRole } from './full-identities';
import { stagesOf } from './items';

/** Whoever ends a pause need not wait for the hourly watch. */
jest.setTimeout(120_000);

let world: CleanUpWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const by = { name: 'Eve' };
const pause = (of: string): Promise<void> =>
  world.pipeline.tenants.inTenant(of, (manager) => world.pipeline.get(Pauses).pause(manager, of, by, 'a test'));
const resume = (of: string): Promise<void> =>
  world.pipeline.tenants.inTenant(of, (manager) => world.pipeline.get(Pauses).resume(manager, of, by));

/** Its plan for one role, agreed to while clean-up is paused. */
async function waitingPlan(tenantId: string): Promise<string> {
  const { awsAccountId } = await world.newAccount(tenantId);
  addFullRole(world.pipeline.simulator, awsAccountId, 'idle', world.clock.now());
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { goal: 'quarantine' });
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'idle role': 'waiting' });
  return planId;
}

/** As where the pause was noticed in the middle of its turn. */
const putOff = (planId: string): Promise<unknown> =>
  world.pipeline.rows(
    "UPDATE plan_items SET code = 'CLEANUP_PAUSED', next_at = next_at + interval '1 hour' WHERE plan_id = $1",
    [planId],
  );

test('what became due during everyone’s pause begins at its end, in each tenant', async () => {
  const tenants = [await world.newTenant(), await world.newTenant()];
  await pause(PLATFORM_TENANT_ID);
  const plans = [];
  for (const tenantId of tenants) plans.push(await waitingPlan(tenantId));
  await putOff(plans[0] ?? '');
  await resume(PLATFORM_TENANT_ID);
  await world.settle();
  for (const planId of plans) expect(await stagesOf(world, planId)).toEqual({ 'idle role': 'quarantined' });
});

test('so it does after the tenant’s own', async () => {
  const tenantId = await world.newTenant();
  await pause(tenantId);
  const planId = await waitingPlan(tenantId);
  await putOff(planId);
  await resume(tenantId);
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'idle role': 'quarantined' });
});
