import { AutomaticPlans } from '../../src/cleanup/automatic/automatic-plans.service';
import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import { Restores } from '../../src/cleanup/restores/restores.service';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { PolicyAgreements } from '../../src/findings/policies/policy-agreements.service';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { PolicyStore } from '../../src/findings/policies/policy-store.service';
import { Rejudging } from '../../src/findings/rejudging.service';
import { type CleanupSettings, TenantSettings } from '../../src/tenancy/tenant-settings.service';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';

jest.setTimeout(180_000);

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
});

const inTenant = <T>(work: Parameters<CleanUpWorld['pipeline']['tenants']['inTenant']>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work) as Promise<T>;
const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);

/** Idle for 200 days, `role-0` the longest. */
function addRoles(count: number, rest: object = {}): void {
  for (let index = 0; index < count; index++) {
    world.control.createRole(account.awsAccountId, {
      ...{ name: `role-${index}`, createdAt: daysAgo(world.clock.now(), 600) },
      ...{ lastUse: usedAt(daysAgo(world.clock.now(), 200 + count - index)), ...rest },
    });
  }
}

/** A policy for everything, by somebody; what acts by itself waits for a second person. */
const savePolicy = (action: object, rest: object = {}): Promise<unknown> =>
  inTenant((manager) => {
    const document = parsePolicyDocument({
      ...{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'tidy', action, ...rest },
    });
    return get(PoliciesService).apply(manager, tenantId, { documents: [document], mode: 'MERGE' }, someone(tenantId));
  });
const carol = { name: 'Carol', standsFor: 'https://people.test carol' };
const agreeToPolicy = (): Promise<void> =>
  inTenant(async (manager) => {
    const [policy] = await get(PolicyStore).standing(manager, tenantId);
    if (!policy?.proposal) throw new Error('Nothing waits for agreement.');
    const { version, hash } = policy.proposal.version;
    await get(PolicyAgreements).agree(manager, tenantId, { id: policy.id, version, hash }, carol);
  });
const settings = (change: Partial<CleanupSettings>): Promise<void> =>
  inTenant((manager) => get(TenantSettings).setCleanup(manager, tenantId, change));
const leave = (granted: boolean): Promise<void> =>
  inTenant((manager) => get(TenantSettings).setAutomaticDeletionLeave(manager, tenantId, { granted, by: 'Pat' }));
const judgeAgain = async (): Promise<void> => {
  await inTenant((manager) => get(Rejudging).of(manager, tenantId, [account.id]));
  await world.settle();
};
const pause = (): Promise<void> =>
  inTenant((manager) => get(Pauses).pause(manager, tenantId, { name: 'Eve' }, 'a test'));

interface Made {
  readonly id: string;
  readonly mode: string;
  readonly goal: string;
  readonly state: string;
  readonly dry_run: boolean;
  readonly manifest_hash: string;
  readonly policy_name: string;
  readonly policy_version: number;
  readonly made_by: string;
}
const plans = (): Promise<Made[]> =>
  world.pipeline.rows<Made>('SELECT * FROM plans WHERE tenant_id = $1 ORDER BY created_at, id', [tenantId]);
const only = async (): Promise<Made> => {
  const all = await plans();
  expect(all).toHaveLength(1);
  return all[0] as Made;
};

test('policies that only report make no plans, and neither do others while clean-up is switched off', async () => {
  addRoles(3);
  await savePolicy({ mode: 'report' });
  await world.scan(tenantId);
  expect(await plans()).toEqual([]);
  await settings({ enabled: false });
  await savePolicy({ mode: 'propose' });
  await judgeAgain();
  expect(await plans()).toEqual([]);
  await settings({ enabled: true });
  await judgeAgain();
  expect(await plans()).toHaveLength(1);
});

describe('a policy that proposes', () => {
  test('makes one plan for people to approve, and none again for what is in it', async () => {
    addRoles(3);
    await savePolicy({ mode: 'propose' });
    await world.scan(tenantId);
    const plan = await only();
    expect(plan).toMatchObject({
      ...{ mode: 'propose', goal: 'deletion', state: 'proposed', dry_run: false },
      ...{ policy_name: 'tidy', policy_version: 1, made_by: 'policy tidy' },
    });
    expect(Object.values(await stagesOf(world, plan.id))).toEqual(['waiting', 'waiting', 'waiting']);
    for (let hour = 0; hour < 3; hour++) await judgeAgain();
    await world.scan(tenantId);
    await only();
    addRoles(1, { name: 'newly-found' });
    await world.scan(tenantId);
    const [, second] = await plans();
    expect(Object.keys(await stagesOf(world, second?.id ?? ''))).toEqual(['newly-found role']);
    expect(await plans()).toHaveLength(2);
    expect(world.control.writes({ accountId: account.awsAccountId })).toEqual([]);
  });

  test('takes no for an answer for 30 days', async () => {
    addRoles(1);
    await savePolicy({ mode: 'propose' });
    await world.scan(tenantId);
    const { id, manifest_hash: hash } = await only();
    await inTenant((manager) => get(PlanApprovals).refuse(manager, tenantId, id, hash, someone(tenantId, 'Bob')));
    await judgeAgain();
    world.pass({ days: 29 });
    await judgeAgain();
    await only();
    world.pass({ days: 2 });
    await judgeAgain();
    expect((await plans()).map(({ state }) => state)).toEqual(['refused', 'proposed']);
  });

  test('needs one second person, since the policy’s plan is nobody’s', async () => {
    addRoles(1);
    await savePolicy({ mode: 'propose' });
    await world.scan(tenantId);
    await pause();
    const { id, manifest_hash: hash } = await only();
    const missing = await inTenant((manager) =>
      get(PlanApprovals).approve(manager, tenantId, id, hash, someone(tenantId, 'Bob')),
    );
    expect(missing).toBe(0);
    expect((await only()).state).toBe('approved');
  });
});

describe('a policy that acts by itself', () => {
  test('only proposes until a second person has agreed to its version', async () => {
    addRoles(1);
    await savePolicy({ mode: 'report' });
    await world.scan(tenantId);
    await savePolicy({ mode: 'automatic-quarantine' });
    await judgeAgain();
    expect(await plans()).toEqual([]);
    await agreeToPolicy();
    await world.settle();
    const plan = await only();
    expect(plan).toMatchObject({ mode: 'automatic-quarantine', goal: 'quarantine', policy_version: 2 });
    const approvals = await world.pipeline.rows('SELECT * FROM plan_approvals WHERE plan_id = $1', [plan.id]);
    expect(approvals).toMatchObject([
      { scope: 'policy', decided_by: 'Carol', stands_for: carol.standsFor, decision: 'approved' },
    ]);
    await world.turn(tenantId);
    expect(await stagesOf(world, plan.id)).toEqual({ 'role-0 role': 'quarantined' });
  });

  test('deletes only by the platform’s leave, and goes on then with what it has quarantined', async () => {
    addRoles(1);
    await savePolicy({ mode: 'automatic-deletion' });
    await agreeToPolicy();
    await world.scan(tenantId);
    await world.turn(tenantId);
    const plan = await only();
    expect(plan).toMatchObject({ mode: 'automatic-quarantine', goal: 'quarantine' });
    expect(await stagesOf(world, plan.id)).toEqual({ 'role-0 role': 'quarantined' });
    await leave(true);
    // The cap of one in seven days holds for both.
    await judgeAgain();
    await only();
    await world.after({ days: 7, hours: 1 }, tenantId);
    await judgeAgain();
    const [, second] = await plans();
    expect(second).toMatchObject({ mode: 'automatic-deletion', goal: 'deletion' });
  });

  describe('stops where it is when that is taken back', () => {
    const deletions = () => world.control.writes({ accountId: account.awsAccountId, action: 'DeleteRole' });
    const announced = () =>
      world.pipeline.rows("SELECT 1 FROM events WHERE tenant_id = $1 AND type = 'identity.deletion-due'", [tenantId]);
    /** One role in quarantine that is to be deleted. */
    async function quarantined(): Promise<string> {
      addRoles(1, { attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'] });
      await leave(true);
      await savePolicy({ mode: 'automatic-deletion' });
      await agreeToPolicy();
      await world.scan(tenantId);
      await world.turn(tenantId);
      const { id, mode } = await only();
      expect(mode).toBe('automatic-deletion');
      expect(await stagesOf(world, id)).toEqual({ 'role-0 role': 'quarantined' });
      return id;
    }
    const waitLong = async (): Promise<void> => {
      await world.after({ days: 34 }, tenantId);
      await world.after({ days: 3 }, tenantId);
      await world.after({ days: 10 }, tenantId);
    };

    test('the platform’s leave: held, and listened to; announced anew once there is leave again, then deleted', async () => {
      const planId = await quarantined();
      await leave(false);
      await waitLong();
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined NO_LEAVE' });
      const [item] = await itemsOf(world, planId);
      expect(item?.reason).toMatch(/taken back its leave/);
      expect(item?.remedy).toMatch(/restored.*leave given again/);
      expect(await announced()).toHaveLength(0);
      await leave(true);
      await world.after({ hours: 7 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined' });
      expect(await announced()).toHaveLength(1);
      expect(deletions()).toEqual([]);
      await world.after({ days: 2, hours: 1 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'deleted' });
    });

    test('the leave, after its deletion was announced: it is listened to all the while', async () => {
      const planId = await quarantined();
      await world.after({ days: 34 }, tenantId);
      expect(await announced()).toHaveLength(1);
      await leave(false);
      await world.after({ days: 60 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined NO_LEAVE' });
      world.control.attempt({ accountId: account.awsAccountId, roleName: 'role-0', action: 'iam:ListUsers' });
      await world.after({ hours: 7 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'restored SHOWED_LIFE' });
      expect(deletions()).toEqual([]);
    });

    test('the policy: held until it is agreed to again, or given back', async () => {
      const planId = await quarantined();
      await savePolicy({ mode: 'report' });
      await waitLong();
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined POLICY_WITHDRAWN' });
      await savePolicy({ mode: 'automatic-deletion' });
      await world.after({ hours: 7 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined POLICY_WITHDRAWN' });
      await agreeToPolicy();
      await world.after({ hours: 7 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'role-0 role': 'quarantined' });
      await savePolicy({ mode: 'report' });
      await world.after({ hours: 7 }, tenantId);
      const [item] = await itemsOf(world, planId);
      await inTenant((manager) => get(Restores).request(manager, tenantId, [item?.id ?? ''], someone(tenantId)));
      await world.settle();
      expect(Object.values(await stagesOf(world, planId))[0]).toMatch(/^restored/);
      expect(deletions()).toEqual([]);
    });
  });

  test('keeps within its caps, however often and at however many places it is tried at once', async () => {
    addRoles(120);
    await savePolicy({ mode: 'automatic-quarantine' });
    await agreeToPolicy();
    await pause();
    // Nothing is planned yet, so that all six begin at once.
    await settings({ enabled: false });
    await world.scan(tenantId);
    await settings({ enabled: true });
    const taken = async (): Promise<string[]> =>
      (
        await world.pipeline.rows<{ name: string }>(
          `SELECT name FROM plan_items WHERE tenant_id = $1 ORDER BY substring(name from 6)::int`,
          [tenantId],
        )
      ).map(({ name }) => name);
    const make = (): Promise<string[]> =>
      inTenant((manager) => get(AutomaticPlans).make(manager, { tenantId, accountId: account.id }));
    expect(await taken()).toEqual([]);
    await Promise.all(Array.from({ length: 6 }, make));
    // Two percent of the roles there are, Mothball's own three included; the longest idle first.
    expect(await taken()).toEqual(['role-0', 'role-1']);
    for (let hour = 0; hour < 3; hour++) await judgeAgain();
    expect(await taken()).toEqual(['role-0', 'role-1']);

    await inTenant((manager) => get(Pauses).resume(manager, tenantId, { name: 'Eve' }));
    await world.turn(tenantId);
    world.pass({ days: 6, hours: 23 });
    await judgeAgain();
    expect(await taken()).toHaveLength(2);
    world.pass({ hours: 2 });
    await judgeAgain();
    expect(await taken()).toEqual(['role-0', 'role-1', 'role-2', 'role-3']);
  });

  test('begins nothing more once its policy has changed', async () => {
    addRoles(1);
    await savePolicy({ mode: 'automatic-quarantine' });
    await agreeToPolicy();
    await pause();
    await world.scan(tenantId);
    const plan = await only();
    expect(plan.state).toBe('approved');
    await savePolicy({ mode: 'report' });
    await world.settle();
    expect(await only()).toMatchObject({ state: 'lapsed' });
    expect(await stagesOf(world, plan.id)).toEqual({ 'role-0 role': 'cancelled POLICY_CHANGED' });
  });

  test('needs people besides where the rules ask for more approvals', async () => {
    addRoles(1, { tags: { stage: 'prod' } });
    await world.pipeline.rows(
      `INSERT INTO cleanup_rules (tenant_id, set_by, rules, saved_by, saved_at) VALUES ($1, 'tenant', $2, 'test', now())`,
      [tenantId, JSON.stringify({ approvals: { productionTags: ['stage=prod'], neededForProduction: 2 } })],
    );
    await savePolicy({ mode: 'automatic-quarantine' });
    await agreeToPolicy();
    await world.scan(tenantId);
    const { id, state, manifest_hash: hash } = await only();
    expect(state).toBe('proposed');
    const approve = (by: object): Promise<number> =>
      inTenant((manager) => get(PlanApprovals).approve(manager, tenantId, id, hash, { ...someone(tenantId), ...by }));
    await expect(approve(carol)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await approve({})).toBe(0);
  });

  test('does nothing by tags in an account whose tags were never read', async () => {
    addRoles(1);
    await savePolicy({ mode: 'automatic-quarantine' });
    await agreeToPolicy();
    await world.pipeline.rows(`UPDATE accounts SET source = 'organization' WHERE id = $1`, [account.id]);
    await world.scan(tenantId);
    expect(await plans()).toEqual([]);
    await world.pipeline.rows('UPDATE accounts SET tags_read_at = now() WHERE id = $1', [account.id]);
    await judgeAgain();
    await only();
  });

  test('leaves alone what is for hands only', async () => {
    addRoles(1, { name: 'break-glass-admin' });
    await savePolicy({ mode: 'automatic-quarantine' });
    await agreeToPolicy();
    await world.scan(tenantId);
    expect(await plans()).toEqual([]);
    await savePolicy({ mode: 'propose' });
    await world.settle();
    await judgeAgain();
    await only();
  });
});

test('a tenant that only rehearses gets a dry run once a day, which changes nothing', async () => {
  addRoles(1);
  await settings({ dryRun: true });
  await savePolicy({ mode: 'automatic-quarantine' });
  await agreeToPolicy();
  await world.scan(tenantId);
  await world.turn(tenantId);
  const plan = await only();
  expect(plan).toMatchObject({ dry_run: true, state: 'completed' });
  expect(await stagesOf(world, plan.id)).toEqual({ 'role-0 role': 'rehearsed' });
  world.pass({ hours: 20 });
  await judgeAgain();
  await only();
  world.pass({ hours: 5 });
  await judgeAgain();
  expect(await plans()).toHaveLength(2);
  expect(world.control.writes({ accountId: account.awsAccountId })).toEqual([]);
  // Rehearsals take no room from what is done for real.
  await settings({ dryRun: false });
  await judgeAgain();
  expect((await plans()).filter(({ dry_run: dryRun }) => !dryRun)).toHaveLength(1);
});
