import { defaultPolicy, parsePolicy } from '../../findings/policy';
import { aKey, aPassword, AT, credentials, daysAgo, unread, used } from '../../scans/test-inventory';
import { approvedFacts } from './approved-facts';
import { idleDaysOf, idlenessOf, lastUseOf } from './idle-rule';
import { aCandidate, aFinding, roleToPlan, userToPlan } from './test-candidates';

const settings = parsePolicy({
  checks: {
    'unused-access-key': { idleDays: 60 },
    'access-key-not-rotated': { idleDays: 10 },
    'unused-password': { idleDays: 45 },
    'unused-user': { idleDays: 120 },
  },
});
const keyOf = (lastUsed: Parameters<typeof aKey>[0]) => {
  const principal = userToPlan({ credentials: credentials({ accessKeys: [aKey(lastUsed), aKey({ slot: 2 })] }) });
  const key = principal.stored.keys[0] ?? null;
  return aCandidate({ course: 'access-key', principal, key, identityId: 'alice/key1' });
};

describe('the days of idleness', () => {
  it('are those of unused keys for a key that is old or too many', () => {
    const of = (check: 'access-key-not-rotated' | 'second-active-key') =>
      idleDaysOf({ ...keyOf({}), findings: [aFinding('alice/key1', check)] }, settings);
    expect([of('access-key-not-rotated'), of('second-active-key')]).toEqual([60, 60]);
  });

  it('are the longest of all that flagged it', () => {
    const findings = [aFinding('alice/key1', 'unused-access-key'), aFinding('alice/key1', 'inactive-access-key')];
    expect(idleDaysOf({ ...keyOf({}), findings }, settings)).toBe(90);
  });

  it('are for a user never under those of unused users', () => {
    const candidate = aCandidate({ course: 'user', findings: [aFinding('alice/password', 'unused-password')] });
    expect([idleDaysOf(candidate, settings), idleDaysOf(candidate, defaultPolicy)]).toEqual([120, 90]);
  });
});

describe('idleness', () => {
  it('is that of the one key, whatever the other one does', () => {
    const state = (days: number) => idlenessOf(keyOf({ lastUsed: used(days) }), 60, AT).state;
    expect([state(59), state(60)]).toEqual(['active', 'idle']);
  });

  it('is unknown where the last use is', () => {
    expect(idlenessOf(keyOf({ lastUsed: unread }), 60, AT).state).toBe('unknown');
    expect(idlenessOf({ ...keyOf({}), key: null }, 60, AT).state).toBe('unknown');
    expect(idlenessOf(aCandidate({ principal: roleToPlan({ lastUsed: unread }) }), 60, AT).state).toBe('unknown');
  });

  it.each([
    ['its password', { password: aPassword({ lastUsed: used(5) }) }],
    ['an active key', { accessKeys: [aKey({ lastUsed: used(5) })] }],
    ['an inactive key', { accessKeys: [aKey({ lastUsed: used(5), active: false })] }],
  ])('of a user ends with the use of %s', (_, has) => {
    const principal = userToPlan({ credentials: credentials(has) });
    expect(idlenessOf(aCandidate({ course: 'user', principal }), 90, AT).state).toBe('active');
  });

  const why = (candidate: Parameters<typeof idlenessOf>[0]): string | undefined => {
    const idle = idlenessOf(candidate, 90, AT);
    return idle.state === 'active' ? idle.why : undefined;
  };
  const on = (days: number): string => daysAgo(days).toISOString().slice(0, 10);
  const userHaving = (has: Parameters<typeof credentials>[0]) =>
    aCandidate({ course: 'user', principal: userToPlan({ credentials: credentials(has) }) });

  it('says what was used and when, and where clean-up looks farther than the check', () => {
    const old = aKey({ lastUsed: used(5), active: false });
    expect(why(userHaving({ accessKeys: [old] }))).toBe(
      `Its inactive access key AKIAIOSFODNN7EXAMPLE was last used on ${on(5)} for s3 in eu-west-1. The check looks at active keys only; clean-up counts inactive ones, too, since what they were used for may be missed.`,
    );
    expect(why(userHaving({ accessKeys: [old, aKey({ slot: 2, lastUsed: used(6) })] }))).toMatch(
      new RegExp(`^Its access key AKIA\\w+ was last used on ${on(6)} for s3 in eu-west-1\\.$`),
    );
    expect(why(userHaving({ password: aPassword({ lastChangedAt: daysAgo(7) }) }))).toBe(
      `Its password was made or changed on ${on(7)}.`,
    );
    expect(why(aCandidate({ principal: roleToPlan({ lastUsed: used(8) }) }))).toMatch(
      new RegExp(`^It was last used on ${on(8)}`),
    );
    expect(why(aCandidate({ course: 'user', principal: userToPlan({ createdAt: daysAgo(9) }) }))).toBe(
      `It was made on ${on(9)}.`,
    );
  });
});

describe('the last use', () => {
  it('of a user is the latest of its password and all of its keys', () => {
    const principal = userToPlan({
      credentials: credentials({
        password: aPassword({ lastUsed: used(300) }),
        accessKeys: [aKey({ lastUsed: used(200), active: false })],
      }),
    });
    const candidate = aCandidate({ course: 'user', principal });
    expect(lastUseOf(candidate)).toEqual(daysAgo(200));
    expect(approvedFacts(candidate, 90)).toMatchObject({
      lastUsedAt: daysAgo(200).toISOString(),
      hasPassword: true,
      keys: [{ id: 'AKIAIOSFODNN7EXAMPLE', active: false }],
      idleDays: 90,
    });
  });

  it('of a key is its own', () => {
    expect(lastUseOf(keyOf({ lastUsed: used(100) }))).toEqual(daysAgo(100));
    expect(lastUseOf(keyOf({}))).toBeNull();
  });
});
