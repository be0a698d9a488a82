import fc from 'fast-check';
import type { InventoryAccessKey, InventoryUser, LastUsed } from '../scans/inventory';
import { checks } from './checks/index';
import { judgeAccount, severityOf } from './judge';
import { defaultPolicy, parsePolicy } from './policy';
import { compilePolicy } from './sparing';
import type { PrincipalToJudge } from './subject';
import {
  aKey,
  aPassword,
  aRoot,
  aUser,
  AT,
  credentials,
  daysAgo,
  never,
  roleToJudge,
  unread,
  used,
  userToJudge,
} from './test-subjects';

const lenient = compilePolicy(defaultPolicy);
const told = (principals: PrincipalToJudge[], policy = lenient): Record<string, string> =>
  Object.fromEntries(
    [...judgeAccount(principals, policy, AT)].map(({ checkId, ref, verdict }) => [`${ref} ${checkId}`, verdict.state]),
  );
const flagged = (principals: PrincipalToJudge[], policy = lenient): string[] =>
  Object.entries(told(principals, policy)).flatMap(([what, state]) => (state === 'non-compliant' ? [what] : []));

const oldAndIdle = aKey({ slot: 1, accessKeyId: 'AKIAIDLE', lastUsed: used(200) });
const youngInUse = aKey({ slot: 2, accessKeyId: 'AKIAUSED', createdAt: daysAgo(10), lastUsed: used(0) });
const withKeys = (...accessKeys: InventoryAccessKey[]): PrincipalToJudge =>
  userToJudge(aUser({ credentials: credentials({ accessKeys }) }));

// cloud-custodian#842, #5583; prowler#1915: one finding a key, each by its own reference.
test.each([
  ['in order', [oldAndIdle, youngInUse]],
  ['swapped', [youngInUse, oldAndIdle]],
])('the sibling of a flagged key is never flagged with it: %s', (_, keys) => {
  expect(flagged([withKeys(...keys)]).sort()).toEqual([
    'alice/key1 access-key-not-rotated',
    'alice/key1 second-active-key',
    'alice/key1 unused-access-key',
  ]);
});

test('a judgement hands back the very key that it is about, with its owner', () => {
  for (const { ref, subject } of judgeAccount([withKeys(youngInUse, oldAndIdle)], lenient, AT)) {
    if (subject.kind !== 'access-key') continue;
    expect(ref).toBe(`alice/key${subject.key.slot}`);
    expect(subject.owner.name).toBe('alice');
    expect(subject.sibling).not.toBe(subject.key);
  }
});

// prowler#275: users without credentials flagged by a credential check.
test('a user without credentials is judged as a user only', () => {
  expect(told([userToJudge(aUser())])).toEqual({ 'alice unused-user': 'non-compliant' });
});

test('of the root user only active keys count', () => {
  const root = aRoot({ credentials: credentials({ password: aPassword(), accessKeys: [aKey()] }) });
  expect(told([userToJudge(root)])).toEqual({ '<root_account>/key1 root-access-key': 'non-compliant' });
});

test('AWS’s own roles get no verdict at all', () => {
  expect(told([roleToJudge({ path: '/aws-service-role/x.amazonaws.com/' })])).toEqual({});
});

test('a spared identity that would be flagged is exempt, with both sentences; one that would not is compliant', () => {
  const policy = compilePolicy(parsePolicy({ rolePatternWhitelist: '/breakglass-*' }));
  const [exempt] = judgeAccount([roleToJudge({ name: 'breakglass-1' })], policy, AT);
  expect(exempt?.verdict).toEqual({
    state: 'exempt',
    why: 'No record of usage; created on 2023-10-04: idle for 90 days or more.',
    reason: 'Path and name match "/breakglass-*" of rolePatternWhitelist.',
    idleSince: daysAgo(1000),
    idleAtLeast: false,
  });
  expect(told([roleToJudge({ name: 'breakglass-2', lastUsed: used(1) })], policy)).toEqual({
    'breakglass-2 unused-role': 'compliant',
  });
});

test('a spared user is not left provisional: no call is spent on it', () => {
  const policy = compilePolicy(parsePolicy({ exclusions: { users: ['/ali*'] } }));
  const user = aUser({ otherCredentials: { state: 'unknown', reason: 'Not asked yet.' } });
  expect(told([userToJudge(user)], policy)).toEqual({ 'alice unused-user': 'exempt' });
});

test('a disabled check says nothing; a policy may change a severity', () => {
  const settings = parsePolicy({ checks: { 'unused-role': { enabled: false, severity: 'low' } } });
  expect(told([roleToJudge()], compilePolicy(settings))).toEqual({});
  const severities = checks.map((check) => [check.id, severityOf(check, settings)]);
  expect(severities).toContainEqual(['unused-role', 'low']);
  expect(severities).toContainEqual(['root-access-key', 'critical']);
});

describe('credentials that were not read', () => {
  const denied: InventoryUser['credentials'] = { state: 'unknown', reason: 'The report was denied.' };

  test('make each check of credentials unknown on the user, and flag nothing', () => {
    expect(told([userToJudge(aUser({ credentials: denied }))])).toEqual({
      'alice unused-user': 'unknown',
      'alice unused-access-key': 'unknown',
      'alice unused-password': 'unknown',
      'alice access-key-not-rotated': 'unknown',
      'alice second-active-key': 'unknown',
      'alice inactive-access-key': 'unknown',
    });
  });

  test('leave a user too young for the thresholds alone', () => {
    expect(told([userToJudge(aUser({ createdAt: daysAgo(2), credentials: denied }))])).toEqual({
      'alice unused-user': 'compliant',
      'alice second-active-key': 'unknown',
    });
  });

  test('make root’s keys unknown too', () => {
    expect(told([userToJudge(aRoot({ credentials: denied }))])).toEqual({
      '<root_account> root-access-key': 'unknown',
    });
  });
});

test('references that do not fit the credentials are an error, never a guess', () => {
  const user = aUser({ credentials: credentials({ password: aPassword(), accessKeys: [aKey()] }) });
  const fitting = userToJudge(user);
  const judge = (principal: PrincipalToJudge) => [...judgeAccount([principal], lenient, AT)];
  expect(() => judge({ ...fitting, keys: [] })).toThrow('1 access keys but 0 references');
  expect(() => judge({ ...fitting, passwordRef: null })).toThrow('without a reference');
});

test('judging streams: nothing is read ahead', () => {
  let taken = 0;
  function* many(): Generator<PrincipalToJudge> {
    for (;;) {
      taken++;
      yield roleToJudge();
    }
  }
  judgeAccount(many(), lenient, AT).next();
  expect(taken).toBe(1);
});

describe('for any account', () => {
  const instant = fc.integer({ min: 0, max: 900 }).map(daysAgo);
  const lastUsed: fc.Arbitrary<LastUsed> = fc.oneof(
    instant.map((at): LastUsed => ({ state: 'at', at, region: null, service: null })),
    fc.constantFrom<LastUsed>(never, unread),
  );
  const key = fc.record({ active: fc.boolean(), createdAt: fc.option(instant), lastUsed });
  const user = fc
    .record({
      createdAt: instant,
      password: fc.option(fc.record({ lastChangedAt: fc.option(instant), lastUsed })),
      keys: fc.array(key, { maxLength: 2 }),
    })
    .map(({ createdAt, password, keys }) =>
      aUser({
        createdAt,
        credentials: credentials({
          password: password && aPassword(password),
          accessKeys: keys.map((one, index) => aKey({ ...one, slot: index + 1 })),
        }),
      }),
    );
  const days = fc.integer({ min: 1, max: 400 });
  const at = (idleDays: number, enabled: readonly string[]) =>
    compilePolicy(parsePolicy({ checks: Object.fromEntries(enabled.map((id) => [id, { idleDays }])) }));
  const idleChecks = checks.filter(({ measures }) => measures === 'idle').map(({ id }) => id);

  test('a longer threshold flags nothing more', () => {
    fc.assert(
      fc.property(user, days, days, (one, a, b) => {
        const [fewer, more] = a < b ? [a, b] : [b, a];
        const principal = [userToJudge(one)];
        const atFewer = flagged(principal, at(fewer, idleChecks));
        for (const what of flagged(principal, at(more, idleChecks))) expect(atFewer).toContain(what);
      }),
    );
  });

  test('nothing is flagged as unused for what was not read', () => {
    fc.assert(
      fc.property(user, days, (one, idleDays) => {
        for (const { subject, verdict, checkId } of judgeAccount([userToJudge(one)], at(idleDays, idleChecks), AT)) {
          if (verdict.state !== 'non-compliant' || !idleChecks.includes(checkId)) continue;
          if (subject.kind === 'access-key') expect(subject.key.lastUsed.state).not.toBe('unknown');
          if (subject.kind === 'password') expect(subject.password.lastUsed.state).not.toBe('unknown');
          if (subject.kind === 'user')
            expect(JSON.stringify(subject.user.credentials)).not.toMatch(/"active":true[^}]*"unknown"/);
          expect(verdict.idleSince).not.toBeNull();
        }
      }),
    );
  });

  test('the sentences stay the same at the next scan while the verdict does', () => {
    fc.assert(
      fc.property(user, fc.integer({ min: 1, max: 300 }), (one, laterByDays) => {
        const principal = [userToJudge(one)];
        const next = [...judgeAccount(principal, lenient, daysAgo(-laterByDays))];
        [...judgeAccount(principal, lenient, AT)].forEach(({ verdict }, index) => {
          if (verdict.state === 'non-compliant') expect(next[index]?.verdict).toEqual(verdict);
        });
      }),
    );
  });
});
