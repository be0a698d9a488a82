import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { watchQuarantines } from '../../src/cleanup/execution/clean-account.definition';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import type { Principal } from '../../src/tenancy/principal';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf } from './items';

jest.setTimeout(120_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

const DAY = 24;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Two idle roles; clean-up is paused, so that what is approved waits. */
beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
  for (const name of ['one', 'two']) {
    world.control.createRole(account.awsAccountId, {
      ...{ name, createdAt: daysAgo(world.clock.now(), 500) },
      lastUse: usedAt(daysAgo(world.clock.now(), 200)),
    });
  }
  await world.scan(tenantId);
  await paused(true);
});

const inTenant = <T>(work: Parameters<CleanUpWorld['pipeline']['tenants']['inTenant']>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work) as Promise<T>;
const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);
const paused = (yes: boolean): Promise<void> =>
  inTenant((manager) =>
    yes
      ? get(Pauses).pause(manager, tenantId, { name: 'Eve' }, 'a test')
      : get(Pauses).resume(manager, tenantId, { name: 'Eve' }),
  );
const approve = (planId: string, hash: string, by: Principal): Promise<number> =>
  inTenant((manager) => get(PlanApprovals).approve(manager, tenantId, planId, hash, by));
const refuse = (planId: string, hash: string, by: Principal): Promise<void> =>
  inTenant((manager) => get(PlanApprovals).refuse(manager, tenantId, planId, hash, { ...by, note: 'not these' }));
const planOf = async (planId: string): Promise<Record<string, unknown>> =>
  (await world.pipeline.rows<Record<string, unknown>>('SELECT * FROM plans WHERE id = $1', [planId]))[0] ?? {};
const stages = async (planId: string): Promise<string[]> => (await itemsOf(world, planId)).map(({ stage }) => stage);
const eventsOf = async (planId: string): Promise<string[]> =>
  (
    await world.pipeline.rows<{ type: string }>(
      `SELECT type FROM events WHERE object_type = 'plan' AND object_id = $1 ORDER BY at, id`,
      [planId],
    )
  ).map(({ type }) => type);
const notesOf = async (planId: string): Promise<string[]> =>
  (
    await world.pipeline.rows<{ action: string }>(
      `SELECT action FROM audit_entries WHERE object_type = 'plan' AND object_id = $1 ORDER BY seq`,
      [planId],
    )
  ).map(({ action }) => action);
/** What waits for its time by the real clock runs now; the service's own decides whether it is time. */
const wakePlanWatch = async (): Promise<void> => {
  await world.pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'watch-plan'");
  await world.settle();
};
const refusedWith = (code: string, message: RegExp): object =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as object;
const alice = async (planId: string): Promise<Principal> => ({
  ...someone(tenantId, 'Alice'),
  standsFor: String((await planOf(planId))['stands_for']),
});

describe('approving', () => {
  test('is about exactly the plan that was seen, by somebody else than its proposer', async () => {
    const { planId, manifestHash } = await world.propose(tenantId);
    const bob = someone(tenantId, 'Bob', 'approver');
    const another = 'ab'.repeat(32);
    await expect(approve(planId, another, bob)).rejects.toEqual(refusedWith('CONFLICT', /not the one you saw/));
    const proposer = await alice(planId);
    await expect(approve(planId, manifestHash, proposer)).rejects.toEqual(refusedWith('FORBIDDEN', /second person/));
    const tokenOfAlice: Principal = { ...proposer, kind: 'token', id: bob.id, name: 'alice-ci' };
    await expect(approve(planId, manifestHash, tokenOfAlice)).rejects.toEqual(
      refusedWith('FORBIDDEN', /a token of yours/),
    );
    const firstToken: Principal = { ...bob, kind: 'token', standsFor: `token ${bob.id}` };
    await expect(approve(planId, manifestHash, firstToken)).rejects.toEqual(
      refusedWith('FORBIDDEN', /nobody knows who is behind/),
    );
    expect(await planStateOf(world, planId)).toBe('proposed');

    expect(await approve(planId, manifestHash, bob)).toBe(0);
    expect(await planStateOf(world, planId)).toBe('approved');
    expect(await stages(planId)).toEqual(['waiting', 'waiting']);
    await expect(approve(planId, manifestHash, someone(tenantId))).rejects.toEqual(
      refusedWith('BAD_INPUT', /this plan is approved/),
    );
    expect(await eventsOf(planId)).toEqual(['plan.proposed', 'plan.approved']);
    expect(await notesOf(planId)).toEqual(['plan.drafted', 'plan.proposed', 'plan.approved']);
    const [task] = await world.pipeline.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM tasks WHERE tenant_id = $1 AND kind = 'clean-account' AND payload ->> 'accountId' = $2`,
      [tenantId, account.id],
    );
    expect(task?.count).toBe(1);
  });

  test('needs as many people as the rules say, each once, and begins once', async () => {
    await inTenant((manager) =>
      get(RulesService).save(manager, tenantId, 'tenant', { rules: { approvals: { needed: 3 } }, by: 'Eve' }),
    );
    const { planId, manifestHash } = await world.propose(tenantId);
    const bob = someone(tenantId, 'Bob');
    expect(await approve(planId, manifestHash, bob)).toBe(2);
    await expect(approve(planId, manifestHash, { ...bob, name: 'bob-ci', kind: 'token' })).rejects.toEqual(
      refusedWith('FORBIDDEN', /once/),
    );
    expect(await planStateOf(world, planId)).toBe('proposed');
    const platform: Principal = { ...someone(tenantId, 'Pat'), scope: 'platform' };
    // At once: whoever is last starts it.
    const left = await Promise.all([
      approve(planId, manifestHash, platform),
      approve(planId, manifestHash, someone(tenantId)),
    ]);
    expect(left.sort()).toEqual([0, 1]);
    expect(await planStateOf(world, planId)).toBe('approved');
    expect((await eventsOf(planId)).filter((type) => type === 'plan.approved')).toHaveLength(1);
    const approvals = await world.pipeline.rows<{ scope: string; manifest_hash: string }>(
      'SELECT scope, manifest_hash FROM plan_approvals WHERE plan_id = $1 ORDER BY scope',
      [planId],
    );
    expect(approvals.map(({ scope }) => scope)).toEqual(['platform', 'tenant', 'tenant']);
    expect(new Set(approvals.map((one) => one.manifest_hash))).toEqual(new Set([manifestHash]));
  });

  test('is over with one refusal, also by the proposer', async () => {
    const { planId, manifestHash } = await world.propose(tenantId);
    await refuse(planId, manifestHash, await alice(planId));
    expect(await planOf(planId)).toMatchObject({ state: 'refused', reason: 'Alice refused the plan: not these' });
    expect(await stages(planId)).toEqual(['cancelled', 'cancelled']);
    await expect(approve(planId, manifestHash, someone(tenantId))).rejects.toEqual(
      refusedWith('BAD_INPUT', /this plan is refused/),
    );
  });

  test('is refused while clean-up is switched off, and of a plan that somebody has changed in the database', async () => {
    const { planId, manifestHash } = await world.propose(tenantId);
    const enabled = (yes: boolean): Promise<void> =>
      inTenant((manager) => get(TenantSettings).setCleanup(manager, tenantId, { enabled: yes }));
    await enabled(false);
    await expect(approve(planId, manifestHash, someone(tenantId))).rejects.toEqual(
      refusedWith('BAD_INPUT', /switched off/),
    );
    await enabled(true);
    await world.pipeline.rows('ALTER TABLE plan_items DISABLE TRIGGER USER');
    await world.pipeline.rows(`UPDATE plan_items SET name = 'three' WHERE plan_id = $1 AND position = 1`, [planId]);
    await world.pipeline.rows('ALTER TABLE plan_items ENABLE TRIGGER USER');
    await expect(approve(planId, manifestHash, someone(tenantId))).rejects.toEqual(
      refusedWith('MANIFEST_CHANGED', /not what was approved/),
    );
    expect(await planStateOf(world, planId)).toBe('proposed');
  });
});

describe('a plan that nobody decides about', () => {
  test('lapses when its time is over, and not before', async () => {
    const { planId, manifestHash } = await world.propose(tenantId);
    await wakePlanWatch();
    expect(await planStateOf(world, planId)).toBe('proposed');
    world.pass({ hours: 14 * DAY });
    await expect(approve(planId, manifestHash, someone(tenantId))).rejects.toEqual(
      refusedWith('BAD_INPUT', /has lapsed/),
    );
    await wakePlanWatch();
    expect(await planOf(planId)).toMatchObject({ state: 'lapsed', reason: 'The plan was not approved in time.' });
    expect(await stages(planId)).toEqual(['cancelled', 'cancelled']);
    expect(await eventsOf(planId)).toEqual(['plan.proposed', 'plan.lapsed']);
  });

  test('lapses approved, too, as far as nothing was begun', async () => {
    const { planId, manifestHash } = await world.propose(tenantId);
    await approve(planId, manifestHash, someone(tenantId));
    world.pass({ hours: 14 * DAY });
    await wakePlanWatch();
    // The days that it takes at its pace come on top.
    expect(await planStateOf(world, planId)).toBe('approved');
    world.pass({ hours: DAY + 1 });
    await wakePlanWatch();
    expect(await planStateOf(world, planId)).toBe('lapsed');
    expect(await stages(planId)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('a running plan', () => {
  const WHY = { code: 'BREAKER', reason: 'Three unexpected errors.', remedy: 'Look at them.' };
  const approved = async (): Promise<string> => {
    const { planId, manifestHash } = await world.propose(tenantId);
    await approve(planId, manifestHash, someone(tenantId));
    return planId;
  };

  test('is halted once, says why, and goes on once an approver resumes it', async () => {
    const planId = await approved();
    const halt = (): Promise<boolean> => inTenant((manager) => get(PlanStates).halt(manager, tenantId, planId, WHY));
    expect((await Promise.all([halt(), halt(), halt()])).filter(Boolean)).toHaveLength(1);
    expect(await planOf(planId)).toMatchObject({ state: 'halted', reason: WHY.reason, remedy: WHY.remedy });
    const before = (await planOf(planId))['breaker_since'] as Date;
    world.pass({ hours: 1 });
    const resume = (): Promise<void> =>
      inTenant((manager) => get(PlanStates).resume(manager, tenantId, planId, someone(tenantId, 'Bob'), 'looked'));
    const both = await Promise.allSettled([resume(), resume()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await planOf(planId)).toMatchObject({ state: 'approved', reason: null, remedy: null });
    expect(((await planOf(planId))['breaker_since'] as Date).getTime()).toBeGreaterThan(before.getTime());
    expect(await eventsOf(planId)).toEqual(['plan.proposed', 'plan.approved', 'plan.halted', 'plan.resumed']);
    expect(await notesOf(planId)).toEqual([
      'plan.drafted',
      'plan.proposed',
      'plan.approved',
      'plan.halted',
      'plan.resumed',
    ]);
  });

  test('is cancelled: what waits is not begun, and nobody can go on with it', async () => {
    const planId = await approved();
    const cancel = (): Promise<unknown> =>
      inTenant((manager) => get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId, 'Bob')));
    expect(await cancel()).toEqual({ cancelled: 2, returning: 0, staying: 0 });
    expect(await stages(planId)).toEqual(['cancelled', 'cancelled']);
    await expect(cancel()).rejects.toEqual(refusedWith('BAD_INPUT', /cancelled already/));
    await paused(false);
    await world.turn(tenantId);
    expect(world.control.writes({ accountId: account.awsAccountId })).toEqual([]);
    expect(await stages(planId)).toEqual(['cancelled', 'cancelled']);
  });

  test('gives back what it has put in quarantine when it is cancelled, and leaves what is past the point of no return', async () => {
    const planId = await approved();
    await paused(false);
    await world.turn(tenantId);
    expect(await stages(planId)).toEqual(['quarantined', 'quarantined']);
    await paused(true);
    await world.pipeline.rows(
      `UPDATE plan_items SET stage = 'deleting', point_of_no_return_at = now() WHERE plan_id = $1 AND position =
         (SELECT max(position) FROM plan_items WHERE plan_id = $1)`,
      [planId],
    );
    const stopped = await inTenant((manager) =>
      get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId, 'Bob')),
    );
    expect(stopped).toEqual({ cancelled: 0, returning: 1, staying: 1 });
    expect((await planOf(planId))['reason']).toMatch(/1 of its items is past the point of no return/);
    // Giving back waits for no pause.
    await world.turn(tenantId);
    expect(await stages(planId)).toEqual(['restored', 'deleting']);
  });

  test('is complete when all of its items have ended, said once', async () => {
    const planId = await approved();
    const complete = (): Promise<boolean> =>
      inTenant((manager) => get(PlanStates).completeIfOver(manager, tenantId, planId));
    expect(await complete()).toBe(false);
    await world.pipeline.rows(`UPDATE plan_items SET stage = 'dropped', ended_at = now() WHERE plan_id = $1`, [planId]);
    expect((await Promise.all([complete(), complete(), complete()])).filter(Boolean)).toHaveLength(1);
    expect((await eventsOf(planId)).filter((type) => type === 'plan.completed')).toHaveLength(1);
    expect(await planStateOf(world, planId)).toBe('completed');
  });

  test('is completed by the hourly look where its worker was killed just after its last item', async () => {
    const planId = await approved();
    await world.pipeline.rows(`UPDATE plan_items SET stage = 'dropped', ended_at = now() WHERE plan_id = $1`, [planId]);
    await inTenant((manager) => get(TaskQueue).enqueue(manager, { tenantId, task: watchQuarantines, payload: {} }));
    await world.settle();
    expect(await planStateOf(world, planId)).toBe('completed');
  });

  test('is seen by its own tenant only', async () => {
    const planId = await approved();
    const other = await world.newTenant();
    await expect(
      world.pipeline.tenants.inTenant(other, (manager) =>
        get(PlanStates).cancel(manager, other, planId, someone(other)),
      ),
    ).rejects.toEqual(refusedWith('NOT_FOUND', /plan/));
  });
});
