import { START, smallWorld } from './small-world';
import { DAY_MS, HOUR_MS } from './time-line';

const MINUTE_MS = 60_000;
const use = (at: number): { at: number; service: string; region: string } => ({
  at,
  service: 'ec2',
  region: 'eu-west-1',
});
const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('Empty list');
  return item;
};

describe('time travel', () => {
  it('ages what callers see and leaves their clock alone', () => {
    const { world, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a' });
    world.travel(90 * DAY_MS);
    expect(world.shown(world.now())).toEqual(new Date(START));
    expect(world.shown(user.createdAt)).toEqual(new Date(START - 90 * DAY_MS));
    expect(world.instantOf(world.shown(user.createdAt))).toBe(user.createdAt);
  });

  it('keeps dates of one second together, and only moves forward', () => {
    const { world } = smallWorld();
    world.travel(1_499);
    expect(world.offsetMs).toBe(1_000);
    expect(() => world.travel(-1)).toThrow(/forward/);
    expect(() => world.travel(Number.NaN)).toThrow(/forward/);
  });
});

describe('the last use of an access key', () => {
  it('is shown in steps of 15 minutes', () => {
    const { world, accountId } = smallWorld();
    const key = first(world.createUser(accountId, { name: 'a', keys: [{ lastUse: use(START - 1) }] }).accessKeys);
    expect(world.keyLastUse(key)?.at).toBe(START - 15 * MINUTE_MS);
    world.setDates({ accountId, accessKeyId: key.accessKeyId, lastUsedAt: START - 15 * MINUTE_MS });
    expect(world.keyLastUse(key)?.at).toBe(START - 15 * MINUTE_MS);
  });

  it('was not recorded before 2015-04-22', () => {
    const { world, accountId } = smallWorld();
    const keys = [{ lastUse: use(Date.UTC(2015, 3, 21)) }, { lastUse: use(Date.UTC(2015, 3, 22)) }];
    const shown = world.createUser(accountId, { name: 'a', keys }).accessKeys.map((key) => world.keyLastUse(key)?.at);
    expect(shown).toEqual([undefined, Date.UTC(2015, 3, 22)]);
  });

  it('has no region for global services', () => {
    const { world, accountId } = smallWorld();
    const key = first(world.createUser(accountId, { name: 'a', keys: [{}] }).accessKeys);
    world.useIdentity({ accountId, accessKeyId: key.accessKeyId, service: 'iam', region: 'us-east-1' });
    expect(world.keyLastUse(key)).toEqual({ at: START, service: 'iam', region: 'N/A' });
  });

  it('surfaces after the lag; until then the one before shows', () => {
    const { world, accountId } = smallWorld({ switches: { lastUseLagMs: 4 * HOUR_MS } });
    const before = use(START - 100 * DAY_MS);
    const key = first(world.createUser(accountId, { name: 'a', keys: [{ lastUse: before }] }).accessKeys);
    world.useIdentity({ accountId, accessKeyId: key.accessKeyId });
    world.travel(HOUR_MS);
    world.useIdentity({ accountId, accessKeyId: key.accessKeyId });
    expect(world.keyLastUse(key)?.at).toBe(before.at);
    world.travel(3 * HOUR_MS);
    expect(world.keyLastUse(key)?.at).toBe(START);
    world.travel(HOUR_MS);
    expect(world.keyLastUse(key)?.at).toBe(START + HOUR_MS);
  });
});

describe('the last use of a role', () => {
  it('is kept for trailing 400 days', () => {
    const { world, accountId } = smallWorld();
    const role = world.createRole(accountId, { name: 'a', createdAt: START - 900 * DAY_MS, lastUse: use(START) });
    world.travel(400 * DAY_MS);
    expect(world.roleLastUse(role)?.at).toBe(START);
    world.travel(1_000);
    expect(world.roleLastUse(role)).toBeNull();
    world.switches.roleTrackingDays = 500;
    expect(world.roleLastUse(role)?.at).toBe(START);
  });
});

describe('the last use of a password', () => {
  it('is shown in steps of 5 minutes and survives the password', () => {
    const { world, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a', password: {}, passwordLastUsedAt: START - 1 });
    expect(world.passwordLastUse(user)).toBe(START - 5 * MINUTE_MS);
    user.password = null;
    expect(world.passwordLastUse(user)).toBe(START - 5 * MINUTE_MS);
  });

  it('surfaces after the lag, then wins over the one before', () => {
    const { world, accountId } = smallWorld({ switches: { lastUseLagMs: HOUR_MS } });
    const user = world.createUser(accountId, { name: 'a', password: {} });
    world.useIdentity({ accountId, userName: 'a', password: true });
    expect(world.passwordLastUse(user)).toBeNull();
    world.travel(HOUR_MS);
    expect(world.passwordLastUse(user)).toBe(START);
  });
});

describe('a use', () => {
  it('that was denied shows in service-last-accessed data only, unless the switch says otherwise', () => {
    const { world, accountId } = smallWorld();
    const role = world.createRole(accountId, { name: 'r' });
    world.useIdentity({ accountId, roleName: 'r', service: 's3', denied: true });
    expect([role.lastUse, role.serviceAttempts.get('s3')]).toEqual([null, START]);
    world.switches.deniedMovesLastUse = true;
    world.useIdentity({ accountId, roleName: 'r', service: 's3', denied: true });
    expect(role.lastUse?.at).toBe(START);
  });

  it('of an inactive key moves nothing, unless the switch says otherwise', () => {
    const { world, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a', keys: [{ active: false }] });
    const key = first(user.accessKeys);
    expect(world.useIdentity({ accountId, accessKeyId: key.accessKeyId, service: 's3' })).toBe(false);
    expect([key.lastUse, user.serviceAttempts.size]).toEqual([null, 0]);
    world.switches.inactiveKeyMovesLastUse = true;
    expect(world.useIdentity({ accountId, accessKeyId: key.accessKeyId, service: 's3' })).toBe(true);
    expect(key.lastUse?.at).toBe(START);
  });

  it('by user name takes the first active key, never its inactive sibling', () => {
    const { world, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a', keys: [{ active: false }, {}] });
    world.useIdentity({ accountId, userName: 'A' });
    expect(user.accessKeys.map((key) => key.lastUse?.at)).toEqual([undefined, START]);
  });

  it('of nothing that exists is an error that names it', () => {
    const { world, accountId } = smallWorld();
    expect(() => world.useIdentity({ accountId, roleName: 'gone' })).toThrow(/role with name gone/);
    expect(() => world.useIdentity({ accountId })).toThrow(/Say what is used/);
    expect(() => world.setDates({ accountId })).toThrow(/Say whose dates/);
    world.createUser(accountId, { name: 'a' });
    expect(() => world.useIdentity({ accountId, userName: 'a', password: true })).toThrow(/Login Profile/);
    expect(() => world.setDates({ accountId, userName: 'a', passwordLastChangedAt: START })).toThrow(/no password/);
  });
});
