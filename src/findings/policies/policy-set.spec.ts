import fc from 'fast-check';
import type { AccountFacts } from '../account-facts';
import { roleToJudge, userToJudge, aUser, credentials, aKey } from '../test-subjects';
import { tightens } from './baseline/baseline';
import { parseBaselineDocument } from './baseline/baseline-document';
import { allowedAction, builtIn, policySet, reachOf } from './policies-in-force';
import { API_VERSION, parsePolicyDocument } from './documents/policy-document';
import { hashOfDocument } from './policy-plan';
import { affectedBy } from './policy-set';
import type { PolicyVersion } from './stored-policy';

const free = parseBaselineDocument({ apiVersion: API_VERSION, kind: 'Baseline' });

const account = (changes: Partial<AccountFacts> = {}): AccountFacts => ({
  ...{ id: 'a', awsAccountId: '123456789012', partition: 'aws', name: 'prod-1', ouPath: '/Workloads/Prod', tags: {} },
  ...changes,
});

const placed = (name: string, rest: object = {}, version = 1): { name: string; current: PolicyVersion } => {
  const document = parsePolicyDocument({ apiVersion: API_VERSION, kind: 'Policy', name, ...rest });
  const { source, scope, settings, action, schedule } = document;
  const saved = { savedBy: 'test', note: null, createdAt: new Date(0) };
  return {
    name,
    current: { version, source, scope, settings, action, schedule, hash: hashOfDocument(document), ...saved },
  };
};

const deciding = (policies: Parameters<typeof policySet>[0], facts = account()): string[] =>
  policySet(policies, free)
    .applyingTo(facts)
    .map(({ name }) => name);

test('what cannot decide in an account is dropped: other accounts’ policies, and all behind one for everybody', () => {
  const everybody = placed('everybody', { scope: { accounts: ['prod-*'] } });
  const some = placed('some', { scope: { names: ['ci-*'] } });
  const elsewhere = placed('elsewhere', { scope: { organizationalUnits: ['/Sandbox'] } });
  const behind = placed('behind');
  expect(deciding([elsewhere, some, everybody, behind])).toEqual(['some', 'everybody']);
  expect(deciding([elsewhere, some, everybody], account({ name: 'x' }))).toEqual(['some', 'default']);
  expect(deciding([{ name: 'not agreed to', current: null }, some])).toEqual(['some', 'default']);
});

test('the first that takes a user or role in decides, and says which check is off for it', () => {
  const set = policySet(
    [
      placed('ci', { scope: { names: ['ci-*'] }, checks: { 'unused-access-key': { enabled: false } } }),
      placed('tagged', { scope: { identityTags: { team: ['a', 'b*'], owner: ['*'] } } }),
      placed('teams', { scope: { paths: ['/teams/*'] } }),
    ],
    free,
  );
  const policies = set.compile(account());
  const role = (changes: Parameters<typeof roleToJudge>[0]) => policies.of(roleToJudge(changes)).name;
  expect(role({ name: 'ci-1', tags: { team: 'a', owner: 'x' } })).toBe('ci');
  expect(role({ name: 'x', tags: { team: 'bb', owner: 'x' }, path: '/teams/' })).toBe('tagged');
  expect(role({ name: 'x', tags: { team: 'bb' }, path: '/teams/a/' })).toBe('teams');
  expect(role({ name: 'x', tags: { team: 'bb' } })).toBe('default');
  policies.of(userToJudge(aUser({ name: 'ci-2', credentials: credentials({ accessKeys: [aKey()] }) })));
  expect(policies.isOff('ci-2', 'unused-access-key')).toBe(true);
  expect(policies.isOff('ci-2', 'unused-password')).toBe(false);
  expect(policies.isOff('x', 'unused-access-key')).toBe(false);
  expect(policies.isOff('never judged', 'unused-access-key')).toBe(false);
});

test('only accounts in which something else decides are affected', () => {
  const accounts = [account({ id: 'prod' }), account({ id: 'sandbox', name: 'sandbox-1' })];
  const set = (...policies: Parameters<typeof policySet>[0][number][]) => policySet(policies, free);
  const affected = (before: ReturnType<typeof set>, after: ReturnType<typeof set>): string[] =>
    affectedBy(before, after, accounts).map(({ id }) => id);
  const prod = placed('prod', { scope: { accounts: ['prod-*'] } });
  const some = placed('some', { scope: { names: ['ci-*'] } });
  expect(affected(set(), set(prod))).toEqual(['prod']);
  expect(affected(set(prod), set(prod, some))).toEqual(['sandbox']);
  expect(affected(set(some, prod), set(prod, some))).toEqual(['prod']);
  expect(affected(set(prod), set(placed('prod', { scope: { accounts: ['prod-*'] } }, 2)))).toEqual(['prod']);
  expect(affected(set(prod, some), set(prod, some))).toEqual([]);
});

test('what an agreement holds for changes with the scopes before it and with the baseline, not with what is behind', () => {
  const rest = placed('rest', { action: { mode: 'automatic-quarantine' } });
  const [a, b] = [placed('a', { scope: { names: ['a'] } }), placed('b', { scope: { names: ['b'] } })];
  const reach = reachOf([a, b, rest], 'rest', free);
  expect(reachOf([b, a, rest], 'rest', free)).toBe(reach);
  expect(reachOf([a, b, rest, placed('c')], 'rest', free)).toBe(reach);
  expect(reachOf([a, rest], 'rest', free)).not.toBe(reach);
  expect(reachOf([a, rest, b], 'rest', free)).not.toBe(reach);
  expect(reachOf([a, placed('b', { scope: { names: ['b2'] } }), rest], 'rest', free)).not.toBe(reach);
  const strict = parseBaselineDocument({
    ...{ apiVersion: API_VERSION, kind: 'Baseline' },
    checks: { 'unused-role': { maxIdleDays: 30 } },
  });
  expect(reachOf([a, b, rest], 'rest', strict)).not.toBe(reach);
});

test('nothing automatic is allowed without agreement, and no deletion without leave', () => {
  const { current } = placed('x', { action: { mode: 'automatic-deletion', perCheck: { 'unused-user': 'report' } } });
  const allowed = (agreed: boolean, deletionLeave: boolean) =>
    allowedAction(current, { baseline: free, agreed, deletionLeave });
  expect(allowed(true, true)).toMatchObject({ mode: 'automatic-deletion', perCheck: { 'unused-user': 'report' } });
  expect(allowed(true, false).mode).toBe('automatic-quarantine');
  expect(allowed(false, true).mode).toBe('propose');
});

test('whatever tenants save, what judges is never looser than the baseline', () => {
  const days = fc.integer({ min: 1, max: 400 });
  const severity = fc.constantFrom('low', 'medium', 'high', 'critical');
  const ids = ['unused-access-key', 'unused-password', 'unused-role', 'access-key-not-rotated'] as const;
  const each = <T>(one: fc.Arbitrary<T>) =>
    fc.record(Object.fromEntries(ids.map((id) => [id, one])), { requiredKeys: [] });
  const patterns = fc.uniqueArray(fc.constantFrom('/ci/*', '/ci/a', '*', '/x', '*/y'), { maxLength: 3 });
  const mode = fc.constantFrom('report', 'propose', 'automatic-quarantine', 'automatic-deletion');
  const policy = fc.record({
    checks: each(fc.record({ enabled: fc.boolean(), idleDays: days, severity }, { requiredKeys: [] })),
    exclusions: fc.record({ users: patterns, roles: patterns }),
    action: fc.record({ mode }),
    scope: fc.constantFrom({ names: ['a*'] }, { accounts: ['prod-*'] }, { paths: ['/x/'] }),
  });
  const baseline = fc.record({
    checks: each(fc.record({ required: fc.boolean(), maxIdleDays: days, minSeverity: severity }, { requiredKeys: [] })),
    exclusions: fc.record({ users: patterns, roles: patterns }, { requiredKeys: [] }),
    maxActionMode: mode,
  });
  fc.assert(
    fc.property(baseline, fc.array(policy, { maxLength: 4 }), fc.boolean(), (limits, written, agreed) => {
      const binding = parseBaselineDocument({ apiVersion: API_VERSION, kind: 'Baseline', ...limits });
      const policies = written.map((one, index) => placed(`p${index}`, one));
      const set = policySet(policies, binding);
      for (const { settings } of [...set.policies, set.fallback]) {
        expect(tightens(binding, { settings, action: builtIn(binding).action })).toEqual([]);
      }
      for (const { current } of policies) {
        const action = allowedAction(current, { baseline: binding, agreed, deletionLeave: true });
        expect(tightens(binding, { settings: set.fallback.settings, action })).toEqual([]);
      }
    }),
  );
});
