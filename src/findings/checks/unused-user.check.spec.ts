import type { InventoryUser } from '../../scans/inventory';
import { defaultPolicy, parsePolicy } from '../policy';
import { aKey, aPassword, aRoot, AT, credentials, daysAgo, never, unread, used, userSubject } from '../test-subjects';
import { unusedUser } from './unused-user.check';

const judge = (user: Partial<InventoryUser>, policy = defaultPolicy) => unusedUser.judge(userSubject(user), policy, AT);
const notAsked: InventoryUser['otherCredentials'] = { state: 'unknown', reason: 'Not asked yet.' };
const other = (activeSshKeys: number, activeServiceSpecific: number): InventoryUser['otherCredentials'] => ({
  state: 'known',
  value: { activeSshKeys, activeServiceSpecific },
});

test('flagged when every credential is idle; idle since the last sign of life of any', () => {
  const idle = credentials({
    password: aPassword({ lastUsed: used(300) }),
    accessKeys: [aKey({ lastUsed: used(120) }), aKey({ slot: 2, lastUsed: never })],
  });
  expect(judge({ credentials: idle })).toMatchObject({
    state: 'non-compliant',
    idleSince: daysAgo(120),
    idleAtLeast: false,
  });
});

test.each<[string, InventoryUser['credentials']]>([
  ['a password in use', credentials({ password: aPassword({ lastUsed: used(89) }), accessKeys: [aKey()] })],
  ['a new password', credentials({ password: aPassword({ lastChangedAt: daysAgo(3) }), accessKeys: [aKey()] })],
  ['a key in use', credentials({ password: aPassword(), accessKeys: [aKey(), aKey({ lastUsed: used(1) })] })],
  ['a new key', credentials({ accessKeys: [aKey({ createdAt: daysAgo(3) })] })],
  [
    'a key in use beside one that was not read',
    credentials({ accessKeys: [aKey({ lastUsed: unread }), aKey({ lastUsed: used(1) })] }),
  ],
  ['an active signing certificate', credentials({ activeCertificates: 1 })],
])('not flagged: %s', (_, found) => {
  expect(judge({ credentials: found })?.state).toBe('compliant');
});

test('a user without any credential is flagged, once it is old enough', () => {
  expect(judge({ createdAt: daysAgo(90) })).toMatchObject({ state: 'non-compliant', idleSince: daysAgo(90) });
  expect(judge({ createdAt: daysAgo(89) })?.state).toBe('compliant');
});

test('an inactive key is no credential', () => {
  const inactive = credentials({ accessKeys: [aKey({ active: false, lastUsed: used(1) })] });
  expect(judge({ credentials: inactive })?.state).toBe('non-compliant');
});

test('an active SSH key or service-specific credential keeps a user', () => {
  expect(judge({ otherCredentials: other(1, 0) })?.state).toBe('compliant');
  expect(judge({ otherCredentials: other(0, 1) })?.state).toBe('compliant');
});

test('provisional until the other credentials are known, but only when all else is idle', () => {
  expect(judge({ otherCredentials: notAsked })).toMatchObject({ state: 'unknown', cause: 'provisional' });
  const inUse = credentials({ accessKeys: [aKey({ lastUsed: used(1) })] });
  expect(judge({ otherCredentials: notAsked, credentials: inUse })?.state).toBe('compliant');
});

test.each<[string, Partial<InventoryUser>]>([
  ['the report', { credentials: { state: 'unknown', reason: 'Denied.' } }],
  ['a last sign-in', { credentials: credentials({ password: aPassword({ lastUsed: unread }), accessKeys: [aKey()] }) }],
  ['a creation date', { credentials: credentials({ accessKeys: [aKey({ createdAt: null })] }) }],
  ['the user’s creation date', { createdAt: new Date(Number.NaN) }],
])('%s not read: unknown, and no reason to ask for more', (_, user) => {
  expect(judge({ otherCredentials: notAsked, ...user })).toMatchObject({ state: 'unknown', cause: 'unread' });
});

test('a young user is compliant even where nothing was read; root is left alone', () => {
  expect(judge({ createdAt: daysAgo(3), credentials: { state: 'unknown', reason: 'Denied.' } })?.state).toBe(
    'compliant',
  );
  expect(unusedUser.judge({ kind: 'user', ref: 'root', user: aRoot() }, defaultPolicy, AT)).toBeUndefined();
});

test('a credential older than AWS’s records makes the idle time a lower bound', () => {
  const lastUsed = { state: 'before-tracking', since: new Date('2015-04-22T00:00:00Z') } as const;
  const born = new Date('2014-01-01T00:00:00Z');
  const old = { createdAt: born, credentials: credentials({ accessKeys: [aKey({ createdAt: born, lastUsed })] }) };
  expect(judge(old)).toMatchObject({ state: 'non-compliant', idleSince: lastUsed.since, idleAtLeast: true });
});

test('of two equal starts the exact one counts, in either order', () => {
  const since = new Date('2015-04-22T00:00:00Z');
  const born = new Date('2014-01-01T00:00:00Z');
  const atLeast = aKey({ createdAt: born, lastUsed: { state: 'before-tracking', since } });
  const exact = aKey({ slot: 2, createdAt: since, lastUsed: never });
  for (const accessKeys of [
    [atLeast, exact],
    [exact, atLeast],
  ]) {
    const found = judge({ createdAt: born, credentials: credentials({ accessKeys }) });
    expect(found).toMatchObject({ state: 'non-compliant', idleSince: since, idleAtLeast: false });
  }
});

describe('mode never-signed-in-and-no-key (IAM-029)', () => {
  const iam029 = parsePolicy({ checks: { 'unused-user': { mode: 'never-signed-in-and-no-key' } } });

  test.each<[string, InventoryUser['credentials'], string]>([
    ['never signed in, no key', credentials({ password: aPassword() }), 'non-compliant'],
    ['no password, no key', credentials(), 'non-compliant'],
    ['signed in long ago', credentials({ password: aPassword({ lastUsed: used(900) }) }), 'compliant'],
    ['has an idle key', credentials({ password: aPassword(), accessKeys: [aKey()] }), 'compliant'],
    ['has an inactive key', credentials({ accessKeys: [aKey({ active: false })] }), 'compliant'],
    ['new password', credentials({ password: aPassword({ lastChangedAt: daysAgo(3) }) }), 'compliant'],
    ['last sign-in not read', credentials({ password: aPassword({ lastUsed: unread }) }), 'unknown'],
  ])('%s: %s', (_, found, state) => {
    expect(judge({ credentials: found }, iam029)?.state).toBe(state);
  });
});
