import { readId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { aRole, used } from '../../src/scans/test-inventory';
import type { Side, World } from './world';

export interface MadePlan {
  readonly id: string;
  readonly item: string;
  readonly manifestHash: string;
}

const AT_ONCE = 40;
const unplanned = new Map<string, string[]>();
let count = 0;

/** An open finding of a role that is in no plan, in an account in which clean-up has its role. */
export async function findingToPutAway(world: World, side: Side): Promise<string> {
  const left = unplanned.get(side.id) ?? [];
  if (left.length === 0) left.push(...(await findingsToPutAway(world, side)));
  unplanned.set(side.id, left);
  return left.pop() ?? '';
}

async function findingsToPutAway({ app, build }: World, side: Side): Promise<string[]> {
  const account = await build.account(side.id);
  await build.database.inTenant(side.id, async (manager) => {
    await manager.query(
      `UPDATE accounts SET cleanup_role_arn = 'arn:aws:iam::' || aws_account_id || ':role/mothball-cleanup',
         restore_role_arn = 'arn:aws:iam::' || aws_account_id || ':role/mothball-restore'
       WHERE tenant_id = $1 AND id = $2`,
      [side.id, account.id],
    );
  });
  const roles = Array.from({ length: AT_ONCE }, () => {
    count += 1;
    return aRole({ name: `put-away-${count}`, uniqueId: `AROAPLAN${count}`, lastUsed: used(150) });
  });
  await build.inventory(account, { roles });
  const { findings } = await app.get<{ findings: { nodes: { id: string }[] } }>(
    side.proposer,
    `query ($a: [ID!]) { findings(first: ${AT_ONCE}, filter: { accounts: $a, kind: ROLE }) { nodes { id } } }`,
    { a: [account.apiId] },
  );
  return findings.nodes.map(({ id }) => id);
}

/** A draft that the tenant's other admin made, where clean-up is switched on. */
export async function draftedPlan(world: World, side: Side): Promise<MadePlan> {
  await world.app.get(
    side.proposer,
    'mutation { setCleanupSettings(enabled: true, dryRun: false) { cleanup { enabled } } }',
  );
  const { previewPlan } = await world.app.get<{ previewPlan: { id: string; items: { nodes: { id: string }[] } } }>(
    side.proposer,
    `mutation ($f: [ID!]) { previewPlan(input: { findings: $f, goal: DELETION, dryRun: false }) {
       id items { nodes { id } } } }`,
    { f: [await findingToPutAway(world, side)] },
  );
  return { id: previewPlan.id, item: previewPlan.items.nodes[0]?.id ?? '', manifestHash: '' };
}

/** One that waits for its approval. */
export async function proposedPlan(world: World, side: Side): Promise<MadePlan> {
  const draft = await draftedPlan(world, side);
  const { proposePlan } = await world.app.get<{ proposePlan: { manifestHash: string } }>(
    side.proposer,
    'mutation ($id: ID!) { proposePlan(id: $id) { manifestHash } }',
    { id: draft.id },
  );
  return { ...draft, ...proposePlan };
}

/** As if it had been approved and then halted by the breaker, one item in quarantine. Nobody works in this world. */
export async function haltedPlan(world: World, side: Side): Promise<MadePlan> {
  const plan = await proposedPlan(world, side);
  await world.build.database.inTenant(side.id, async (manager) => {
    await manager.query(
      `UPDATE plans SET state = 'halted', approved_at = now(), reason = 'of the matrix', remedy = 'resume it'
       WHERE tenant_id = $1 AND id = $2`,
      [side.id, readId(plan.id, 'id').id],
    );
    await manager.query(
      `UPDATE plan_items SET stage = 'quarantined', stage_at = now(), began_at = now(), quarantined_at = now(),
         quarantined_by = 'boundary' WHERE tenant_id = $1 AND id = $2`,
      [side.id, readId(plan.item, 'id').id],
    );
    await manager.query(
      `INSERT INTO executions (tenant_id, id, account_id, aws_account_id, task_id, purpose, began_at)
       SELECT tenant_id, $3, account_id, aws_account_id, $3, 'clean-up', now() FROM plan_items
       WHERE tenant_id = $1 AND id = $2`,
      [side.id, readId(plan.item, 'id').id, newId()],
    );
  });
  return plan;
}

/** One of an approved plan that was stopped in quarantine, by an error or by what somebody has changed. */
export async function haltedItem(world: World, side: Side): Promise<MadePlan> {
  const plan = await haltedPlan(world, side);
  await world.build.database.inTenant(side.id, async (manager) => {
    const { id: planId } = readId(plan.id, 'id');
    await manager.query("UPDATE plans SET state = 'approved', reason = NULL WHERE tenant_id = $1 AND id = $2", [
      side.id,
      planId,
    ]);
    await manager.query(
      "UPDATE plan_items SET stage = 'halted', stage_before = stage WHERE tenant_id = $1 AND plan_id = $2",
      [side.id, planId],
    );
  });
  return plan;
}
