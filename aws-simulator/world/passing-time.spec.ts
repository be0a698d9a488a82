import { smallWorld, START } from './small-world';
import { DAY_MS, HOUR_MS } from './time-line';
import { describeUser } from './describe';
import { World } from './world';

const use = (at: number): { at: number; service: string; region: string } => ({
  at,
  service: 'ec2',
  region: 'eu-west-1',
});

describe('time that passes', () => {
  it('leaves what was, and dates what comes later', () => {
    const { world, account, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a', keys: [{ lastUse: use(START - 30 * DAY_MS) }] });
    const before = describeUser(account, user);
    world.pass(35 * DAY_MS);
    expect(world.shown(user.createdAt)).toEqual(new Date(START));
    expect(world.shown(user.accessKeys[0]?.lastUse?.at ?? 0)).toEqual(new Date(START - 30 * DAY_MS));
    expect(describeUser(account, user)).toBe(before);
    const later = world.createUser(accountId, { name: 'b' });
    expect(world.shown(later.createdAt)).toEqual(new Date(START + 35 * DAY_MS));
    expect(world.instantOf(world.shown(later.createdAt))).toBe(later.createdAt);
    expect([world.offsetMs, world.time.aheadMs]).toEqual([0, 35 * DAY_MS]);
  });

  it('goes with travel, and only forward', () => {
    const { world, accountId } = smallWorld();
    const user = world.createUser(accountId, { name: 'a' });
    world.travel(90 * DAY_MS);
    world.pass(10 * DAY_MS);
    expect(world.shown(world.now())).toEqual(new Date(START + 10 * DAY_MS));
    expect(world.shown(user.createdAt)).toEqual(new Date(START - 90 * DAY_MS));
    expect(() => world.pass(-1)).toThrow(/forward/);
  });

  it('sees again what is in use, as long ago as before, and nothing else', () => {
    const { world, account, accountId } = smallWorld();
    const role = (name: string, agoMs: number | null) =>
      world.createRole(accountId, {
        name,
        createdAt: START - 900 * DAY_MS,
        lastUse: agoMs === null ? null : use(START - agoMs),
      });
    const [hourly, weekly, idle, never] = [
      role('hourly', HOUR_MS),
      role('weekly', 7 * DAY_MS),
      role('idle', 7 * DAY_MS + 1_000),
      role('never', null),
    ];
    const user = world.createUser(accountId, {
      name: 'a',
      password: {},
      passwordLastUsedAt: START - 2 * DAY_MS,
      keys: [{ lastUse: use(START - DAY_MS) }, { lastUse: use(START - 100 * DAY_MS) }],
    });
    account.root.passwordLastUsedAt = START - HOUR_MS;
    world.pass(35 * DAY_MS);
    const now = START + 35 * DAY_MS;
    expect([hourly, weekly, idle, never].map(({ lastUse }) => lastUse?.at)).toEqual([
      now - HOUR_MS,
      now - 7 * DAY_MS,
      START - 7 * DAY_MS - 1_000,
      undefined,
    ]);
    expect(user.accessKeys.map(({ lastUse }) => lastUse?.at)).toEqual([now - DAY_MS, START - 100 * DAY_MS]);
    expect([user.passwordLastUsedAt, account.root.passwordLastUsedAt]).toEqual([now - 2 * DAY_MS, now - HOUR_MS]);
    expect(hourly.lastUse).toMatchObject({ service: 'ec2', region: 'eu-west-1' });
    expect(user.serviceAttempts.get('ec2')).toBe(now - DAY_MS);
  });

  it('finds nobody at work when it is quiet', () => {
    const { world, accountId } = smallWorld();
    const role = world.createRole(accountId, { name: 'r', lastUse: use(START) });
    world.pass(DAY_MS, { quiet: true });
    expect(role.lastUse?.at).toBe(START);
  });

  it('goes on counting what tries in vain, as refused attempts', () => {
    const { world, accountId } = smallWorld();
    const role = world.createRole(accountId, { name: 'r', lastUse: use(START - HOUR_MS) });
    const user = world.createUser(accountId, { name: 'a', keys: [{ active: false, lastUse: use(START - HOUR_MS) }] });
    for (const days of [35, 70]) {
      world.pass(35 * DAY_MS, { refuses: () => true });
      expect(role.serviceAttempts.get('ec2')).toBe(START + days * DAY_MS - HOUR_MS);
    }
    expect(role.lastUse?.at).toBe(START - HOUR_MS);
    expect([user.accessKeys[0]?.lastUse?.at, user.serviceAttempts.size]).toEqual([START - HOUR_MS, 0]);
    world.switches.inactiveKeyMovesLastUse = true;
    world.switches.deniedMovesLastUse = true;
    world.pass(DAY_MS, { refuses: () => true });
    expect(user.accessKeys[0]?.lastUse?.at).toBe(START + 71 * DAY_MS - HOUR_MS);
  });

  it('leaves a daily use to be seen, although the newest has not surfaced', () => {
    const { world, accountId } = smallWorld({ switches: { lastUseLagMs: 4 * HOUR_MS } });
    const role = world.createRole(accountId, { name: 'r', lastUse: use(START - HOUR_MS) });
    world.pass(35 * DAY_MS);
    expect(world.roleLastUse(role)?.at).toBe(START + 34 * DAY_MS - HOUR_MS);
    expect(world.lastUses.attemptVisible(role, 'ec2', world.now() - 4 * HOUR_MS)).toBe(START + 34 * DAY_MS - HOUR_MS);
    world.pass(3 * HOUR_MS, { quiet: true });
    expect(world.roleLastUse(role)?.at).toBe(START + 35 * DAY_MS - HOUR_MS);
  });

  it('makes a credential report old after four hours', () => {
    const { world, accountId } = smallWorld();
    const reports = world.credentialReport(accountId);
    const state = (): string => reports.generate().state;
    expect([state(), state(), state()]).toEqual(['STARTED', 'INPROGRESS', 'COMPLETE']);
    world.pass(4 * HOUR_MS - 1_000);
    expect(state()).toBe('COMPLETE');
    world.pass(1_000);
    expect(() => reports.get()).toThrow(/expired/);
    expect(state()).toBe('STARTED');
  });

  it('has been lived through by an account that is made later, and counts for the truth', () => {
    const made = (): World => new World({ seed: 5, accounts: 3, usersPerAccount: 30, clock: () => START });
    const [early, late] = [made(), made()];
    const [, accountId = ''] = [...early.organization.accounts.keys()];
    early.account(accountId);
    for (const world of [early, late]) {
      world.pass(20 * DAY_MS);
      world.travel(DAY_MS);
      world.pass(100 * DAY_MS);
    }
    expect(late.truth(accountId, 90)).toEqual(early.truth(accountId, 90));
    expect(late.account(accountId)).toEqual(early.account(accountId));
    const unused = (world: World): number => world.truth(accountId, 90)[0]?.items.length ?? 0;
    expect(unused(late)).toBeGreaterThan(unused(made()));
    const roles = [...(late.account(accountId)?.roles.values() ?? [])];
    expect(roles.filter(({ lastUse }) => lastUse !== null && lastUse.at > late.now() - 7 * DAY_MS)).not.toEqual([]);
  });
});
