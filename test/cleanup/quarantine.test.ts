import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { GoingOn } from '../../src/cleanup/quarantine/going-on.service';
import { Rechecks } from '../../src/cleanup/quarantine/rechecks.service';
import { ExemptionMaking } from '../../src/findings/exemptions/exemption-making.service';
import type { CleanUpAccount } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** What is put away is listened to: signs of life, people who want it back, and answers that never come. */
jest.setTimeout(180_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
  await shortenGrace(world);
});
afterAll(() => world.stop());

beforeEach(async () => {
  world.control.clearFaults();
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const MANAGED = ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'];
const ALLOW = { Effect: 'Allow', Action: '*', Resource: '*' };
const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const ago = (days: number): number => daysAgo(world.clock.now(), days);
const idle = () => usedAt(ago(200));
const aws = () => account.awsAccountId;
const addRole = (name: string, rest: object = {}) =>
  world.control.createRole(aws(), {
    ...{ name, createdAt: ago(500), lastUse: idle(), attachedPolicyArns: MANAGED, instanceProfiles: [`${name}-in`] },
    ...rest,
  });
const addUser = (name: string, rest: object = {}) =>
  world.control.createUser(aws(), {
    ...{ name, createdAt: ago(500), keys: [{ createdAt: ago(400), lastUse: idle() }], groups: ['readers'] },
    ...{ attachedPolicyArns: MANAGED, inlinePolicies: { own: policy(ALLOW) } },
    ...rest,
  });
const withPassword = { password: { createdAt: ago0() }, passwordLastUsedAt: null };
function ago0(): number {
  return Math.floor((Date.now() - 400 * 86_400_000) / 1_000) * 1_000;
}
const describeOf = (name: string, kind: 'user' | 'role'): string =>
  world.control.describe({ accountId: aws(), ...(kind === 'user' ? { userName: name } : { roleName: name }) });
const boundaryOf = (name: string, kind: 'user' | 'role') =>
  (JSON.parse(describeOf(name, kind)) as { boundaryArn: string | null }).boundaryArn;

interface FindingRow {
  readonly id: string;
  readonly check_id: string;
  readonly status: string;
  readonly resolution: string | null;
  readonly why: string;
  readonly name: string;
}

const findings = (name: string): Promise<FindingRow[]> =>
  world.pipeline.rows<FindingRow>(
    `SELECT f.id, f.check_id, f.status, f.resolution, f.why, coalesce(i.user_name, i.name) AS name FROM findings f
     JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     WHERE f.tenant_id = $1 AND coalesce(i.user_name, i.name) = $2 ORDER BY f.check_id`,
    [tenantId, name],
  );
const idsOf = async (name: string, check: string): Promise<string[]> =>
  (await findings(name)).filter((one) => one.check_id === check).map(({ id }) => id);
const eventsOf = async (type: string): Promise<{ data: Record<string, unknown> }[]> =>
  world.pipeline.rows('SELECT data FROM events WHERE tenant_id = $1 AND type = $2', [tenantId, type]);
const inService = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);

/** Scanned, planned for all that was found (or what is given), agreed to, and put away. */
async function putAway(findingIds?: readonly string[], goal: 'deletion' | 'quarantine' = 'deletion'): Promise<string> {
  const planId = await world.agree(tenantId, { ...(findingIds ? { findingIds } : {}), goal });
  await world.turn(tenantId);
  return planId;
}

describe('a sign of life gives it back at once, exactly as it was', () => {
  async function shows(name: string, kind: 'user' | 'role', check: string, use: () => unknown): Promise<string> {
    await world.scan(tenantId);
    const before = describeOf(name, kind);
    const planId = await putAway(await idsOf(name, check));
    expect(Object.values(await stagesOf(world, planId))).toEqual([expect.stringMatching(/^(quarantined|announced)$/)]);
    await world.after({ days: 1 }, tenantId);
    use();
    await world.after({ hours: 7 }, tenantId);
    expect(describeOf(name, kind)).toBe(before);
    expect(Object.values(await stagesOf(world, planId))).toEqual(['restored SHOWED_LIFE']);
    const [finding] = (await findings(name)).filter((one) => one.check_id === check);
    expect(finding).toMatchObject({ status: 'resolved', resolution: 'showed-life' });
    expect(finding?.why).toMatch(/^Showed life in quarantine/);
    expect(await eventsOf('identity.showed-life')).toHaveLength(1);
    const [spared] = await world.pipeline.rows<{ days: number }>(
      `SELECT extract(days FROM ends_at - made_at)::int AS days FROM exemptions WHERE tenant_id = $1 AND state = 'in-force'`,
      [tenantId],
    );
    expect(spared).toEqual({ days: 90 });
    // Judged again by another scan, it stays as it ended, with its evidence.
    await world.scan(tenantId);
    expect((await findings(name)).find((one) => one.id === finding?.id)).toMatchObject({ resolution: 'showed-life' });
    return planId;
  }

  test('a role’s attempt that was denied, which only service-last-accessed data show; the plan halts', async () => {
    addRole('job');
    const planId = await shows('job', 'role', 'unused-role', () => {
      const tried = world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
      expect(tried).toMatchObject({ allowed: false, moved: true });
    });
    expect((await itemsOf(world, planId))[0]?.life).toMatchObject({ source: 'service-last-accessed' });
    expect(await planStateOf(world, planId)).toBe('halted');
  });

  test('a role’s last use', async () => {
    addRole('job');
    const planId = await shows('job', 'role', 'unused-role', () =>
      world.control.setDates({ accountId: aws(), roleName: 'job', lastUsedAt: ago(0.5) }),
    );
    expect((await itemsOf(world, planId))[0]?.life).toMatchObject({ source: 'role-last-used' });
  });

  test('the use of a user’s key, and a user’s plan halts, too', async () => {
    const [key] = addUser('ann').accessKeys;
    const planId = await shows('ann', 'user', 'unused-user', () =>
      world.control.setDates({ accountId: aws(), accessKeyId: key?.accessKeyId ?? '', lastUsedAt: ago(0.5) }),
    );
    expect((await itemsOf(world, planId))[0]?.life).toMatchObject({ source: 'access-key-last-used' });
    expect(await planStateOf(world, planId)).toBe('halted');
  });

  test('a sign-in ends the notice of a password, and its plan goes on', async () => {
    addUser('bea', { ...withPassword, keys: [{ createdAt: ago(20), lastUse: usedAt(ago(1)) }] });
    const planId = await shows('bea', 'user', 'unused-password', () =>
      world.control.setDates({ accountId: aws(), userName: 'bea', passwordLastUsedAt: ago(0.5) }),
    );
    expect((await itemsOf(world, planId))[0]).toMatchObject({
      course: 'password',
      life: { source: 'password-last-used' },
    });
    expect(await planStateOf(world, planId)).toBe('completed');
  });

  test('a key’s own use, where AWS shows one of an inactive key after all', async () => {
    const [key] = addUser('cid', {
      keys: [
        { createdAt: ago(400), lastUse: idle() },
        { createdAt: ago(20), lastUse: usedAt(ago(1)) },
      ],
    }).accessKeys;
    await shows('cid', 'user', 'unused-access-key', () =>
      world.control.setDates({ accountId: aws(), accessKeyId: key?.accessKeyId ?? '', lastUsedAt: ago(0.5) }),
    );
  });

  test('while clean-up is paused, and others of the halted plan stay where they are', async () => {
    addRole('job');
    addRole('other');
    await world.scan(tenantId);
    const planId = await putAway();
    const by = someone(tenantId);
    await inService((manager) => world.pipeline.get(Pauses).pause(manager, tenantId, by, 'An incident.'));
    world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
    await world.after({ days: 8 }, tenantId);
    await world.after({ days: 4 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE', 'other role': 'quarantined' });
    await inService((manager) => world.pipeline.get(Pauses).resume(manager, tenantId, by));
    expect(await planStateOf(world, planId)).toBe('halted');
    await world.after({ days: 1 }, tenantId);
    expect(boundaryOf('other', 'role')).toMatch(/AWSDenyAll$/);
  });

  test('heard by a scan, it is looked at without waiting for its next look', async () => {
    addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    world.control.setDates({ accountId: aws(), roleName: 'job', lastUsedAt: ago(0.01) });
    await world.scan(tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
  });
});

describe('CloudTrail, where the account lets us look', () => {
  const lookups = () =>
    world.control.log({ action: 'LookupEvents', accountId: aws() }).map(({ errorCode }) => errorCode);
  const ten = 10 * 3_600_000;

  // IAM shows a use hours later, CloudTrail after a quarter of an hour.
  beforeEach(() => {
    world.control.setSwitches({ world: { lastUseLagMs: ten }, services: { serviceLastAccessedLagMs: ten } });
  });
  afterAll(() => {
    world.control.setSwitches({ world: { lastUseLagMs: 0 }, services: { serviceLastAccessedLagMs: 0 } });
  });

  /** What verification keeps, and what the template’s option gives. */
  async function grant(inAws = true): Promise<void> {
    await world.pipeline.rows(
      `INSERT INTO role_checks (tenant_id, account_id, kind, role_arn, checked_at, outcome, permissions, too_wide)
       SELECT tenant_id, id, 'scan', role_arn, now(), 'ok', $2, '[]' FROM accounts WHERE id = $1
       ON CONFLICT (tenant_id, account_id, kind) DO UPDATE SET permissions = excluded.permissions`,
      [account.id, JSON.stringify([{ action: 'cloudtrail:LookupEvents', state: 'present', why: null, remedy: null }])],
    );
    const Statement = [{ Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' }];
    const role = world.pipeline.simulator.world.account(aws())?.roles.get('mothball-scan');
    if (inAws) role?.inlinePolicies.set('mothball-cloudtrail', JSON.stringify({ Version: '2012-10-17', Statement }));
  }

  async function quiet(): Promise<void> {
    addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    await world.after({ days: 1 }, tenantId);
    world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
  }

  test('tells hours before IAM that somebody has assumed a role', async () => {
    await grant();
    addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    await world.after({ days: 1 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
    const [item] = await itemsOf(world, planId);
    expect(item?.life).toMatchObject({
      source: 'cloudtrail',
      detail: expect.stringMatching(/^CloudTrail has AssumeRole \(sts\.amazonaws\.com\) in us-east-1 on /) as string,
    });
  });

  test('is not asked where verification has not found it granted', async () => {
    await quiet();
    expect(lookups()).toEqual([]);
  });

  test('its refusal proves nothing, and it is not asked again that day', async () => {
    await grant(false);
    addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    await world.after({ days: 1 }, tenantId);
    expect(lookups()).toEqual(['AccessDenied']);
    await world.after({ hours: 7 }, tenantId);
    expect(lookups()).toEqual(['AccessDenied']);
    await world.after({ days: 1 }, tenantId);
    expect(lookups()).toEqual(['AccessDenied', 'AccessDenied']);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
  });

  test('nor does an error prove anything', async () => {
    await grant();
    const code = 'UnsupportedOperationException';
    world.control.addFault({ service: 'cloudtrail', kind: 'error-before-effect', code, status: 400, times: 1_000 });
    await quiet();
    expect(new Set(lookups())).toEqual(new Set([code]));
  });
});

describe('without a sign of life', () => {
  test('people are told once, two days before, and a late notice puts the deletion off', async () => {
    addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    await world.after({ days: 3 }, tenantId);
    expect(await eventsOf('identity.deletion-due')).toHaveLength(0);
    // The watch was down: two days of grace were left on the seventh, none are now.
    await world.after({ days: 20 }, tenantId);
    const [told] = await eventsOf('identity.deletion-due');
    const inDays = (Date.parse(String(told?.data['dueAt'])) - world.clock.now().getTime()) / 86_400_000;
    expect(inDays).toBeGreaterThan(1.9);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    await world.after({ hours: 40 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    await world.after({ hours: 10 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleted' });
    expect(await eventsOf('identity.deletion-due')).toHaveLength(1);
  });

  test('an empty report is no answer: nothing is deleted, and after three days people are asked', async () => {
    addRole('job', {
      attachedPolicyArns: [],
      inlinePolicies: { none: policy({ Effect: 'Deny', Action: '*', Resource: '*' }) },
    });
    await world.scan(tenantId);
    const planId = await putAway();
    await world.after({ days: 2 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    await world.after({ days: 4 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'halted UNKNOWN' });
    await waitOut(world, tenantId);
    await world.after({ days: 9 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'halted UNKNOWN' });
    expect(boundaryOf('job', 'role')).toMatch(/AWSDenyAll$/);
    // Halted, it is listened to all the same.
    world.control.setDates({ accountId: aws(), roleName: 'job', lastUsedAt: ago(0.1) });
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
  });

  test('the same role is deleted where such a report is not empty', async () => {
    world.control.setSwitches({ services: { inlineDenyAllEmptiesServiceLastAccessed: false } });
    addRole('job', { inlinePolicies: { none: policy({ Effect: 'Deny', Action: '*', Resource: '*' }) } });
    await world.scan(tenantId);
    const planId = await putAway();
    await waitOut(world, tenantId);
    await world.after({ hours: 50 }, tenantId);
    world.control.setSwitches({ services: { inlineDenyAllEmptiesServiceLastAccessed: true } });
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleted' });
  });

  test('a finding stays open although its key is inactive, and the inventory says since when it is held', async () => {
    addUser('cid', {
      keys: [
        { createdAt: ago(400), lastUse: idle() },
        { createdAt: ago(20), lastUse: usedAt(ago(1)) },
      ],
    });
    await world.scan(tenantId);
    await putAway(await idsOf('cid', 'unused-access-key'));
    await world.scan(tenantId);
    expect(await findings('cid')).toContainEqual(
      expect.objectContaining({ check_id: 'unused-access-key', status: 'open' }),
    );
    const held = await world.pipeline.rows(
      'SELECT active, quarantined_at IS NOT NULL AS held FROM identities WHERE tenant_id = $1 AND quarantined_at IS NOT NULL',
      [tenantId],
    );
    expect(held).toEqual([{ active: false, held: true }]);
  });
});

describe('people', () => {
  test('who cancel the plan get everything back, exactly', async () => {
    addUser('ann', withPassword);
    addRole('job');
    await world.scan(tenantId);
    const before = world.control.describeAll(aws());
    const planId = await putAway();
    await waitOut(world, tenantId);
    expect(await stagesOf(world, planId)).toMatchObject({ 'ann user': 'silenced', 'job role': 'quarantined' });
    await inService((manager) => world.pipeline.get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId)));
    await world.turn(tenantId);
    expect(new Set(Object.values(await stagesOf(world, planId)))).toEqual(new Set(['restored PLAN_CANCELLED']));
    expect(world.control.describeAll(aws())).toEqual(before);
    expect((await findings('job')).map(({ status }) => status)).toEqual(['open']);
    const held = 'SELECT 1 FROM identities WHERE tenant_id = $1 AND quarantined_at IS NOT NULL';
    expect(await world.pipeline.rows(held, [tenantId])).toEqual([]);
  });

  test('who take the boundary off have decided; the plan goes on', async () => {
    addRole('job');
    addRole('other');
    await world.scan(tenantId);
    const planId = await putAway();
    world.control.setBoundary({ accountId: aws(), roleName: 'job' }, null);
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'dropped NO_QUARANTINE', 'other role': 'quarantined' });
    expect(await planStateOf(world, planId)).toBe('approved');
  });

  test('who exempt it get it back at its next look, or at once by a recheck', async () => {
    const { uniqueId } = addRole('job');
    await world.scan(tenantId);
    const before = describeOf('job', 'role');
    const planId = await putAway();
    const request = {
      scope: { uniqueId },
      reason: 'Needed in December.',
      owner: 'a-team',
      until: new Date(world.clock.now().getTime() + 86_400_000),
    };
    await inService((manager) =>
      world.pipeline.get(ExemptionMaking).make(manager, tenantId, someone(tenantId), request),
    );
    const [item] = await itemsOf(world, planId);
    await inService((manager) => world.pipeline.get(Rechecks).request(manager, tenantId, item?.id ?? ''));
    await world.settle();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored EXEMPT' });
    expect(describeOf('job', 'role')).toBe(before);
    expect((await findings('job')).map(({ status }) => status)).toEqual(['exempt']);
  });

  test('who attach something are asked: it halts, stays in quarantine, and still shows life', async () => {
    const role = addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    role.attachedPolicyArns.push('arn:aws:iam::aws:policy/SecurityAudit');
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'halted CHANGED' });
    await waitOut(world, tenantId);
    await world.after({ days: 9 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'halted CHANGED' });
    world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
    await world.after({ hours: 7 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
    expect(boundaryOf('job', 'role')).toBeNull();
  });

  test('who undo what stopped it let it go on to its deletion', async () => {
    const role = addRole('job');
    await world.scan(tenantId);
    const planId = await putAway();
    role.tags.set('team', 'b');
    await world.after({ hours: 7 }, tenantId);
    const [item] = await itemsOf(world, planId);
    expect(item).toMatchObject({ stage: 'halted', code: 'CHANGED' });
    const goOn = async () => {
      const by = someone(tenantId);
      await inService((manager) => world.pipeline.get(GoingOn).request(manager, tenantId, item?.id ?? '', by));
      await world.settle();
    };
    await goOn();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'halted CHANGED' });
    role.tags.delete('team');
    await goOn();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    await waitOut(world, tenantId);
    await world.after({ hours: 50 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleted' });
    await expect(goOn()).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('whose service control policy refuses the way back are told, and it is tried each day', async () => {
    addRole('job');
    await world.scan(tenantId);
    const before = describeOf('job', 'role');
    const planId = await putAway();
    const deny = { Effect: 'Deny', Action: 'iam:DeleteRolePermissionsBoundary', Resource: '*' };
    world.control.setServiceControlPolicy(aws(), policy(ALLOW, deny));
    await inService((manager) => world.pipeline.get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId)));
    await world.turn(tenantId);
    const [halted] = await itemsOf(world, planId);
    expect(halted).toMatchObject({ stage: 'halted', code: 'ACCESS_DENIED' });
    expect(halted?.reason).toMatch(/^It could not be given back: .*iam:DeleteRolePermissionsBoundary/);
    expect(halted?.remedy).toMatch(/service control policy .* tried again each day/);
    await world.after({ days: 1.1 }, tenantId);
    expect((await itemsOf(world, planId))[0]).toMatchObject({ stage: 'halted' });
    world.control.setServiceControlPolicy(aws(), null);
    await world.after({ days: 1.1 }, tenantId);
    expect((await itemsOf(world, planId))[0]).toMatchObject({ stage: 'restored' });
    expect(describeOf('job', 'role')).toBe(before);
  });

  test('of the platform cannot assign an account elsewhere while something of it is held', async () => {
    addRole('job');
    await world.scan(tenantId);
    await putAway();
    const elsewhere = await world.pipeline.createTenant();
    await expect(world.pipeline.assign(elsewhere, [aws()])).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(aws()) as string,
      remedy: expect.stringContaining('restore them or finish their deletion') as string,
    });
  });
});
