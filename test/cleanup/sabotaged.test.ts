import type { CleanupAction } from '../../src/cleanup/action';
import { deactivateAccessKey } from '../../src/cleanup/actions/deactivate-access-key.action';
import { deleteAccessKey } from '../../src/cleanup/actions/delete-access-key.action';
import { deleteRole } from '../../src/cleanup/actions/delete-role.action';
import { deleteUser } from '../../src/cleanup/actions/delete-user.action';
import { quarantineRole } from '../../src/cleanup/actions/quarantine-role.action';
import { quarantineUser } from '../../src/cleanup/actions/quarantine-user.action';
import type { Step } from '../../src/cleanup/steps';
import { CLEANUP_ROLE, type CleanUpAccount } from './aws-account';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { addBystanders, addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';
import { stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/**
 * Our own code gone mad: actions that name somebody else. What keeps the others safe then is not that code. Of users and
 * roles it is AWS, by the session's policy; of keys, which no policy can tell apart, the look just before the request.
 */
jest.setTimeout(120_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
  await shortenGrace(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});
afterEach(() => jest.restoreAllMocks());

/** Every request that an action makes, changed. */
function sabotage(action: CleanupAction, change: (step: Step) => Step): void {
  const apply = action.apply.bind(action);
  jest.spyOn(action, 'apply').mockImplementation((seen, context) => apply(seen, context).map(change));
}

const naming =
  (field: string, value: string) =>
  (step: Step): Step =>
    field in step.input ? { ...step, input: { ...step.input, [field]: value } } : step;

const described = (uniqueId: string): string => world.control.describe({ accountId: account.awsAccountId, uniqueId });
const idOf = (kind: 'users' | 'roles', name: string): string => {
  const found = world.pipeline.simulator.world.account(account.awsAccountId)?.[kind].get(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found.uniqueId;
};
const refusedBySession = (): string[] =>
  world.control
    .log({ accountId: account.awsAccountId, limit: 1e6 })
    .filter(({ principalArn, errorCode }) => errorCode === 'AccessDenied' && principalArn.includes(`/${CLEANUP_ROLE}/`))
    .map(({ action }) => action);
const written = (): string[] =>
  world.control.writes({ accountId: account.awsAccountId, by: CLEANUP_ROLE }).map(({ action }) => action);

describe.each([
  { kind: 'users', field: 'UserName', quarantine: quarantineUser, deletion: deleteUser, add: addFullUser },
  { kind: 'roles', field: 'RoleName', quarantine: quarantineRole, deletion: deleteRole, add: addFullRole },
] as const)('another of the $kind', ({ kind, field, quarantine, deletion, add }) => {
  beforeEach(() => {
    add(world.pipeline.simulator, account.awsAccountId, 'unused', world.clock.now());
    addBystanders(world.pipeline.simulator, account.awsAccountId, world.clock.now());
  });

  test('is not put in quarantine: AWS refuses it by the session’s policy', async () => {
    const before = described(idOf(kind, 'at-work'));
    sabotage(quarantine, naming(field, 'at-work'));
    await world.scan(tenantId);
    await world.agree(tenantId, { goal: 'quarantine' });
    await world.turn(tenantId);
    expect(refusedBySession()).toContain(
      kind === 'users' ? 'PutUserPermissionsBoundary' : 'PutRolePermissionsBoundary',
    );
    expect(written()).toEqual([]);
    expect(described(idOf(kind, 'at-work'))).toBe(before);
  });

  test('is not deleted, nor is anything taken from it', async () => {
    const before = described(idOf(kind, 'at-work'));
    await world.scan(tenantId);
    const planId = await world.agree(tenantId);
    await world.turn(tenantId);
    await waitOut(world, tenantId);
    const held = written();
    expect(held.length).toBeGreaterThan(0);
    sabotage(deletion, naming(field, 'at-work'));
    await world.after({ hours: 50 }, tenantId);
    await world.after({ hours: 26 }, tenantId);
    expect(refusedBySession()).toContain(kind === 'users' ? 'DeleteUser' : 'DeleteRole');
    expect(written()).toEqual(held);
    expect(described(idOf(kind, 'at-work'))).toBe(before);
    expect(Object.values(await stagesOf(world, planId))).toEqual([expect.stringMatching(/^halted/) as string]);
  });
});

describe('the sibling of a key', () => {
  let idle: string;
  let sibling: string;
  const siblingIsActive = (): boolean | undefined => world.pipeline.simulator.world.findAccessKey(sibling)?.key.active;

  beforeEach(async () => {
    const now = world.clock.now();
    const user = world.control.createUser(account.awsAccountId, {
      name: 'ann',
      createdAt: daysAgo(now, 500),
      keys: [
        { createdAt: daysAgo(now, 400), lastUse: usedAt(daysAgo(now, 200)) },
        { createdAt: daysAgo(now, 30), lastUse: usedAt(daysAgo(now, 1)) },
      ],
    });
    [idle = '', sibling = ''] = user.accessKeys.map(({ accessKeyId }) => accessKeyId);
    await world.scan(tenantId);
  });

  const agree = async (): Promise<string> => {
    const findings = await world.pipeline.rows<{ id: string }>(
      "SELECT id FROM findings WHERE tenant_id = $1 AND status = 'open' AND check_id = 'unused-access-key'",
      [tenantId],
    );
    return world.agree(tenantId, { findingIds: findings.map(({ id }) => id) });
  };

  test('is not made inactive: it is not the one that was approved', async () => {
    sabotage(deactivateAccessKey, naming('AccessKeyId', sibling));
    const planId = await agree();
    await world.turn(tenantId);
    expect(written()).toEqual([]);
    expect(siblingIsActive()).toBe(true);
    expect((await stagesOf(world, planId))['ann access-key']).toMatch(/KEY_MISMATCH/);
  });

  test('is not deleted', async () => {
    const planId = await agree();
    await world.turn(tenantId);
    sabotage(deleteAccessKey, naming('AccessKeyId', sibling));
    await waitOut(world, tenantId);
    await world.after({ hours: 50 }, tenantId);
    await world.after({ hours: 26 }, tenantId);
    expect(written()).toEqual(['UpdateAccessKey']);
    expect(siblingIsActive()).toBe(true);
    expect(world.pipeline.simulator.world.findAccessKey(idle)?.key.active).toBe(false);
    expect((await stagesOf(world, planId))['ann access-key']).toMatch(/KEY_MISMATCH/);
  });

  test('a key of another user is none of ours either', async () => {
    sabotage(deactivateAccessKey, naming('UserName', 'at-work'));
    addBystanders(world.pipeline.simulator, account.awsAccountId, world.clock.now());
    const before = described(idOf('users', 'at-work'));
    await agree();
    await world.turn(tenantId);
    expect(written()).toEqual([]);
    expect(described(idOf('users', 'at-work'))).toBe(before);
  });
});
