import type { LastUse } from './model';
import { START, smallWorld, type SmallWorld } from './small-world';
import { DAY_MS, HOUR_MS } from './time-line';
import type { TruthItem } from './truth';
import { World } from './world';

const SECOND = 1_000;
const ago = (days: number, seconds = 0): number => START - days * DAY_MS - seconds * SECOND;
const use = (at: number): LastUse => ({ at, service: 'ec2', region: 'eu-west-1' });

const items = ({ world, accountId }: SmallWorld, days = 90): TruthItem[] =>
  world.truth(accountId, days).flatMap((account) => account.items);

const checksOf = (small: SmallWorld, name: string, days = 90): string[] =>
  items(small, days)
    .filter((item) => item.name === name)
    .map(({ check }) => check)
    .sort();

describe('an access key', () => {
  it('is unused at exactly the threshold, and not one second before', () => {
    const small = smallWorld();
    const { world, accountId } = small;
    world.createUser(accountId, { name: 'at', createdAt: ago(200), keys: [{ lastUse: use(ago(90)) }] });
    // Uses show in steps of 15 minutes, so the second before the threshold is tried on the creation date.
    world.createUser(accountId, { name: 'young', createdAt: ago(200), keys: [{ createdAt: ago(90, -1) }] });
    world.createUser(accountId, { name: 'old', createdAt: ago(200), keys: [{ createdAt: ago(90) }] });
    expect(checksOf(small, 'at')).toEqual(['access-key-not-rotated', 'unused-access-key', 'unused-user']);
    expect(checksOf(small, 'young')).toEqual([]);
    expect(checksOf(small, 'old')).toEqual(['access-key-not-rotated', 'unused-access-key', 'unused-user']);
  });

  it('that was never used is idle since its creation: young ones never, old ones always', () => {
    const small = smallWorld();
    small.world.createUser(small.accountId, { name: 'u', createdAt: ago(400), keys: [{ createdAt: ago(10) }, {}] });
    const flagged = items(small).filter(({ check }) => check === 'unused-access-key');
    const [young, old] = small.account.users.get('u')?.accessKeys ?? [];
    expect(flagged.map(({ accessKeyId }) => accessKeyId)).toEqual([old?.accessKeyId]);
    expect(flagged[0]?.accessKeyId).not.toBe(young?.accessKeyId);
    expect(flagged[0]?.idleDays).toBe(400);
  });

  it('is judged by itself: an old key that was used today is no unused key, and lends nothing to its sibling', () => {
    const small = smallWorld();
    const keys = [{ lastUse: use(ago(0, 60)) }, { lastUse: use(ago(100)) }];
    const user = small.world.createUser(small.accountId, { name: 'u', createdAt: ago(300), keys });
    const unused = items(small).filter(({ check }) => check === 'unused-access-key');
    expect(unused.map(({ accessKeyId }) => accessKeyId)).toEqual([user.accessKeys[1]?.accessKeyId]);
    expect(checksOf(small, 'u')).toEqual([
      'access-key-not-rotated',
      'access-key-not-rotated',
      'second-active-key',
      'unused-access-key',
    ]);
  });

  it('that is inactive counts nowhere', () => {
    const small = smallWorld();
    const keys = [{ active: false }, { active: false, lastUse: use(ago(1)) }];
    small.world.createUser(small.accountId, { name: 'u', createdAt: ago(300), keys });
    expect(checksOf(small, 'u')).toEqual(['unused-user']);
  });

  it('of root is reported when active, and nothing else of root', () => {
    const small = smallWorld();
    const key = { accessKeyId: 'AKIAROOT', secretAccessKey: 's', active: true, createdAt: ago(900), lastUse: null };
    small.account.root.accessKeys = [key, { ...key, accessKeyId: 'AKIAOFF', active: false }];
    expect(items(small).map(({ check, accessKeyId }) => [check, accessKeyId])).toEqual([
      ['root-access-key', 'AKIAROOT'],
    ]);
  });
});

describe('a password', () => {
  it('is judged by the later of last use and last change', () => {
    const small = smallWorld();
    const { world, accountId } = small;
    const createdAt = ago(500);
    world.createUser(accountId, {
      name: 'reset',
      createdAt,
      password: { lastChangedAt: ago(5) },
      passwordLastUsedAt: ago(300),
    });
    world.createUser(accountId, { name: 'used', createdAt, password: {}, passwordLastUsedAt: ago(89) });
    world.createUser(accountId, { name: 'idle', createdAt, password: {}, passwordLastUsedAt: ago(90) });
    world.createUser(accountId, { name: 'never', createdAt, password: { createdAt: ago(90) } });
    expect(checksOf(small, 'reset')).toEqual([]);
    expect(checksOf(small, 'used')).toEqual([]);
    expect(checksOf(small, 'idle')).toEqual(['unused-password', 'unused-user']);
    expect(checksOf(small, 'never')).toEqual(['unused-password', 'unused-user']);
  });

  it('that is new may carry the last use of one deleted before: it is young all the same', () => {
    const small = smallWorld();
    const password = { createdAt: ago(1) };
    small.world.createUser(small.accountId, { name: 'u', createdAt: ago(900), password, passwordLastUsedAt: ago(800) });
    expect(checksOf(small, 'u')).toEqual([]);
  });

  it('that is gone judges nothing, however long ago it was used', () => {
    const small = smallWorld();
    small.world.createUser(small.accountId, { name: 'u', createdAt: ago(900), passwordLastUsedAt: ago(200) });
    expect(checksOf(small, 'u')).toEqual(['unused-user']);
  });
});

describe('a user', () => {
  it('without any credential is unused once it is old enough, and has no finding of a credential', () => {
    const small = smallWorld();
    small.world.createUser(small.accountId, { name: 'old', createdAt: ago(90) });
    small.world.createUser(small.accountId, { name: 'new', createdAt: ago(90, -1) });
    expect([checksOf(small, 'old'), checksOf(small, 'new')]).toEqual([['unused-user'], []]);
  });

  it('is in use while one of its credentials is', () => {
    const small = smallWorld();
    const keys = [{ lastUse: use(ago(3)) }];
    small.world.createUser(small.accountId, { name: 'u', createdAt: ago(500), password: {}, keys });
    expect(checksOf(small, 'u')).toEqual(['access-key-not-rotated', 'unused-password']);
  });

  it.each(['ssh', 'certificate', 'service-specific'] as const)('with an active %s credential is not unused', (kind) => {
    const small = smallWorld();
    const { world, accountId } = small;
    world.createUser(accountId, { name: 'armed', createdAt: ago(500), credentials: [{ kind, active: true }] });
    world.createUser(accountId, { name: 'off', createdAt: ago(500), credentials: [{ kind, active: false }] });
    expect([checksOf(small, 'armed'), checksOf(small, 'off')]).toEqual([[], ['unused-user']]);
  });
});

describe('a role', () => {
  it('is unused when its last use or creation reaches the threshold', () => {
    const small = smallWorld();
    const { world, accountId } = small;
    world.createRole(accountId, { name: 'at', createdAt: ago(300), lastUse: use(ago(90)) });
    world.createRole(accountId, { name: 'before', createdAt: ago(300), lastUse: use(ago(90, -1)) });
    world.createRole(accountId, { name: 'never-young', createdAt: ago(89) });
    world.createRole(accountId, { name: 'never-old', createdAt: ago(91) });
    world.createRole(accountId, { name: 'before-tracking', createdAt: ago(2_000), lastUse: use(ago(450)) });
    const flagged = items(small).map(({ name }) => name);
    expect(flagged).toEqual(['at', 'never-old', 'before-tracking']);
  });

  it('of AWS, of SSO, deployed, or excluded by name is never one', () => {
    const small = smallWorld();
    const { world, accountId } = small;
    const old = { createdAt: ago(900) };
    world.createRole(accountId, {
      name: 'AWSServiceRoleForSupport',
      path: '/aws-service-role/support.amazonaws.com/',
      ...old,
    });
    world.createRole(accountId, { name: 'AWSReservedSSO_A_1', path: '/aws-reserved/sso.amazonaws.com/', ...old });
    world.createRole(accountId, { name: 'OrganizationAccountAccessRole', ...old });
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: 'arn:aws:iam::1:root', accounts: 'all' });
    world.travel(900 * DAY_MS);
    expect(items(small)).toEqual([]);
    const all = world.truth(accountId, 90, { excludedRoleNames: ['scan'] }).flatMap((account) => account.items);
    expect(all.map(({ name }) => name)).toEqual(['OrganizationAccountAccessRole']);
  });
});

describe('the truth of an organization', () => {
  it('says nothing of accounts that are not active, and marks those nobody can look into', () => {
    const world = new World({ seed: 4, clock: () => START });
    const truth = world.truth(undefined, 90);
    const suspended = truth.find(({ accountId }) => world.organization.accounts.get(accountId)?.state === 'SUSPENDED');
    expect(suspended).toMatchObject({ observable: false, items: [] });
    const blind = truth.filter(({ observable }) => !observable).map(({ accountId }) => accountId);
    expect(new Set(blind)).toEqual(new Set([suspended?.accountId, ...world.missingRoleAccountIds]));
    expect(truth.flatMap((account) => account.items).length).toBeGreaterThan(500);
  });

  it('grows with time, and not with an impossible threshold', () => {
    const small = smallWorld();
    small.world.createRole(small.accountId, { name: 'r' });
    expect(items(small)).toEqual([]);
    small.world.travel(90 * DAY_MS);
    expect(items(small).map(({ name }) => name)).toEqual(['r']);
    expect(() => small.world.truth(small.accountId, 0)).toThrow(/positive/);
    expect(() => small.world.truth('999999999999', 90)).toThrow(/no account/);
  });
});

describe('what cannot be told apart', () => {
  const reasons = ({ world, accountId, clock }: SmallWorld, from: number, days = 90): string[] =>
    world
      .indistinguishable(accountId, days, { from, to: clock.now + world.offsetMs })
      .map(({ reason, name }) => `${reason} ${name}`);

  it('is a threshold that passes while somebody looks', () => {
    const small = smallWorld();
    small.world.createRole(small.accountId, { name: 'edge', createdAt: ago(90, -5) });
    small.world.createRole(small.accountId, { name: 'later', createdAt: ago(90, -60) });
    small.clock.now += 10 * SECOND;
    expect(reasons(small, START)).toEqual(['changed-while-looking edge']);
    expect(reasons(small, START + 6 * SECOND)).toEqual([]);
  });

  it('is a use that surfaces while somebody looks', () => {
    const small = smallWorld({ switches: { lastUseLagMs: HOUR_MS } });
    const { world, accountId } = small;
    world.createRole(accountId, { name: 'r', createdAt: ago(300), lastUse: use(ago(200)) });
    world.useIdentity({ accountId, roleName: 'r' });
    small.clock.now += 2 * HOUR_MS;
    expect(reasons(small, START)).toEqual(['changed-while-looking r']);
  });

  it('is a user that changed after the report that is still handed out', () => {
    const small = smallWorld({ switches: { report: { pendingPolls: 0 } } });
    const { world, accountId } = small;
    const user = world.createUser(accountId, { name: 'u', keys: [{}] });
    world.createUser(accountId, { name: 'same', keys: [{}] });
    world.credentialReport(accountId).generate();
    expect(reasons(small, START)).toEqual([]);
    for (const key of user.accessKeys) key.active = false;
    expect(reasons(small, START)).toEqual(['report-older-than-change u']);
    world.travel(4 * HOUR_MS);
    expect(reasons(small, world.now())).toEqual([]);
  });

  it('is a role without a visible use, at a threshold beyond the tracking window', () => {
    const small = smallWorld();
    small.world.createRole(small.accountId, { name: 'r', createdAt: ago(900), lastUse: use(ago(450)) });
    expect(reasons(small, START, 400)).toEqual([]);
    expect(reasons(small, START, 500)).toEqual(['beyond-tracking r']);
  });
});
