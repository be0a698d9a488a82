import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { ExemptionMaking } from '../../src/findings/exemptions/exemption-making.service';
import { OWN_ROLE_NAMES } from '../../src/cleanup/plans/refusals/identity-refusals';
import { DEFAULT_ROLE_NAMES } from '../../src/roles/needs';
import type { BuiltAccount } from '../builders';
import { idleKey, idleRole, type PlanningWorld, startPlanning, usedDaysAgo, userWith } from './planning-world';

jest.setTimeout(120_000);

let world: PlanningWorld;
let tenantId: string;
let account: BuiltAccount;

beforeAll(async () => {
  world = await startPlanning();
});
afterAll(() => world.stop());
beforeEach(async () => {
  tenantId = (await world.build.tenant()).id;
  account = await world.account(tenantId);
});

const selected = async (name: string) => ({ selection: { findingIds: await world.findingsOf(tenantId, name) } });
const inTenant = <T>(work: Parameters<PlanningWorld['build']['database']['inTenant']>[1]): Promise<T> =>
  world.build.database.inTenant(tenantId, work) as Promise<T>;

describe('a selection', () => {
  beforeEach(() => world.build.inventory(account, { roles: [idleRole(account)] }));

  test.each([
    ['no ids', { findingIds: [] }],
    ['a filter that says nothing', { filter: { identity: { account: { ids: null } }, checkIds: null } }],
    ['a filter that matches nothing', { filter: { checkIds: ['unused-user' as const] } }],
    ['a filter of what is not open', { filter: { statuses: ['resolved' as const], idleDaysAtLeast: 1 } }],
  ])('of %s is an error, and never everything', async (_, selection) => {
    await expect(world.draft(tenantId, { selection })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await world.rows('SELECT 1 FROM plans WHERE tenant_id = $1', [tenantId])).toEqual([]);
  });

  test('never takes in another tenant’s findings', async () => {
    const other = (await world.build.tenant()).id;
    const findingIds = await world.findingsOf(tenantId);
    await expect(world.draft(other, { selection: { findingIds } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of what is not open any more is an error that says so', async () => {
    const findingIds = await world.findingsOf(tenantId);
    await world.build.inventory(account, { roles: [] });
    await expect(world.draft(tenantId, { selection: { findingIds } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/1 of 1 are not open any more \(gone\)/) as string,
    });
  });
});

describe('courses', () => {
  test('several findings of one key are one item; its sibling is none', async () => {
    const keys = [idleKey(), idleKey({ slot: 2, lastUsed: usedDaysAgo(1) })];
    await world.build.inventory(account, { users: [userWith(account, { keys })] });
    const planId = await world.draft(tenantId, await selected('alice'));
    const [item, ...others] = await world.items(planId);
    expect(item).toMatchObject({ course: 'access-key', stage: 'waiting', access_key_id: keys[0]?.accessKeyId });
    expect(item?.check_ids).toEqual(['access-key-not-rotated', 'second-active-key', 'unused-access-key']);
    // In use, and only old: it is refused, whatever its age.
    expect(others.map(({ code, access_key_id }) => [code, access_key_id])).toEqual([['IN_USE', keys[1]?.accessKeyId]]);
  });

  test('a user’s item takes in its keys and password; a live key leaves the password a course of its own', async () => {
    const users = [
      userWith(account, { keys: [idleKey()], password: usedDaysAgo(200) }, { name: 'gone' }),
      userWith(account, { password: usedDaysAgo(200) }, { name: 'only-password' }),
      userWith(
        account,
        { keys: [idleKey({ lastUsed: usedDaysAgo(1), createdAt: new Date() })], password: usedDaysAgo(200) },
        { name: 'works' },
      ),
    ];
    await world.build.inventory(account, { users });
    const planId = await world.draft(tenantId);
    expect(await world.told(planId)).toEqual([
      'password works: waiting',
      'user gone: waiting',
      'user only-password: waiting',
    ]);
    const gone = (await world.items(planId)).find(({ name }) => name === 'gone');
    expect(gone?.check_ids).toEqual(['access-key-not-rotated', 'unused-access-key', 'unused-password', 'unused-user']);
    expect(gone?.approved).toMatchObject({ hasPassword: true, idleDays: 90, keys: [{ active: true }] });
  });

  test('a policy may have a user’s only key quarantined so that its use is noticed', async () => {
    const document = parsePolicyDocument({
      ...{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'observing' },
      ...{ checks: { 'unused-user': { enabled: false } }, action: { mode: 'propose', observableQuarantine: true } },
    });
    await inTenant((manager) =>
      world
        .get(PoliciesService)
        .apply(manager, tenantId, { documents: [document], mode: 'REPLACE' }, { name: 'Eve', standsFor: 'eve' }),
    );
    const users = [
      userWith(account, { keys: [idleKey()] }, { name: 'alone' }),
      userWith(account, { keys: [idleKey(), idleKey({ slot: 2, lastUsed: usedDaysAgo(1) })] }, { name: 'two' }),
    ];
    await world.build.inventory(account, { users });
    const planId = await world.draft(tenantId, { selection: { filter: { checkIds: ['unused-access-key'] } } });
    expect(await world.told(planId)).toEqual(['access-key two: waiting', 'observed-key alone: waiting']);
  });
});

describe('what is refused', () => {
  const codeOf = async (name: string, request: object = {}) => {
    const planId = await world.draft(tenantId, { ...(await selected(name)), ...request });
    const [item] = await world.items(planId);
    return item?.code;
  };

  test('is told with the reason and the remedy', async () => {
    const roles = [
      idleRole(account, { name: 'bounded', boundaryArn: `arn:aws:iam::${account.awsAccountId}:policy/limits` }),
      idleRole(account, { name: 'stack', tags: { 'aws:cloudformation:stack-name': 'web' } }),
      idleRole(account, { name: 'fine' }),
    ];
    const nameless = userWith(
      account,
      { keys: [idleKey({ accessKeyId: null })], password: usedDaysAgo(3) },
      { name: 'bob' },
    );
    await world.build.inventory(account, { roles, users: [nameless] });
    const planId = await world.draft(tenantId);
    expect(await world.told(planId)).toEqual([
      'access-key bob: refused KEY_ID_UNKNOWN',
      'role bounded: refused BOUNDARY_OF_ITS_OWN',
      'role fine: waiting',
      'role stack: refused MANAGED_AS_CODE',
    ]);
    const [key, bounded, , stack] = await world.items(planId);
    expect(bounded?.reason).toContain('may not put back another boundary');
    expect(stack?.remedy).toContain('Remove it in code first');
    expect(key?.remedy).not.toBe('');
  });

  test('is what is exempt at this moment, also where its finding does not say so yet', async () => {
    const role = idleRole(account);
    await world.build.inventory(account, { roles: [role] });
    await inTenant((manager) =>
      world
        .get(ExemptionMaking)
        .make(
          manager,
          tenantId,
          { name: 'Eve', standsFor: 'eve' },
          { scope: { uniqueId: role.uniqueId }, reason: 'The auditors use it in March.', owner: 'platform' },
        ),
    );
    expect(await codeOf('reporting')).toBe('EXEMPT');
  });

  test('is a user with a key that is exempt: it would go with it', async () => {
    const key = idleKey();
    await world.build.inventory(account, { users: [userWith(account, { keys: [key] })] });
    await inTenant((manager) =>
      world
        .get(ExemptionMaking)
        .make(
          manager,
          tenantId,
          { name: 'Eve', standsFor: 'eve' },
          { scope: { uniqueId: key.accessKeyId ?? '' }, reason: 'For the yearly export.', owner: 'platform' },
        ),
    );
    const findingIds = await world.findingsOf(tenantId);
    const planId = await world.draft(tenantId, { selection: { findingIds } });
    expect(await world.told(planId)).toEqual(['user alice: refused EXEMPT']);
  });

  test.each([
    ['ACCOUNT_NOT_ACTIVE', `aws_state = 'SUSPENDED'`],
    ['ACCOUNT_LEFT', `status = 'left'`],
    ['NO_ACCESS', 'access_lost_at = now(), last_scan_outcome = NULL, last_scan_at = NULL'],
    ['NO_CLEANUP_ROLE', 'cleanup_role_arn = NULL'],
  ])('is everything of an account: %s', async (code, change) => {
    await world.build.inventory(account, { roles: [idleRole(account)] });
    await world.rows(`UPDATE accounts SET ${change} WHERE id = $1`, [account.id]);
    expect(await codeOf('reporting')).toBe(code);
  });

  test('is what another plan has that waits for its approval, and not what a dry run or a draft has', async () => {
    await world.build.inventory(account, { roles: [idleRole(account)] });
    await world.propose(tenantId, await world.draft(tenantId, { dryRun: true }));
    await world.draft(tenantId);
    expect(await codeOf('reporting')).toBeNull();
    await world.propose(tenantId, await world.draft(tenantId, { title: 'The first' }));
    expect(await codeOf('reporting')).toBe('IN_ANOTHER_PLAN');
  });

  test('is nothing in quarantine by a plan with that goal: a plan that deletes goes on from there', async () => {
    await world.build.inventory(account, { roles: [idleRole(account)] });
    const first = await world.draft(tenantId, { goal: 'quarantine' });
    await world.propose(tenantId, first);
    await world.rows(`UPDATE plan_items SET stage = 'quarantined' WHERE plan_id = $1`, [first]);
    const [held] = await world.items(first);
    expect(await codeOf('reporting', { goal: 'quarantine' })).toBe('IN_QUARANTINE');
    const [next] = await world.items(await world.draft(tenantId));
    expect(next).toMatchObject({ stage: 'waiting', continues_item_id: held?.id });
  });

  test.each([
    ['it', (role: { arn: string }) => role.arn],
    [
      'one of its sessions',
      ({ name }: { name: string }) => `arn:aws:sts::${account.awsAccountId}:assumed-role/${name}/ci`,
    ],
  ])('is what a role of another tenant trusts, or %s, without a word of whose', async (_, principalOf) => {
    const role = idleRole(account, { path: '/team/' });
    const near = idleRole(account, { name: `${role.name}2` });
    const other = await world.account((await world.build.tenant()).id);
    const trustedPrincipals = ['a "quoted" one \\', principalOf(role)];
    await world.build.inventory(other, { roles: [idleRole(other, { trustedPrincipals })] });
    await world.build.inventory(account, { roles: [role, near] });
    const items = await world.items(await world.draft(tenantId));
    const item = items.find(({ arn }) => arn === role.arn);
    expect(item?.code).toBe('TRUSTED_ELSEWHERE');
    expect(items.find(({ arn }) => arn === near.arn)?.code).toBeNull();
    expect(JSON.stringify(item)).not.toContain(other.awsAccountId);
    expect(JSON.stringify(item)).not.toContain(other.id);
  });
});

describe('references', () => {
  test('are found in all accounts of the tenant, by ARN and by session', async () => {
    const role = idleRole(account, {
      path: '/team/',
      instanceProfileArns: [`arn:aws:iam::${account.awsAccountId}:instance-profile/web`],
      attachedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    });
    const other = await world.account(tenantId);
    const session = `arn:aws:sts::${account.awsAccountId}:assumed-role/${role.name}/nightly`;
    const trusting = [
      idleRole(other, { name: 'by-arn', lastUsed: usedDaysAgo(1), trustedPrincipals: ['ec2.amazonaws.com', role.arn] }),
      idleRole(other, { name: 'by-session', lastUsed: usedDaysAgo(1), trustedPrincipals: [session] }),
      idleRole(other, { name: 'of-another', lastUsed: usedDaysAgo(1), trustedPrincipals: [`${role.arn}2`] }),
    ];
    await world.build.inventory(other, { roles: trusting });
    await world.build.inventory(account, { roles: [role] });
    const [item] = await world.items(await world.draft(tenantId));
    expect(item?.stage).toBe('waiting');
    expect(item?.references_found.map(({ kind, holder }) => [kind, holder])).toEqual([
      ['trust-policy', trusting[0]?.arn],
      ['trust-policy', trusting[1]?.arn],
      ['instance-profile', role.instanceProfileArns[0]],
      ['attached-policy', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
      ['unseen', null],
    ]);
    expect(item?.references_found.at(-1)?.text).toContain('cannot be seen');
  });
});

test('the names of Mothball’s own roles are those that its templates give them', () => {
  expect([...OWN_ROLE_NAMES].sort()).toEqual(Object.values(DEFAULT_ROLE_NAMES).sort());
});

test('a plan tells which share of an account it touches, and how long it takes', async () => {
  const roles = ['a', 'b', 'c', 'd'].map((name) =>
    idleRole(account, { name, lastUsed: usedDaysAgo(name === 'a' ? 180 : 1) }),
  );
  await world.build.inventory(account, { roles });
  const { terms, title } = await world.plan(await world.draft(tenantId));
  expect(title).toBe('Delete 1 role');
  expect(terms.shares).toEqual([
    { accountId: account.id, awsAccountId: account.awsAccountId, kind: 'role', items: 1, identities: 4 },
  ]);
  expect(terms.pace).toMatchObject({ days: 1, executions: 1, daysToTheEnd: 36 });
});

test('ten thousand identities are one plan, and one more are too many', async () => {
  const roles = Array.from({ length: 10_001 }, (_, index) => idleRole(account, { name: `r${index}` }));
  await world.build.inventory(account, { roles });
  await expect(world.draft(tenantId)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('10001 identities') as string,
  });
  const findingIds = (await world.findingsOf(tenantId)).slice(0, 10_000);
  const planId = await world.draft(tenantId, { selection: { findingIds } });
  await world.propose(tenantId, planId);
  const [counted] = await world.rows<{ n: number }>(
    `SELECT count(*)::integer AS n FROM plan_items WHERE plan_id = $1 AND stage = 'waiting'`,
    [planId],
  );
  expect(counted?.n).toBe(10_000);
});
