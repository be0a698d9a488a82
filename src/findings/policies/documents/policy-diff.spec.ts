import fc from 'fast-check';
import { describeChange, diffPolicies } from './policy-diff';
import { parsePolicyDocument, type PolicyDocument } from './policy-document';
import { policyWritten } from './test-documents';

const policy = (name: string, rest: object = {}): PolicyDocument =>
  parsePolicyDocument({ apiVersion: 'mothball/v1', kind: 'Policy', name, ...rest });
const lines = (before: PolicyDocument[], after: PolicyDocument[]): string[] =>
  diffPolicies(before, after).flatMap(describeChange);

test('what changed, in the words of the document', () => {
  const before = policy('a', { scope: { accounts: ['x'] }, exclusions: { users: ['/a', '/b'] } });
  const after = policy('a', {
    checks: { 'unused-role': { idleDays: 60 } },
    exclusions: { users: ['/b', '/c'] },
    action: { mode: 'propose', perCheck: { 'unused-user': 'report' } },
    schedule: { cron: '0 3 * * *' },
    description: 'new',
  });
  expect(lines([before], [after])).toEqual([
    'a: description: none → "new"',
    'a: scope.accounts: - "x"',
    'a: checks.unused-role.idleDays: 90 → 60',
    'a: exclusions.users: - "/a", + "/c"',
    'a: action.mode: "report" → "propose"',
    'a: action.perCheck.unused-user: none → "report"',
    'a: schedule: none → { cron: "0 3 * * *", timeZone: "UTC" }',
  ]);
});

test('a change of profile shows what it means', () => {
  expect(lines([policy('a')], [policy('a', { profile: 'aws-config-rule' })])).toEqual([
    'a: profile: none → "aws-config-rule"',
    'a: checks.unused-role.idleDays: 90 → 60',
  ]);
});

test('another way to write the same is said to be that', () => {
  expect(lines([policy('a')], [policy('a', { action: { mode: 'report' } })])).toEqual([
    'a: action: none → { mode: "report" } (means the same)',
  ]);
});

test('added, removed, and the fewest moves', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => policy(name)) as [
    PolicyDocument,
    PolicyDocument,
    PolicyDocument,
    PolicyDocument,
  ];
  expect(lines([a, b], [b, c])).toEqual(['a: removed (was number 1)', 'c: added as number 2']);
  expect(lines([a, b, c, d], [d, a, b, c])).toEqual(['d: moved from 4 to 1']);
  expect(lines([a, b, c, d], [b, c, d, a])).toEqual(['a: moved from 1 to 4']);
  expect(diffPolicies([a, b], [a, b])).toEqual([]);
});

test('the changes turn the one list into the other, and there are none exactly when both are alike', () => {
  const lists = fc.uniqueArray(policyWritten, { selector: (one) => one['name'], maxLength: 5 });
  const both = fc.tuple(lists, lists).chain(([one, other]) => {
    const names = new Set(other.map(({ name }) => name));
    return fc.tuple(fc.constant(one), fc.shuffledSubarray([...other, ...one.filter(({ name }) => !names.has(name))]));
  });
  fc.assert(
    fc.property(both, ([one, other]) => {
      const [before, after] = [one, other].map((list) => list.map((data) => parsePolicyDocument(data))) as [
        PolicyDocument[],
        PolicyDocument[],
      ];
      const changes = diffPolicies(before, after);
      expect(changes.length === 0).toBe(JSON.stringify(before) === JSON.stringify(after));
      const kinds = (kind: string): string[] =>
        changes.filter((change) => change.kind === kind).map(({ name }) => name);
      const rebuilt = before.map(({ name }) => name).filter((name) => !kinds('removed').includes(name));
      const kept = rebuilt.filter((name) => !kinds('moved').includes(name));
      const names = after.map(({ name }) => name);
      expect(kept).toEqual(names.filter((name) => kept.includes(name)));
      expect([...rebuilt, ...kinds('added')].sort()).toEqual([...names].sort());
    }),
  );
});
