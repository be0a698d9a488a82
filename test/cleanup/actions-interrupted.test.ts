import fc from 'fast-check';
import { ActionsAtWork, Crash, type ItemAtWork } from './actions-at-work';
import { daysAgo, usedAt } from './full-identities';

/**
 * Users and roles with whatever may hang on them, put away with interruptions before and after any request: in the end
 * they are gone, nobody else was touched, and nobody was without the boundary on the way.
 */
jest.setTimeout(120_000);

const RUNS = Number(process.env['ACTIONS_RUNS'] ?? 8);
const DENY_ALL = 'arn:aws:iam::aws:policy/AWSDenyAll';
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
const MANAGED = ['IAMReadOnlyAccess', 'IAMUserChangePassword', 'AdministratorAccess'].map(
  (name) => `arn:aws:iam::aws:policy/${name}`,
);

let world: ActionsAtWork;
let named = 0;

beforeAll(async () => {
  world = await ActionsAtWork.start();
});
afterAll(() => world.stop());

const interruptions = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 });
const inlinePolicies = fc
  .subarray(['one', 'two', 'three'])
  .map((names) => Object.fromEntries(names.map((name) => [name, POLICY])));
const users = fc.record({
  keys: fc.array(fc.boolean(), { maxLength: 2 }),
  password: fc.boolean(),
  credentials: fc.subarray(['ssh', 'certificate', 'service-specific'] as const),
  mfa: fc.boolean(),
  hardwareMfa: fc.boolean(),
  groups: fc.subarray(['readers', 'writers']),
  attachedPolicyArns: fc.subarray(MANAGED),
  inlinePolicies,
});
const roles = fc.record({
  instanceProfiles: fc.subarray(['one', 'two']),
  attachedPolicyArns: fc.subarray(MANAGED),
  inlinePolicies,
});

const others = (uniqueId: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(world.simulator.control.describeAll(world.accountId)).filter(([id]) => id !== uniqueId),
  );

/** Crashes where it is told to, and goes on each time as the next execution would. */
async function putAway(item: ItemAtWork, crashes: readonly number[], look: () => void): Promise<void> {
  const attempt = async (purpose: 'quarantine' | 'silence' | 'deletion'): Promise<void> => {
    for (;;) {
      item.crashAfter = left.shift() ?? Infinity;
      try {
        await item.run(purpose);
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        if (purpose !== 'quarantine') look();
      }
    }
  };
  const left = [...crashes];
  await attempt('quarantine');
  item.quarantinedLongAgo();
  look();
  if (item.item.course === 'user') {
    await attempt('silence');
    item.silencedLongAgo();
  }
  await attempt('deletion');
}

test('a user', async () => {
  await fc.assert(
    fc.asyncProperty(users, interruptions, async ({ hardwareMfa, keys, credentials, password, ...user }, crashes) => {
      const now = new Date();
      const name = `user-${++named}`;
      const made = world.simulator.control.createUser(world.accountId, {
        name,
        createdAt: daysAgo(now, 500),
        keys: keys.map((active) => ({ active, lastUse: usedAt(daysAgo(now, 200)) })),
        password: password ? {} : null,
        credentials: credentials.map((kind) => ({ kind, active: false })),
        hardwareMfa: hardwareMfa ? [`HW-${name}`] : [],
        ...user,
      });
      const before = others(made.uniqueId);
      const item = await world.item('user', name);
      const account = world.simulator.world.account(world.accountId);
      await putAway(item, crashes, () => {
        const there = account?.users.get(name);
        if (there) expect(there.boundaryArn).toBe(DENY_ALL);
      });
      expect(account?.users.has(name)).toBe(false);
      expect([...(account?.mfaDevices.keys() ?? [])].filter((serial) => serial.endsWith(name))).toEqual([]);
      expect(others(made.uniqueId)).toEqual(before);
    }),
    { numRuns: RUNS },
  );
});

test('a role', async () => {
  await fc.assert(
    fc.asyncProperty(roles, interruptions, async ({ instanceProfiles, ...role }, crashes) => {
      const now = new Date();
      const name = `role-${++named}`;
      const made = world.simulator.control.createRole(world.accountId, {
        name,
        createdAt: daysAgo(now, 500),
        instanceProfiles: instanceProfiles.map((profile) => `${name}-${profile}`),
        ...role,
      });
      const before = others(made.uniqueId);
      const item = await world.item('role', name);
      const account = world.simulator.world.account(world.accountId);
      await putAway(item, crashes, () => {
        const there = account?.roles.get(name);
        if (there) expect(there.boundaryArn).toBe(DENY_ALL);
      });
      expect(account?.roles.has(name)).toBe(false);
      expect(others(made.uniqueId)).toEqual(before);
    }),
    { numRuns: RUNS },
  );
});

test('a key, whose user and sibling stay as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.boolean(), interruptions, async (first, siblingActive, crashes) => {
      const now = new Date();
      const name = `owner-${++named}`;
      const lastUse = usedAt(daysAgo(now, 200));
      const made = world.simulator.control.createUser(world.accountId, {
        name,
        createdAt: daysAgo(now, 500),
        keys: [
          { active: first || siblingActive, lastUse },
          { active: !first || siblingActive, lastUse: usedAt(daysAgo(now, first ? 1 : 200)) },
        ],
      });
      const before = others(made.uniqueId);
      const [key, sibling] = made.accessKeys.map((one) => structuredClone(one));
      const item = await world.item('access-key', name, { access_key_id: key?.accessKeyId ?? '' });
      const lastUsedAt = daysAgo(now, 200);
      item.item = { ...item.item, approved: { ...item.item.approved, lastUsedAt: new Date(lastUsedAt).toISOString() } };
      await putAway(item, crashes, () => undefined);
      expect(world.simulator.world.account(world.accountId)?.users.get(name)?.accessKeys).toEqual([sibling]);
      expect(others(made.uniqueId)).toEqual(before);
    }),
    { numRuns: RUNS },
  );
});
