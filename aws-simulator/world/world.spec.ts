import type { SimAccount } from './model';
import { START, smallWorld } from './small-world';
import { DAY_MS } from './time-line';
import { World } from './world';

const clock = (): number => START;

/** Everything an account holds, comparable: maps become entries. */
const plain = (account: SimAccount | undefined): string =>
  JSON.stringify(account, (_, value: unknown) => (value instanceof Map ? [...value.entries()] : value));

const idAt = (world: World, index: number): string => [...world.organization.accounts.keys()][index] ?? '';

const made = (world: World, index: number): SimAccount => {
  const account = world.account(idAt(world, index));
  if (account === undefined) throw new Error(`No account number ${index}`);
  return account;
};

describe('a generated world', () => {
  it('is the same for the same seed, whatever the order in which accounts are touched', () => {
    const [forwards, backwards] = [new World({ seed: 7, clock }), new World({ seed: 7, clock })];
    const ids = [...forwards.organization.accounts.keys()];
    const first = new Map(ids.map((id) => [id, plain(forwards.account(id))]));
    for (const id of ids.reverse()) expect(plain(backwards.account(id))).toBe(first.get(id));
  });

  it('is the same when an account is first touched after travelling', () => {
    const [still, moved] = [new World({ seed: 7, clock }), new World({ seed: 7, clock })];
    moved.travel(100 * DAY_MS);
    expect(plain(made(moved, 3))).toBe(plain(made(still, 3)));
  });

  it('differs for another seed', () => {
    expect(plain(made(new World({ seed: 8, clock }), 2))).not.toBe(plain(made(new World({ seed: 7, clock }), 2)));
  });

  it('makes an account at its first touch, and truth makes none', () => {
    const world = new World({ seed: 1, accounts: 12, clock });
    world.truth(undefined, 90);
    expect([...world.organization.accounts.keys()].filter((id) => world.isGenerated(id))).toEqual([]);
    made(world, 4);
    expect([...world.organization.accounts.keys()].filter((id) => world.isGenerated(id))).toEqual([idAt(world, 4)]);
    expect(made(world, 4)).toBe(made(world, 4));
    expect(world.account('999999999999')).toBeUndefined();
  });

  it('lists 50,000 accounts with unique ids and names without making one', () => {
    const world = new World({ seed: 1, accounts: 50_000, clock });
    const summaries = [...world.organization.accounts.values()];
    expect(summaries).toHaveLength(50_000);
    expect(new Set(summaries.map(({ name }) => name)).size).toBe(50_000);
    expect(summaries.every(({ accountId }) => /^\d{12}$/.test(accountId))).toBe(true);
    expect(summaries.some(({ accountId }) => world.isGenerated(accountId))).toBe(false);
  });

  it('has each special account once, in a believable tree', () => {
    const { organization, missingRoleAccountIds } = new World({ seed: 2, clock });
    const all = [...organization.accounts.values()];
    expect(all).toHaveLength(25);
    expect(all.filter(({ state }) => state === 'SUSPENDED')).toHaveLength(1);
    expect(all.filter(({ joinedMethod }) => joinedMethod === 'INVITED')).toHaveLength(2);
    expect(organization.delegatedAdministratorIds).toHaveLength(1);
    expect(missingRoleAccountIds.size).toBe(1);
    for (const { parentId } of all)
      expect(parentId === organization.rootId || organization.units.has(parentId)).toBe(true);
    expect(organization.accounts.get(organization.managementAccountId)?.parentId).toBe(organization.rootId);
  });

  it('refuses sizes that cannot be', () => {
    expect(() => new World({ seed: 1, accounts: 0 })).toThrow(/accounts/);
    expect(() => new World({ seed: 1, usersPerAccount: 5_001 })).toThrow(/usersPerAccount/);
    expect(() => new World({ seed: 1, accounts: 2, shape: { suspendedAccounts: 2 } })).toThrow(/shape/);
    expect(() => new World({ seed: -1 })).toThrow(/seed/);
  });
});

describe('the size of an account', () => {
  const keys = (account: SimAccount): number =>
    [...account.users.values()].reduce((total, { accessKeys }) => total + accessKeys.length, 0);

  it('is exact where it is given: 1,000 users have 1,500 keys', () => {
    const account = made(new World({ seed: 3, accounts: 1, usersPerAccount: 1_000, rolesPerAccount: 1_000, clock }), 0);
    expect([account.users.size, account.roles.size, keys(account)]).toEqual([1_000, 1_000, 1_500]);
    const counts = [...account.users.values()].map(({ accessKeys }) => accessKeys.length);
    expect(new Set(counts)).toEqual(new Set([0, 1, 2]));
  });

  it.each([0, 0.3, 1, 1.9, 2])('follows keysPerUser %d', (keysPerUser) => {
    const account = made(new World({ seed: 3, accounts: 1, usersPerAccount: 40, keysPerUser, clock }), 0);
    expect(keys(account)).toBe(Math.round(40 * keysPerUser));
  });

  it('counts roles that were deployed before the first touch', () => {
    const world = new World({ seed: 3, accounts: 3, rolesPerAccount: 50, clock });
    world.deployRole({ roleName: 'scan', trustedPrincipalArn: 'arn:aws:iam::1:root', accounts: 'all' });
    expect(made(world, 1).roles.size).toBe(50);
    expect(made(world, 1).roles.has('scan')).toBe(true);
  });
});

describe('what is generated', () => {
  const world = new World({ seed: 5, clock });
  const accounts = [...world.organization.accounts.keys()].map((_, index) => made(world, index));
  const users = accounts.flatMap((account) => [...account.users.values()]);
  const allRoles = accounts.flatMap((account) => [...account.roles.values()]);

  it('holds every case that a check must tell apart', () => {
    expect(users.some(({ password, passwordLastUsedAt }) => password === null && passwordLastUsedAt !== null)).toBe(
      true,
    );
    expect(
      users.some(
        ({ password, passwordLastUsedAt }) =>
          password !== null && (passwordLastUsedAt ?? Infinity) < password.lastChangedAt,
      ),
    ).toBe(true);
    expect(users.some(({ accessKeys: [a, b] }) => b !== undefined && a?.createdAt === b.createdAt)).toBe(true);
    expect(users.some(({ accessKeys }) => accessKeys.some(({ active }) => !active))).toBe(true);
    expect(users.some(({ accessKeys }) => accessKeys.some(({ lastUse }) => lastUse === null))).toBe(true);
    for (const kind of ['ssh', 'certificate', 'service-specific']) {
      expect(users.some(({ credentials }) => credentials.some((credential) => credential.kind === kind))).toBe(true);
    }
    for (const start of ['/aws-service-role/', '/aws-reserved/sso.amazonaws.com/', '/service-role/']) {
      expect(allRoles.some(({ path }) => path.startsWith(start))).toBe(true);
    }
    for (const name of ['breakglass-role', 'OrganizationAccountAccessRole', 'AWSControlTowerExecution']) {
      expect(allRoles.some((role) => role.name === name)).toBe(true);
    }
    expect(allRoles.some(({ instanceProfiles }) => instanceProfiles.length > 0)).toBe(true);
  });

  it('has names that IAM allows, unique without regard to case, and unique ids that never repeat', () => {
    for (const account of accounts) {
      for (const [key, user] of account.users) expect(key).toBe(user.name.toLowerCase());
    }
    for (const { name } of [...users, ...allRoles]) expect(name).toMatch(/^[\w+=,.@-]{1,64}$/);
    const ids = [...users, ...allRoles].map(({ uniqueId }) => uniqueId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { uniqueId } of users) expect(uniqueId).toMatch(/^AIDA[A-Z2-7]{17}$/);
  });

  it('is dated in order, whole seconds, never in the future', () => {
    for (const user of users) {
      for (const { createdAt, lastUse } of user.accessKeys) {
        expect(createdAt).toBeGreaterThanOrEqual(user.createdAt);
        expect(createdAt % 1_000).toBe(0);
        expect(lastUse?.at ?? createdAt).toBeGreaterThanOrEqual(createdAt);
        expect(lastUse?.at ?? createdAt).toBeLessThanOrEqual(START);
      }
    }
    for (const { createdAt, lastUse } of allRoles) {
      expect(lastUse?.at ?? createdAt).toBeGreaterThanOrEqual(createdAt);
      expect(createdAt).toBeLessThanOrEqual(START);
    }
  });

  it('finds an access key by its id alone, in an account never touched', () => {
    const key = users.find(({ accessKeys }) => accessKeys.length > 0)?.accessKeys[0];
    const fresh = new World({ seed: 5, clock });
    const found = fresh.findAccessKey(key?.accessKeyId ?? '');
    expect(found?.key).toEqual(key);
    expect([...fresh.organization.accounts.keys()].filter((id) => fresh.isGenerated(id))).toHaveLength(1);
    expect(fresh.findAccessKey('AKIAIOSFODNN7EXAMPLE')).toBeUndefined();
  });
});

describe('ids, accounts and identities made by hand', () => {
  it('gives the same ids in the same order, of the right form', () => {
    const ids = (): string[] => {
      const { world } = smallWorld();
      return [world.newUniqueId('AIDA'), world.newUniqueId('AKIA'), world.newUniqueId('AROA')];
    };
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
    expect(ids()[1]).toMatch(/^AKIA[A-Z2-7]{16}$/);
  });

  it('adds a standalone account whose keys are found, and refuses an id twice', () => {
    const { world } = smallWorld();
    world.addAccount({ accountId: '000000000042', name: 'service' });
    const user = world.createUser('000000000042', { name: 'svc', keys: [{}] });
    expect(world.findAccessKey(user.accessKeys[0]?.accessKeyId ?? '')?.user).toBe(user);
    expect(world.organization.accounts.has('000000000042')).toBe(false);
    expect(() => world.addAccount({ accountId: '000000000042', name: 'again' })).toThrow(/exists already/);
  });

  it('refuses a name that is taken, whatever its case', () => {
    const { world, accountId } = smallWorld();
    world.createUser(accountId, { name: 'Jenkins' });
    expect(() => world.createUser(accountId, { name: 'jenkins' })).toThrow(/already exists/);
    world.createRole(accountId, { name: 'app' });
    expect(() => world.createRole(accountId, { name: 'APP' })).toThrow(/already exists/);
  });

  it('gives a re-created user another unique id', () => {
    const { world, account, accountId } = smallWorld();
    const first = world.createUser(accountId, { name: 'ci' }).uniqueId;
    account.users.delete('ci');
    expect(world.createUser(accountId, { name: 'ci' }).uniqueId).not.toBe(first);
  });
});
