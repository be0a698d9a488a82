import type { SimUser } from '../../aws-simulator/world/model';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import { CLEANUP_ROLE, type CleanUpAccount } from './aws-account';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';
import { stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** What other tools have got wrong, each as it was reported of them. Every one goes the whole way, from scan to deletion. */
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
  world.control.clearFaults();
  world.control.setSwitches({ services: { iamPageLimit: 0 }, world: { report: { available: true } } });
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const now = (): Date => world.clock.now();
const ago = (days: number): number => daysAgo(now(), days);
const idleKey = (days = 200) => ({ createdAt: ago(days + 100), lastUse: usedAt(ago(days)) });
const usedKey = (ageDays = 30) => ({ createdAt: ago(ageDays), lastUse: usedAt(ago(0.5)) });
const userIn = (name: string): SimUser | undefined =>
  world.pipeline.simulator.world.account(account.awsAccountId)?.users.get(name);
const keysOf = (name: string): [string, boolean][] =>
  userIn(name)?.accessKeys.map(({ accessKeyId, active }) => [accessKeyId, active]) ?? [];
const addUser = (name: string, rest: object): SimUser =>
  world.control.createUser(account.awsAccountId, { name, createdAt: ago(600), ...rest });

interface FindingRow {
  readonly id: string;
  readonly check_id: string;
  readonly status: string;
  readonly name: string;
  readonly access_key_id: string | null;
}

const findings = (status = 'open'): Promise<FindingRow[]> =>
  world.pipeline.rows<FindingRow>(
    `SELECT f.id, f.check_id, f.status, coalesce(i.user_name, i.name) AS name, i.access_key_id
     FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     WHERE f.tenant_id = $1 AND f.status = $2 ORDER BY f.check_id, i.access_key_id`,
    [tenantId, status],
  );
const checksOf = async (name: string): Promise<string[]> =>
  (await findings()).filter((one) => one.name === name).map(({ check_id: check }) => check);

/** From the first scan to the end of a plan for everything that was found. */
async function cleanUp(findingIds?: readonly string[]): Promise<Record<string, string>> {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, findingIds === undefined ? {} : { findingIds });
  return toTheEnd(planId);
}

async function toTheEnd(planId: string): Promise<Record<string, string>> {
  await world.turn(tenantId);
  await waitOut(world, tenantId);
  await world.after({ hours: 50 }, tenantId);
  await world.after({ hours: 26 }, tenantId);
  return stagesOf(world, planId);
}

describe('1. keys', () => {
  test('the sibling of a flagged key is left alone (cloud-custodian#842)', async () => {
    const user = addUser('ann', { keys: [idleKey(), usedKey()] });
    const [idle, used] = user.accessKeys.map(({ accessKeyId }) => accessKeyId);
    await world.scan(tenantId);
    const flagged = (await findings()).filter((one) => one.check_id === 'unused-access-key');
    expect(flagged.map((one) => one.access_key_id)).toEqual([idle]);
    expect(await cleanUp(flagged.map(({ id }) => id))).toEqual({ 'ann access-key': 'deleted' });
    expect(keysOf('ann')).toEqual([[used, true]]);
    const touched = world.control.writes({ accountId: account.awsAccountId, by: CLEANUP_ROLE });
    expect(new Set(touched.flatMap(({ objectIds }) => objectIds))).toEqual(new Set([idle]));
  });

  test('an age rule does not disable a key that was used the same day (cloud-custodian#6732)', async () => {
    const user = addUser('ben', { keys: [usedKey(400)] });
    await world.scan(tenantId);
    expect(await checksOf('ben')).toEqual(['access-key-not-rotated']);
    const outcome = await cleanUp().catch((error: unknown) => error);
    const [key] = user.accessKeys;
    expect(keysOf('ben')).toEqual([[key?.accessKeyId, true]]);
    expect(world.control.writes({ accountId: account.awsAccountId, by: CLEANUP_ROLE })).toEqual([]);
    if (!(outcome instanceof Error)) {
      expect(Object.values(outcome as object)).toEqual([expect.stringMatching(/^(refused|dropped)/) as string]);
    }
  });

  test('of two keys made in the same second the right one is meant (cloud-custodian#5583)', async () => {
    const createdAt = ago(300);
    const user = addUser('cleo', {
      keys: [
        { createdAt, lastUse: usedAt(ago(0.5)) },
        { createdAt, lastUse: usedAt(ago(200)) },
      ],
    });
    const [used] = user.accessKeys.map(({ accessKeyId }) => accessKeyId);
    await world.scan(tenantId);
    const flagged = (await findings()).filter((one) => one.check_id === 'unused-access-key');
    if (flagged.length > 0) await cleanUp(flagged.map(({ id }) => id));
    expect(keysOf('cleo')).toContainEqual([used, true]);
    const touched = world.control.writes({ accountId: account.awsAccountId, by: CLEANUP_ROLE });
    expect(touched.flatMap(({ objectIds }) => objectIds)).not.toContain(used);
  });
});

describe('2. what is flagged', () => {
  test('young keys are not (prowler#645)', async () => {
    addUser('dan', { keys: [{ createdAt: ago(10) }, { createdAt: ago(40), lastUse: usedAt(ago(30)) }] });
    await world.scan(tenantId);
    expect((await checksOf('dan')).filter((check) => check === 'unused-access-key')).toEqual([]);
  });

  test('each key is, not the user once (prowler#1915)', async () => {
    const user = addUser('eve', { keys: [idleKey(150), idleKey(250)], password: {}, passwordLastUsedAt: ago(1) });
    await world.scan(tenantId);
    const flagged = (await findings()).filter((one) => one.check_id === 'unused-access-key');
    expect(flagged.map((one) => one.access_key_id).sort()).toEqual(
      user.accessKeys.map(({ accessKeyId }) => accessKeyId).sort(),
    );
  });

  test('users without credentials are by unused-user only (prowler#275)', async () => {
    addUser('fay', {});
    await world.scan(tenantId);
    expect(await checksOf('fay')).toEqual(['unused-user']);
  });

  test('keys and passwords that were never used do not pass as fine (prowler)', async () => {
    addUser('gil', { password: {}, keys: [{ createdAt: ago(200) }] });
    await world.scan(tenantId);
    expect(await checksOf('gil')).toEqual(expect.arrayContaining(['unused-access-key', 'unused-password']));
  });
});

describe('3. roles', () => {
  test('one that comes into use after it was flagged is not touched (cloud-custodian#3450)', async () => {
    const role = addFullRole(world.pipeline.simulator, account.awsAccountId, 'yearly', now());
    await world.scan(tenantId);
    const planId = await world.agree(tenantId);
    world.pass({ hours: 1 });
    world.control.use({ accountId: account.awsAccountId, roleName: 'yearly', service: 's3' });
    await world.turn(tenantId);
    expect(await stagesOf(world, planId)).toMatchObject({
      'yearly role': expect.stringMatching(/^(dropped|quarantined)/) as string,
    });
    // Approving has had it begun at once, or it was dropped: in the end it is as it was.
    await world.after({ hours: 12 }, tenantId);
    await world.after({ days: 30 }, tenantId);
    expect(world.pipeline.simulator.world.account(account.awsAccountId)?.roles.get('yearly')).toMatchObject({
      uniqueId: role.uniqueId,
      boundaryArn: null,
    });
  });

  test('those of services are not flagged (steampipe-mod-aws-compliance#672)', async () => {
    world.control.createRole(account.awsAccountId, {
      name: 'AWSServiceRoleForExample',
      path: '/aws-service-role/example.amazonaws.com/',
      createdAt: ago(500),
    });
    world.control.createRole(account.awsAccountId, {
      name: 'AWSReservedSSO_Admin_0123456789abcdef',
      path: '/aws-reserved/sso.amazonaws.com/',
      createdAt: ago(500),
    });
    await world.scan(tenantId);
    expect(await findings()).toEqual([]);
  });
});

describe('4. what is attached', () => {
  test('a role leaves its instance profiles first (cloud-custodian#6340)', async () => {
    addFullRole(world.pipeline.simulator, account.awsAccountId, 'server', now());
    expect(await cleanUp()).toEqual({ 'server role': 'deleted' });
    const left = world.pipeline.simulator.world.account(account.awsAccountId);
    expect([...(left?.instanceProfiles.keys() ?? [])].sort()).toEqual(['server-one', 'server-two']);
  });

  test('a user’s MFA devices, certificates and SSH keys go first (aws-nuke#281, #671, #522)', async () => {
    addFullUser(world.pipeline.simulator, account.awsAccountId, 'hal', now());
    const stages = await cleanUp();
    expect(stages['hal user']).toBe('deleted');
    const left = world.pipeline.simulator.world.account(account.awsAccountId);
    expect(left?.users.has('hal')).toBe(false);
    expect([...(left?.mfaDevices.keys() ?? [])]).toEqual([]);
  });
});

describe('5. accounts', () => {
  test('a suspended and an inaccessible one do not keep the others from being done (cloud-custodian#6738)', async () => {
    const suspended = await world.newAccount(tenantId);
    const closed = await world.newAccount(tenantId);
    const { simulator } = world.pipeline;
    for (const { awsAccountId } of [account, suspended, closed]) addFullRole(simulator, awsAccountId, 'old', now());
    await world.scan(tenantId);
    const planId = await world.agree(tenantId);
    world.control.setAccountState(suspended.awsAccountId, 'SUSPENDED');
    world.control.deleteRole(closed.awsAccountId, CLEANUP_ROLE);
    await toTheEnd(planId);
    const rolesOf = ({ awsAccountId }: CleanUpAccount): boolean =>
      simulator.world.account(awsAccountId)?.roles.has('old') === true;
    expect([account, suspended, closed].map(rolesOf)).toEqual([false, true, true]);
  });
});

describe('6. tickets', () => {
  test('what is found again and again is one finding with one beginning, and one end (cloud-custodian#8695)', async () => {
    addFullRole(world.pipeline.simulator, account.awsAccountId, 'old', now());
    for (let hour = 0; hour < 3; hour += 1) {
      world.pass({ hours: 1 });
      await world.scan(tenantId);
    }
    const [finding, ...others] = await findings();
    expect(others).toEqual([]);
    await cleanUp();
    await world.scan(tenantId);
    await world.scan(tenantId);
    expect((await findings('resolved')).map(({ id }) => id)).toEqual([finding?.id]);
    const events = await world.pipeline.rows<{ type: string }>(
      "SELECT type FROM events WHERE tenant_id = $1 AND object_id = $2 AND type LIKE 'finding.%' ORDER BY at, id",
      [tenantId, finding?.id],
    );
    expect(events.map(({ type }) => type)).toEqual(['finding.opened', 'finding.resolved']);
  });
});

describe('7. lists', () => {
  test('keys are read to their last page, and named by when they were made, not by their place (Fix Inventory)', async () => {
    world.control.setSwitches({ services: { iamPageLimit: 1 } });
    const user = addUser('ida', { keys: [usedKey(40), idleKey()] });
    // The report's first key is the one that IAM lists last.
    user.accessKeys.reverse();
    const idle = user.accessKeys.find(({ createdAt }) => createdAt < ago(200))?.accessKeyId;
    await world.scan(tenantId);
    const flagged = (await findings()).filter((one) => one.check_id === 'unused-access-key');
    expect(flagged.map((one) => one.access_key_id)).toEqual([idle]);
    await cleanUp(flagged.map(({ id }) => id));
    expect(keysOf('ida')).toEqual([[expect.not.stringMatching(idle ?? '-') as string, true]]);
  });
});

describe('8. settings', () => {
  test('one under a wrong name is an error, in policies and in the rules of clean-up (the AWS blog’s template)', async () => {
    const policy = { apiVersion: 'mothball/v1', kind: 'Policy', name: 'p', rolePatternAllowList: '/break-glass' };
    expect(() => parsePolicyDocument(policy)).toThrow(/rolePatternAllowList/);
    const { tenants, get } = world.pipeline;
    const rules = { graceDays: { roles: 90 } };
    await expect(
      tenants.inTenant(tenantId, (manager) =>
        get(RulesService).save(manager, tenantId, 'tenant', { rules, by: 'test' }),
      ),
    ).rejects.toThrow(/roles/);
  });
});

describe('9. selections', () => {
  test('an empty one is an error, never everything', async () => {
    addFullRole(world.pipeline.simulator, account.awsAccountId, 'old', now());
    await world.scan(tenantId);
    await expect(world.propose(tenantId, { findingIds: [] })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(world.propose(tenantId, { filter: {} })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(
      world.propose(tenantId, { filter: { identity: { name: { contains: 'nothing-of-that-name' } } } }),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });
});

describe('10. what could not be read', () => {
  test('closes no finding, and nothing is deleted', async () => {
    addUser('jan', { keys: [idleKey()] });
    addFullRole(world.pipeline.simulator, account.awsAccountId, 'old', now());
    await world.scan(tenantId);
    const before = await findings();
    expect(before.length).toBeGreaterThan(1);
    const planId = await world.agree(tenantId);
    await world.turn(tenantId);
    world.control.setSwitches({ world: { report: { available: false } } });
    for (const action of ['GetRole', 'GetUser', 'GetServiceLastAccessedDetails', 'GetAccountAuthorizationDetails']) {
      world.control.addFault({
        ...{ accountId: account.awsAccountId, action, kind: 'error-before-effect' as const },
        ...{ code: 'AccessDenied', times: 10_000 },
      });
    }
    await world.scan(tenantId);
    await toTheEnd(planId);
    expect((await findings()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const deleted = world.control
      .writes({ accountId: account.awsAccountId, by: CLEANUP_ROLE })
      .filter(({ action }) => /^(Delete|Detach|Remove|Deactivate)/.test(action));
    expect(deleted).toEqual([]);
  });
});
