import { startSimulator, type RunningSimulator } from '../../aws-simulator/server';
import type { AccountAccess } from '../../src/aws/account-access';
import { AwsService } from '../../src/aws/aws.service';
import { collectAccount, type AccountReading } from '../../src/scans/collectors/account.collector';
import { collectAccessKeyIds } from '../../src/scans/collectors/key-ids.collector';
import { nameKeys } from '../../src/scans/collectors/name-keys';
import { collectOtherCredentials } from '../../src/scans/collectors/other-credentials.collector';
import { scanPermissions } from '../../src/scans/collectors/permissions';
import { recheckRole, recheckUser } from '../../src/scans/collectors/recheck.collector';
import type { InventoryAccessKey, InventoryRole, InventoryUser, LastUsed } from '../../src/scans/inventory';

const PREFIX = 'prefix';
const DAY_MS = 86_400_000;
const environment = { ...process.env };

let simulator: RunningSimulator;
let aws: AwsService;
let accountId: string;

/** One account with a role that may do what collectors say they need, and not a thing more. */
async function start(options: Parameters<typeof startSimulator>[0], allowed: readonly string[] = scanPermissions) {
  simulator = await startSimulator({ seed: 7, accounts: 2, ...options });
  const found = [...simulator.world.organization.accounts.keys()].find(
    (id) => id !== simulator.world.organization.managementAccountId,
  );
  if (!found) throw new Error('no member account');
  accountId = found;
  simulator.control.deployRole({
    roleName: 'Scan',
    trustedPrincipalArn: simulator.credentials.userArn,
    externalIdPrefix: PREFIX,
    accounts: [accountId],
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }],
    }),
  });
  process.env = {
    ...environment,
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
  };
  aws = new AwsService({ endpoint: simulator.url });
}

const open = (): AccountAccess =>
  aws.openAccount({
    partition: 'aws',
    accountId,
    roleArn: `arn:aws:iam::${accountId}:role/Scan`,
    externalId: `${PREFIX}-${accountId}`,
    sessionName: 'scan-1',
  });

interface Collected extends AccountReading {
  users: InventoryUser[];
  roles: InventoryRole[];
}

async function collect(access: AccountAccess): Promise<Collected> {
  const users: InventoryUser[] = [];
  const roles: InventoryRole[] = [];
  const reading = await collectAccount(access, {
    at: new Date(),
    onUsers: (page) => void users.push(...page),
    onRoles: (page) => void roles.push(...page),
    reportWaits: { firstMs: 50, longestMs: 200, totalMs: 10_000 },
  });
  return { ...reading, users, roles };
}

const keysOf = (user: InventoryUser): readonly InventoryAccessKey[] =>
  user.credentials.state === 'known' ? user.credentials.value.accessKeys : [];

/** Idle at least so long, judged as plainly as can be. */
function idle(lastUsed: LastUsed, since: Date | null, days: number): boolean {
  if (lastUsed.state === 'unknown' || !since) throw new Error('unknown');
  const latest = Math.max(since.getTime(), lastUsed.state === 'at' ? lastUsed.at.getTime() : 0);
  return Date.now() - latest >= days * DAY_MS;
}

afterEach(async () => {
  process.env = environment;
  aws.close();
  await simulator.close();
});

describe('an account of 1,000 users, 1,500 keys and 1,000 roles', () => {
  it('costs at most 6 IAM calls, one more for each user with keys to name, and is never wrong', async () => {
    await start({
      ...{ usersPerAccount: 1000, rolesPerAccount: 1000, latencyMs: 20 },
      pacing: { byService: { iam: { rate: 20, burst: 20 }, sts: null, organizations: null } },
    });
    const access = open();
    const { outcome, notRead, users, roles } = await collect(access);
    expect({ outcome, notRead }).toEqual({ outcome: 'complete', notRead: [] });
    const first = access.calls.summary();
    expect(first.calls - (first.byAction['sts:AssumeRole']?.calls ?? 0)).toBeLessThanOrEqual(6);
    expect(first.throttled).toBe(0);

    const truth = simulator.control.truth(90, accountId, { excludedRoleNames: [] })[0]?.items ?? [];
    const arnsOf = (check: string): string[] =>
      truth
        .filter((item) => item.check === check)
        .map((item) => item.arn)
        .sort();
    const idleRoles = roles
      .filter((one) => !/^\/aws-(service-role|reserved)\//.test(one.path) && idle(one.lastUsed, one.createdAt, 90))
      .map((one) => one.arn)
      .sort();
    expect(roles).toHaveLength(1000);
    expect(idleRoles).toEqual(arnsOf('unused-role'));
    expect(idleRoles.length).toBeGreaterThan(50);

    const people = users.filter((one) => !one.isRoot);
    expect(people).toHaveLength(1000);
    const idleKeys = people.flatMap((one) =>
      keysOf(one).flatMap((key) => (key.active && idle(key.lastUsed, key.createdAt, 90) ? [one.arn] : [])),
    );
    expect(idleKeys.sort()).toEqual(arnsOf('unused-access-key'));

    const named = people.filter((one) => keysOf(one).length > 0).slice(0, 60);
    const reported = new Map(named.map((one) => [one.name, keysOf(one)]));
    const before = access.calls.summary().calls;
    const listed = await collectAccessKeyIds(access, [...reported.keys()], { reported });
    const { byAction, calls, throttled } = access.calls.summary();
    const twins = byAction['iam:GetAccessKeyLastUsed']?.calls ?? 0;
    expect({ calls: calls - before - twins, throttled }).toEqual({ calls: 60, throttled: 0 });
    expect(twins).toBeLessThanOrEqual(4);
    for (const one of named) {
      const found = listed.get(one.name);
      if (found?.state !== 'known') throw new Error(`${one.name} is unknown`);
      const real = simulator.world.account(accountId)?.users.get(one.name.toLowerCase())?.accessKeys ?? [];
      const ids = nameKeys(keysOf(one), found.value).keys.map((key) => key.accessKeyId);
      expect(ids.sort()).toEqual(real.map((key) => key.accessKeyId).sort());
    }
  }, 30_000);
});

describe('a role without one of the permissions', () => {
  it.each(['iam:GetCredentialReport', 'iam:ListUsers', 'iam:GetAccountAuthorizationDetails'])(
    'makes the scan partial and says which: %s',
    async (missing) => {
      await start(
        { usersPerAccount: 5, rolesPerAccount: 5 },
        scanPermissions.filter((action) => action !== missing),
      );
      const { outcome, notRead } = await collect(open());
      expect(outcome).toBe('partial');
      expect(notRead).toMatchObject([
        { code: 'AWS_ACCESS_DENIED', remedy: expect.stringContaining(`Allow ${missing}`) as string },
      ]);
    },
  );
});

describe('permissions', () => {
  it('as listed suffice for everything that collectors do', async () => {
    await start({ usersPerAccount: 20, rolesPerAccount: 20, pacing: 'unlimited' });
    const access = open();
    const { outcome, users, roles } = await collect(access);
    expect(outcome).toBe('complete');
    const names = users.filter((one) => !one.isRoot).map((one) => one.name);
    const others = await collectOtherCredentials(access, names);
    expect([...others.values()].every((one) => one.state === 'known')).toBe(true);
    const someone = users.find((one) => keysOf(one).length > 0 && !one.isRoot);
    const role = roles[0];
    if (!someone || !role) throw new Error('nothing to recheck');
    const fresh = await recheckUser(access, someone, { previous: someone });
    expect(fresh).toMatchObject({
      state: 'there',
      identity: { arn: someone.arn, groups: someone.groups, tags: someone.tags },
    });
    const previous = keysOf(someone).map((key) => [key.slot, key.active, key.createdAt, key.lastUsed]);
    const again = fresh.state === 'there' ? keysOf(fresh.identity) : [];
    expect(again.map((key) => [key.slot, key.active, key.createdAt, key.lastUsed]).sort()).toEqual(previous.sort());
    expect(await recheckRole(access, role, { at: new Date() })).toEqual({ state: 'there', identity: role });
  });
});

describe('proving a role against a strict AWS', () => {
  it('finds the right external id good', async () => {
    await start({ usersPerAccount: 0, rolesPerAccount: 3 });
    const roleArn = `arn:aws:iam::${accountId}:role/Scan`;
    await expect(aws.proveRole({ roleArn, externalId: `${PREFIX}-${accountId}` })).resolves.toMatchObject({
      outcome: 'ok',
    });
    await expect(aws.proveRole({ roleArn, externalId: 'another' })).resolves.toMatchObject({
      outcome: 'not-assumable',
    });
  });
});
