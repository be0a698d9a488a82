import type { FaultRule } from '../../aws-simulator/limits/faults';
import type { SimUser } from '../../aws-simulator/world/model';
import { GoingOn } from '../../src/cleanup/quarantine/going-on.service';
import { defaultRules } from '../../src/cleanup/rules/cleanup-rules';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, platformRules, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';
import { shortenGrace } from './waiting-out';

/** What was begun and did not get to its end, or whose answer was lost: nothing of it is forgotten, and nobody is told what is not so. */
jest.setTimeout(120_000);

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
const USERS = { filter: { checkIds: ['unused-user'] } } as const;
const aws = () => account.awsAccountId;
const ago = (days: number): number => daysAgo(world.clock.now(), days);
const addRole = () => world.control.createRole(aws(), { name: 'job', createdAt: ago(500), lastUse: usedAt(ago(200)) });
const addUser = (...keys: { createdAt: number; lastUse: ReturnType<typeof usedAt> }[]) =>
  world.control.createUser(aws(), { name: 'ann', createdAt: ago(600), attachedPolicyArns: MANAGED, keys });
const idleKey = (age: number) => ({ createdAt: ago(age), lastUse: usedAt(ago(200)) });
const fault = (action: string, rest: Partial<FaultRule> = {}) =>
  world.control.addFault({
    ...{ service: 'iam', accountId: aws(), action, times: 999, kind: 'error-before-effect' as const },
    ...rest,
  });
const active = ({ accessKeys }: SimUser): boolean[] => accessKeys.map((key) => key.active);
const boundaryOf = (roleName: string) =>
  (JSON.parse(world.control.describe({ accountId: aws(), roleName })) as { boundaryArn: string | null }).boundaryArn;
const inService = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);

async function putAway(planned?: Parameters<CleanUpWorld['agree']>[1]): Promise<string> {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, planned);
  await world.settle();
  return planId;
}

/** What people do who find it halted. */
async function continued(planId: string): Promise<void> {
  for (const { id } of await itemsOf(world, planId)) {
    await inService((manager) =>
      world.pipeline.get(GoingOn).request(manager, tenantId, id, someone(tenantId, 'Carol')),
    );
  }
  await world.turn(tenantId);
}

describe('a user of whose keys some are inactive already when silencing it fails', () => {
  test('has them active again when somebody takes the boundary off', async () => {
    const user = addUser(idleKey(400), idleKey(390));
    const planId = await putAway(USERS);
    await world.after({ days: 5, hours: 12 }, tenantId);
    fault('UpdateAccessKey', { code: 'InvalidInput', skip: 1 });
    await world.after({ days: 2 }, tenantId);
    expect(active(user).sort()).toEqual([false, true]);
    world.control.clearFaults();
    world.control.setBoundary({ accountId: aws(), userName: 'ann' }, null);
    await world.after({ hours: 7 }, tenantId);
    expect(active(user)).toEqual([true, true]);
    expect(await stagesOf(world, planId)).toEqual({ 'ann user': 'restored NO_QUARANTINE' });
  });
});

describe('a user is silenced for a whole day before it is deleted', () => {
  const goesAll = async (planId: string): Promise<void> => {
    expect(await stagesOf(world, planId)).toEqual({ 'ann user': 'silenced' });
    await world.after({ hours: 50 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'ann user': 'deleted' });
  };

  test('also where the answers to what made its keys inactive were lost', async () => {
    const user = addUser(idleKey(400));
    const planId = await putAway(USERS);
    await world.after({ days: 5, hours: 12 }, tenantId);
    fault('UpdateAccessKey', { kind: 'effect-then-lost-response' });
    await world.after({ days: 2 }, tenantId);
    expect(active(user)).toEqual([false]);
    world.control.clearFaults();
    await world.after({ hours: 1 }, tenantId);
    await goesAll(planId);
  });

  test('also where somebody else made its last active key inactive', async () => {
    const user = addUser(idleKey(400));
    const planId = await putAway(USERS);
    await world.after({ days: 5, hours: 12 }, tenantId);
    for (const key of user.accessKeys) key.active = false;
    await world.after({ days: 2 }, tenantId);
    await goesAll(planId);
  });
});

describe('what AWS never let us put into quarantine', () => {
  test('waits for people with AWS’s answer: nobody is said to have taken it out', async () => {
    await platformRules(world.pipeline, { ...defaultRules, breaker: { unexpected: 50, of: 50 } });
    const user = addUser(idleKey(400), { createdAt: ago(30), lastUse: usedAt(ago(0.5)) });
    addRole();
    for (const action of ['UpdateAccessKey', 'PutRolePermissionsBoundary']) fault(action, { code: 'InvalidInput' });
    const planId = await putAway();
    for (let n = 0; n < 8; n += 1) await world.after({ hours: 7 }, tenantId);
    const items = await itemsOf(world, planId);
    expect(items.map(({ name, stage }) => [name, stage]).sort()).toEqual([
      ['ann', 'halted'],
      ['job', 'halted'],
    ]);
    for (const { reason, remedy } of items) {
      expect(reason).toMatch(/^iam:(UpdateAccessKey|PutRolePermissionsBoundary): /);
      expect(remedy).toContain('continuePlanItem');
    }
    world.control.clearFaults();
    await continued(planId);
    expect(Object.values(await stagesOf(world, planId))).toEqual(['quarantined', 'quarantined']);
    expect(active(user)).toEqual([false, true]);
    expect(boundaryOf('job')).toMatch(/AWSDenyAll$/);
  });

  test('is given back where what was sent before AWS refused it has had its effect', async () => {
    addRole();
    await world.scan(tenantId);
    world.control.setSwitches({ services: { eventualConsistencyMs: 30_000 } });
    fault('PutRolePermissionsBoundary', { kind: 'effect-then-lost-response' });
    const planId = await world.agree(tenantId);
    await world.settle();
    world.control.clearFaults();
    fault('PutRolePermissionsBoundary', { code: 'AccessDenied', message: 'not authorized' });
    // As after a worker that was killed: at once, before what it sent shows.
    await world.pipeline.rows('UPDATE plan_items SET next_at = $2 WHERE plan_id = $1', [planId, world.clock.now()]);
    await world.turn(tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'returning ACCESS_DENIED' });
    world.control.setSwitches({ services: { eventualConsistencyMs: 0 } });
    await world.after({ hours: 1 }, tenantId);
    expect(boundaryOf('job')).toBeNull();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored ACCESS_DENIED' });
  });
});
