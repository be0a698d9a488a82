import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { Restores } from '../../src/cleanup/restores/restores.service';
import { defaultRules } from '../../src/cleanup/rules/cleanup-rules';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { DAY_MS } from '../../src/clock';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, platformRules, someone, startWorld } from './clean-up-world';
import { addFullRole, daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** Ways in which clean-up could have locked out or deleted what it must not, or one person have done what needs two. */
jest.setTimeout(180_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

beforeEach(async () => {
  await shortenGrace(world);
  world.control.clearFaults();
  world.control.setSwitches({ services: { eventualConsistencyMs: 0 } });
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const MANAGED = ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'];
const aws = () => account.awsAccountId;
const ago = (days: number): number => daysAgo(world.clock.now(), days);
const addRole = (name: string) =>
  world.control.createRole(aws(), {
    ...{ name, createdAt: ago(500), lastUse: usedAt(ago(200)), attachedPolicyArns: MANAGED },
  });
const boundaryOf = (roleName: string) =>
  (JSON.parse(world.control.describe({ accountId: aws(), roleName })) as { boundaryArn: string | null }).boundaryArn;
const inService = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);
const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);

async function putAway(): Promise<string> {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  await world.turn(tenantId);
  return planId;
}
const tries = (roleName: string) => world.control.attempt({ accountId: aws(), roleName, action: 'iam:ListUsers' });

describe('one person alone', () => {
  test('cannot approve what their own policy proposes, since nobody agrees to policies that only propose', async () => {
    addRole('job');
    const author = someone(tenantId, 'Alice');
    await inService((manager) => {
      const document = parsePolicyDocument({
        ...{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'tidy', action: { mode: 'propose' } },
      });
      return get(PoliciesService).apply(manager, tenantId, { documents: [document], mode: 'MERGE' }, author);
    });
    await world.scan(tenantId);
    const [plan] = await world.pipeline.rows<{ id: string; manifest_hash: string }>(
      'SELECT id, manifest_hash FROM plans WHERE tenant_id = $1',
      [tenantId],
    );
    const approve = (by: typeof author) =>
      inService((manager) =>
        get(PlanApprovals).approve(manager, tenantId, plan?.id ?? '', plan?.manifest_hash ?? '', by),
      );
    await expect(approve(author)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await approve(someone(tenantId, 'Bob'))).toBe(0);
  });

  test('cannot let their own halted plan go on', async () => {
    addRole('job');
    const planId = await putAway();
    await inService((manager) =>
      get(PlanStates).halt(manager, tenantId, planId, { code: 'A_TEST', reason: 'A test.', remedy: 'Look.' }),
    );
    const [plan] = await world.pipeline.rows<{ stands_for: string }>('SELECT stands_for FROM plans WHERE id = $1', [
      planId,
    ]);
    const resume = (standsFor: string) =>
      inService((manager) => get(PlanStates).resume(manager, tenantId, planId, { ...someone(tenantId), standsFor }));
    await expect(resume(plan?.stands_for ?? '')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await planStateOf(world, planId)).toBe('halted');
    await resume('https://people.test bob');
    expect(await planStateOf(world, planId)).toBe('approved');
  });
});

describe('what is to be left alone by now is given back', () => {
  test('by a tag that says so, although the tag is a change', async () => {
    const role = addRole('job');
    const planId = await putAway();
    role.tags.set('terraform', 'true');
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored EXEMPT' });
    expect((await itemsOf(world, planId))[0]?.reason).toMatch(/managed as code/);
    expect(boundaryOf('job')).toBeNull();
  });

  test('by rules that say since then what is managed as code', async () => {
    addRole('job');
    const planId = await putAway();
    await inService((manager) =>
      get(RulesService).save(manager, tenantId, 'tenant', {
        rules: { managedAsCode: { patterns: ['/jo*'] } },
        by: 'Eve',
      }),
    );
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored EXEMPT' });
  });
});

describe('what was about to be deleted is listened to again', () => {
  test('when its plan is halted by another one’s sign of life', async () => {
    addRole('a-job');
    addRole('b-job');
    const planId = await putAway();
    await waitOut(world, tenantId);
    tries('b-job');
    await world.after({ hours: 50 }, tenantId);
    expect(await planStateOf(world, planId)).toBe('halted');
    expect(await stagesOf(world, planId)).toEqual({
      'a-job role': 'quarantined',
      'b-job role': 'restored SHOWED_LIFE',
    });
    tries('a-job');
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toMatchObject({ 'a-job role': 'restored SHOWED_LIFE' });
    expect(boundaryOf('a-job')).toBeNull();
  });

  const aboutToBeDeleted = async (): Promise<string> => {
    addRole('job');
    const planId = await putAway();
    await waitOut(world, tenantId);
    await world.pipeline.rows(
      "UPDATE plan_items SET stage = 'deleting', stage_before = 'quarantined' WHERE plan_id = $1",
      [planId],
    );
    return planId;
  };
  const settings = (changes: { enabled?: boolean; dryRun?: boolean }): Promise<void> =>
    inService((manager) => get(TenantSettings).setCleanup(manager, tenantId, changes));
  const openFor = (days: number): Promise<unknown> => {
    const day = new Date(world.clock.now().getTime() + days * DAY_MS).getUTCDay();
    const weekdays = [(['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const)[day]];
    const rules = { changeWindows: [{ weekdays, from: '01:00', to: '02:00', timeZone: 'UTC' }] };
    return inService((manager) => get(RulesService).save(manager, tenantId, 'tenant', { rules, by: 'Eve' }));
  };
  const HINDRANCES = {
    'is paused': () => inService((manager) => get(Pauses).pause(manager, tenantId, someone(tenantId), 'An incident.')),
    'is switched off': () => settings({ enabled: false }),
    'only rehearses': () => settings({ dryRun: true }),
    'waits for its change window': () => openFor(5),
  } as const;

  test.each(Object.keys(HINDRANCES) as (keyof typeof HINDRANCES)[])('when clean-up %s', async (how) => {
    const planId = await aboutToBeDeleted();
    await HINDRANCES[how]();
    tries('job');
    await world.after({ hours: 50 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
    expect(boundaryOf('job')).toBeNull();
  });

  test('also after AWS has put its deletion off, and is deleted without another wait once it may be', async () => {
    const planId = await aboutToBeDeleted();
    const throttled = { service: 'iam', action: 'DeleteRole', accountId: aws(), code: 'Throttling', times: 9_999 };
    world.control.addFault({ ...throttled, kind: 'error-before-effect' });
    await world.after({ hours: 50 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleting AWS_THROTTLED' });
    world.control.clearFaults();
    const counted = () => world.pipeline.rows('SELECT turns FROM plan_breakers WHERE plan_id = $1', [planId]);
    const before = await counted();
    await settings({ enabled: false });
    for (let look = 0; look < 4; look += 1) await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    const told = await world.pipeline.rows(
      "SELECT 1 FROM events WHERE tenant_id = $1 AND type = 'identity.quarantined'",
      [tenantId],
    );
    // It never left its quarantine, and has proven nothing.
    expect(told).toHaveLength(1);
    expect(await counted()).toEqual(before);
    await settings({ enabled: true });
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleted' });
  });
});

test('an answer that was lost is not taken for a failure before AWS shows what was done', async () => {
  addRole('job');
  await world.scan(tenantId);
  world.control.setSwitches({ services: { eventualConsistencyMs: 30_000 } });
  const lost = { service: 'iam', action: 'PutRolePermissionsBoundary', accountId: aws(), times: 50 };
  world.control.addFault({ ...lost, kind: 'effect-then-lost-response' });
  const planId = await world.agree(tenantId);
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'job role': expect.stringMatching(/^quarantining/) as string });
  await inService((manager) => get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId)));
  await world.turn(tenantId);
  world.control.setSwitches({ services: { eventualConsistencyMs: 0 } });
  await world.after({ hours: 1 }, tenantId);
  expect(boundaryOf('job')).toBeNull();
  expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored PLAN_CANCELLED' });
});

test('what is half in quarantine when its plan is halted is given back, since nobody listens to it yet', async () => {
  addRole('job');
  await world.scan(tenantId);
  const lost = { service: 'iam', action: 'PutRolePermissionsBoundary', accountId: aws(), times: 50 };
  world.control.addFault({ ...lost, kind: 'effect-then-lost-response' });
  const planId = await world.agree(tenantId);
  await world.settle();
  expect(boundaryOf('job')).toMatch(/AWSDenyAll$/);
  const why = { code: 'A_TEST', reason: 'A test.', remedy: 'Look.' };
  await inService((manager) => get(PlanStates).halt(manager, tenantId, planId, why));
  await world.after({ hours: 1 }, tenantId);
  expect(boundaryOf('job')).toBeNull();
  expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored PLAN_HALTED' });
});

test('without its snapshot nothing is called given back that is not', async () => {
  addRole('job');
  const planId = await putAway();
  await world.pipeline.rows('DELETE FROM snapshots WHERE tenant_id = $1', [tenantId]);
  const ids = (await itemsOf(world, planId)).map(({ id }) => id);
  await inService((manager) => get(Restores).request(manager, tenantId, ids, someone(tenantId)));
  await world.turn(tenantId);
  expect(boundaryOf('job')).toMatch(/AWSDenyAll$/);
  expect((await itemsOf(world, planId))[0]).toMatchObject({ stage: 'halted', code: 'SNAPSHOT_MISSING' });
});

test('a deletion that has begun does not go on while AWS does not say whether it is used', async () => {
  addFullRole(world.pipeline.simulator, aws(), 'job', world.clock.now());
  const planId = await putAway();
  await waitOut(world, tenantId);
  const of = { service: 'iam', accountId: aws(), kind: 'error-before-effect' as const, times: 1_000 };
  world.control.addFault({ ...of, action: 'DetachRolePolicy', code: 'Throttling' });
  await world.after({ hours: 50 }, tenantId);
  expect(Object.values(await stagesOf(world, planId))).toEqual([expect.stringMatching(/^deleting/)]);
  world.control.clearFaults();
  world.control.addFault({ ...of, action: 'GenerateServiceLastAccessedDetails', code: 'AccessDenied' });
  await world.after({ hours: 2 }, tenantId);
  expect(Object.values(await stagesOf(world, planId))).toEqual(['deleting UNKNOWN']);
  world.control.clearFaults();
  await world.after({ hours: 2 }, tenantId);
  expect(Object.values(await stagesOf(world, planId))).toEqual(['deleted']);
});

test('turns that do nothing do not keep errors from halting a plan', async () => {
  await platformRules(world.pipeline, { ...defaultRules, breaker: { unexpected: 2, of: 2 } });
  addRole('job');
  await world.scan(tenantId);
  const fault = { service: 'iam', action: 'PutRolePermissionsBoundary', accountId: aws(), times: 99 };
  world.control.addFault({ ...fault, kind: 'error-before-effect', code: 'InvalidInput' });
  const planId = await world.agree(tenantId);
  await world.settle();
  const enabled = (yes: boolean): Promise<void> =>
    inService((manager) => get(TenantSettings).setCleanup(manager, tenantId, { enabled: yes }));
  await enabled(false);
  for (let hour = 0; hour < 3; hour += 1) await world.after({ hours: 2 }, tenantId);
  expect(await planStateOf(world, planId)).toBe('approved');
  await enabled(true);
  await world.after({ hours: 2 }, tenantId);
  expect(await planStateOf(world, planId)).toBe('halted');
});
