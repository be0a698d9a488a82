import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultRule } from '../../aws-simulator/limits/faults';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/**
 * Requests go by name, and names are used again: whoever was made anew between a look and a request, or between two
 * attempts of it, is neither denied anything nor deleted, and neither is what its owner wants back by then.
 */
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
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

type Checks = NonNullable<NonNullable<Parameters<CleanUpWorld['agree']>[1]>['filter']>['checkIds'];

const MANAGED = ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'];
const aws = () => account.awsAccountId;
const ago = (days: number): number => daysAgo(world.clock.now(), days);
const role = (name: string) => world.pipeline.simulator.world.account(aws())?.roles.get(name);
const addRole = () =>
  world.control.createRole(aws(), {
    ...{ name: 'job', createdAt: ago(500), lastUse: usedAt(ago(200)), attachedPolicyArns: MANAGED },
  });
const fault = (action: string, rest: Partial<FaultRule> = {}): Fault =>
  world.control.addFault({
    ...{ service: 'iam', accountId: aws(), action, kind: 'error-before-effect' as const },
    ...rest,
  });
const anew = (attachedPolicyArns: readonly string[] = MANAGED): string => {
  world.control.deleteRole(aws(), 'job');
  return world.control.createRole(aws(), { name: 'job', attachedPolicyArns }).uniqueId;
};
/** Of the account, oldest first. */
const asked = (...actions: string[]): string[] =>
  world.control
    .log({ service: 'iam', accountId: aws(), limit: 10_000 })
    .map(({ action }) => action)
    .filter((action) => actions.includes(action));

/** As soon as the fault has struck, and before the same request is sent again. */
async function whenStruck<T>(of: Fault, act: () => T): Promise<T> {
  for (let n = 0; of.remaining > 0 && n < 4_000; n += 1) await sleep(5);
  if (of.remaining > 0) throw new Error('The fault never struck.');
  return act();
}

async function putAway(checkIds?: Checks): Promise<string> {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, checkIds ? { filter: { checkIds } } : {});
  await world.turn(tenantId);
  return planId;
}

describe('a role that was made anew under the same name is not denied everything', () => {
  test.each([
    ['AWS is busy', { code: 'EntityTemporarilyUnmodifiable' }],
    ['AWS throttles', { code: 'Throttling' }],
    ['the connection breaks', { kind: 'reset' }],
    ['an answer is lost', { kind: 'effect-then-lost-response' }],
  ] as const)('while %s', async (_, rest) => {
    addRole();
    await world.scan(tenantId);
    const struck = whenStruck(fault('PutRolePermissionsBoundary', rest), () => anew());
    const planId = await world.agree(tenantId);
    const made = await struck;
    await world.settle();
    for (let n = 0; n < 2; n += 1) await world.after({ hours: 2 }, tenantId);
    expect(role('job')).toMatchObject({ uniqueId: made, boundaryArn: null });
    expect(asked('PutRolePermissionsBoundary')).toHaveLength(1);
    expect((await stagesOf(world, planId))['job role']).toMatch(/^dropped (RE_CREATED|GONE)$/);
  });

  test('and where it was, people are told to look at it, until they have', async () => {
    addRole();
    await world.scan(tenantId);
    // It was on its way already.
    const struck = whenStruck(fault('PutRolePermissionsBoundary', { kind: 'slow', ms: 500 }), () => anew());
    const planId = await world.agree(tenantId);
    await struck;
    await world.settle();
    await world.after({ hours: 2 }, tenantId);
    expect(role('job')?.boundaryArn).toMatch(/AWSDenyAll$/);
    const [item] = await itemsOf(world, planId);
    expect(item).toMatchObject({ stage: 'halted', code: 'RE_CREATED' });
    expect(item?.reason).toMatch(/role job was made anew meanwhile/);
    expect(item?.remedy).toMatch(/take that boundary off it by hand/);
    world.control.setBoundary({ accountId: aws(), roleName: 'job' }, null);
    await world.after({ hours: 25 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'dropped GONE' });
  });
});

describe('a role that was made anew under the same name is not deleted', () => {
  test.each([
    ['AWS is busy', { code: 'EntityTemporarilyUnmodifiable' }],
    ['AWS throttles', { code: 'Throttling' }],
  ] as const)('while %s', async (_, rest) => {
    addRole();
    await putAway();
    await waitOut(world, tenantId);
    // The second one is the real one: the first is the probe.
    const struck = whenStruck(fault('DeleteRole', { ...rest, skip: 1 }), () => anew([]));
    await world.after({ hours: 50 }, tenantId);
    const made = await struck;
    await world.settle();
    expect(role('job')?.uniqueId).toBe(made);
  });

  test('while another request takes AWS long', async () => {
    addRole();
    await putAway();
    await waitOut(world, tenantId);
    const struck = whenStruck(fault('DetachRolePolicy', { kind: 'slow', ms: 2_200 }), () => anew());
    await world.after({ hours: 50 }, tenantId);
    const made = await struck;
    await world.settle();
    expect(role('job')?.uniqueId).toBe(made);
  });
});

describe('a credential that is wanted back', () => {
  const addUser = (password: boolean) =>
    world.control.createUser(aws(), {
      ...{ name: 'ann', createdAt: ago(600), attachedPolicyArns: MANAGED },
      ...(password ? { password: { createdAt: ago(500) }, passwordLastUsedAt: ago(300) } : {}),
      keys: [
        { createdAt: ago(400), lastUse: usedAt(ago(password ? 0.5 : 200)) },
        ...(password ? [] : [{ createdAt: ago(30), lastUse: usedAt(ago(0.5)) }]),
      ],
    });

  test.each(['EntityTemporarilyUnmodifiable', 'Throttling'])(
    'is not deleted: a key that its owner made active again while AWS said %s',
    async (code) => {
      const [idle] = addUser(false).accessKeys;
      const planId = await putAway(['unused-access-key']);
      await world.after({ days: 5, hours: 12 }, tenantId);
      expect(await stagesOf(world, planId)).toEqual({ 'ann access-key': 'quarantined' });
      const id = idle?.accessKeyId ?? '';
      const struck = whenStruck(fault('DeleteAccessKey', { code }), () => world.control.setAccessKeyActive(id, true));
      await world.after({ hours: 50 }, tenantId);
      await struck;
      await world.settle();
      await world.after({ hours: 7 }, tenantId);
      expect(world.pipeline.simulator.world.findAccessKey(id)?.key.active).toBe(true);
      expect(asked('DeleteAccessKey')).toHaveLength(1);
      expect((await stagesOf(world, planId))['ann access-key']).toMatch(/ACTIVE_AGAIN$/);
    },
  );

  test('is not deleted: a password that was set anew while AWS was busy', async () => {
    const user = addUser(true);
    const planId = await putAway(['unused-password']);
    await world.after({ days: 5, hours: 12 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'ann password': 'announced' });
    const now = Math.floor(world.pipeline.simulator.world.now() / 1_000) * 1_000;
    const struck = whenStruck(fault('DeleteLoginProfile', { code: 'EntityTemporarilyUnmodifiable' }), () => {
      user.password = { createdAt: now, lastChangedAt: now };
    });
    await world.after({ hours: 50 }, tenantId);
    await struck;
    await world.settle();
    expect(user.password).not.toBeNull();
    expect(asked('DeleteLoginProfile')).toHaveLength(1);
  });
});

test('a key that somebody else deleted while AWS throttled us was not deleted by us', async () => {
  const user = world.control.createUser(aws(), {
    ...{ name: 'ann', createdAt: ago(600), attachedPolicyArns: MANAGED },
    keys: [
      { createdAt: ago(400), lastUse: usedAt(ago(200)) },
      { createdAt: ago(30), lastUse: usedAt(ago(0.5)) },
    ],
  });
  const planId = await putAway(['unused-access-key']);
  await world.after({ days: 5, hours: 12 }, tenantId);
  const struck = whenStruck(fault('DeleteAccessKey', { code: 'Throttling' }), () => user.accessKeys.shift());
  await world.after({ hours: 50 }, tenantId);
  await struck;
  await world.settle();
  expect((await stagesOf(world, planId))['ann access-key']).not.toMatch(/^deleted/);
});

test('where nothing is in the way nobody is looked at once more; a throttled request is, and counts as such', async () => {
  addRole();
  await world.scan(tenantId);
  world.control.resetCounters();
  const from = asked('GetRole', 'PutRolePermissionsBoundary').length;
  await world.agree(tenantId);
  await world.settle();
  const quiet = ['GetRole', 'PutRolePermissionsBoundary', 'GetRole'];
  expect(asked('GetRole', 'PutRolePermissionsBoundary').slice(from)).toEqual(quiet);

  const other = await world.newAccount(tenantId);
  account = other;
  addRole();
  await world.scan(tenantId);
  fault('PutRolePermissionsBoundary', { code: 'Throttling' });
  await world.agree(tenantId);
  await world.settle();
  expect(asked('GetRole', 'PutRolePermissionsBoundary').slice(-5)).toEqual([...quiet.slice(0, 2), ...quiet]);
  expect(asked('PutRolePermissionsBoundary')).toHaveLength(2);
  const [execution] = await world.pipeline.rows<{ aws_calls: Record<string, object> }>(
    "SELECT aws_calls FROM executions WHERE account_id = $1 AND aws_calls ? 'iam:PutRolePermissionsBoundary'",
    [other.id],
  );
  expect(execution?.aws_calls['iam:PutRolePermissionsBoundary']).toMatchObject({ calls: 2, throttled: 1, retried: 1 });
});
