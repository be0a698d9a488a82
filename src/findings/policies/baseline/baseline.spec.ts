import fc from 'fast-check';
import { matchesPathPattern } from '../../path-pattern';
import { type CheckId, defaultPolicy, severities } from '../../policy';
import { findCheck } from '../../checks/index';
import { clamp, covers, tightens } from './baseline';
import { noBaseline, parseBaselineDocument, readBaselineDocument } from './baseline-document';
import { actionModes } from '../policy-action';
import { parsePolicyDocument } from '../documents/policy-document';
import { baselineWritten, damaged, pathPattern, policyWritten } from '../documents/test-documents';

const baseline = (rest: object) => parseBaselineDocument({ apiVersion: 'mothball/v1', kind: 'Baseline', ...rest });
const policy = (rest: object) => parsePolicyDocument({ apiVersion: 'mothball/v1', kind: 'Policy', name: 'a', ...rest });
const pairs: [fc.Arbitrary<Record<string, unknown>>, fc.Arbitrary<Record<string, unknown>>] = [
  baselineWritten,
  policyWritten,
];

test('clamped, every policy keeps to every baseline; clamped again, nothing changes', () => {
  fc.assert(
    fc.property(...pairs, (limits, written) => {
      const bound = parseBaselineDocument(limits);
      const once = clamp(bound, parsePolicyDocument(written));
      expect(tightens(bound, once)).toEqual([]);
      expect(clamp(bound, once)).toEqual({ ...once, clamped: [] });
    }),
    { numRuns: 500 },
  );
});

test('a policy that keeps to the baseline is left as it is; one that does not is changed where it was told', () => {
  fc.assert(
    fc.property(...pairs, (limits, written) => {
      const document = parsePolicyDocument(written);
      const { settings, action, clamped } = clamp(parseBaselineDocument(limits), document);
      const same = JSON.stringify([settings, action]) === JSON.stringify([document.settings, document.action]);
      expect(same).toBe(clamped.length === 0);
    }),
    { numRuns: 500 },
  );
});

/** Said another way than the code does: what a looser setting is. */
test('clamping only ever tightens', () => {
  const rank = (id: CheckId, severity: string | undefined): number =>
    severities.findIndex((one) => one === (severity ?? findCheck(id).severity));
  fc.assert(
    fc.property(...pairs, (limits, written) => {
      const before = parsePolicyDocument(written);
      const after = clamp(parseBaselineDocument(limits), before);
      for (const id of Object.keys(defaultPolicy.checks) as CheckId[]) {
        const [was, is] = [before.settings.checks[id], after.settings.checks[id]];
        expect(Number(is.enabled)).toBeGreaterThanOrEqual(Number(was.enabled));
        expect(rank(id, is.severity)).toBeGreaterThanOrEqual(rank(id, was.severity));
        if ('idleDays' in is && 'idleDays' in was) expect(is.idleDays).toBeLessThanOrEqual(was.idleDays);
      }
      for (const kind of ['users', 'roles'] as const) {
        expect(before.settings.exclusions[kind]).toEqual(expect.arrayContaining(after.settings.exclusions[kind]));
      }
      expect(actionModes.indexOf(after.action.mode)).toBeLessThanOrEqual(actionModes.indexOf(before.action.mode));
    }),
    { numRuns: 500 },
  );
});

test('without a baseline of the platform nothing is limited, but exemptions last a year at most', () => {
  fc.assert(
    fc.property(policyWritten, (written) => expect(tightens(noBaseline, parsePolicyDocument(written))).toEqual([])),
  );
  expect(noBaseline.maxExemptionDays).toBe(365);
});

test.each<[string, object, object]>([
  [
    'checks.unused-role.enabled',
    { checks: { 'unused-role': { required: true } } },
    { checks: { 'unused-role': { enabled: false } } },
  ],
  ['checks.unused-role.idleDays', { checks: { 'unused-role': { maxIdleDays: 60 } } }, {}],
  ['checks.unused-role.severity', { checks: { 'unused-role': { minSeverity: 'high' } } }, {}],
  [
    'checks.unused-role.severity',
    { checks: { 'unused-role': { minSeverity: 'medium' } } },
    { checks: { 'unused-role': { severity: 'low' } } },
  ],
  ['checks.unused-user.mode', { checks: { 'unused-user': { mode: 'idle' } } }, { profile: 'iam-029' }],
  ['exclusions.users', { exclusions: { users: ['/ci/*'] } }, { exclusions: { users: ['/ci/a', '/x'] } }],
  ['exclusions.roles', { exclusions: { roles: [] } }, { exclusions: { roles: ['/x'] } }],
  ['rolePatternWhitelist', { exclusions: { roles: ['/a/*'] } }, { rolePatternWhitelist: '/a/b|/c' }],
  ['action.mode', { maxActionMode: 'propose' }, { action: { mode: 'automatic-quarantine' } }],
  ['action.perCheck.unused-role', { maxActionMode: 'report' }, { action: { perCheck: { 'unused-role': 'propose' } } }],
])('%s is named where it is looser', (path, limits, written) => {
  expect(tightens(baseline(limits), policy(written)).map((violation) => violation.path)).toEqual([path]);
});

test('a baseline without exclusions still leaves what is spared by default', () => {
  expect(tightens(baseline({ exclusions: { users: [], roles: [] } }), policy({}))).toEqual([]);
});

test('what lies within a pattern matches nothing that the pattern does not', () => {
  const text = fc
    .array(fc.constantFrom('/', 'a', 'b', 'ci', 'x1'), { maxLength: 5 })
    .map((parts) => `/${parts.join('')}`);
  const globs = fc
    .array(fc.constantFrom('/', 'a', 'b', '*', '?'), { minLength: 1, maxLength: 6 })
    .map((all) => all.join(''));
  let within = 0;
  fc.assert(
    fc.property(globs, globs, fc.array(text, { minLength: 20, maxLength: 40 }), (allowed, pattern, texts) => {
      if (!covers(allowed, pattern)) return;
      within++;
      for (const one of texts)
        if (matchesPathPattern(pattern, one))
          expect([allowed, one, matchesPathPattern(allowed, one)]).toEqual([allowed, one, true]);
    }),
    { numRuns: 5000 },
  );
  expect(within).toBeGreaterThan(100);
  fc.assert(fc.property(pathPattern, (one) => covers(one, one) && covers('*', one)));
});

test.each([
  ['/ci/*', '/ci/a', true],
  ['/ci/*', '/ci/*', true],
  ['/ci/*', '/ci*', false],
  ['/a?', '/a*', false],
  ['/a*', '/a?', true],
  ['*', '/x/*', true],
  ['/a', '/b', false],
])('%s covers %s: %s', (allowed, pattern, expected) => {
  expect(covers(allowed, pattern)).toBe(expected);
});

test('misspelt limits are errors', () => {
  const read = readBaselineDocument({
    apiVersion: 'mothball/v1',
    kind: 'Baseline',
    checks: { 'unused-role': { maxIdelDays: 9 } },
    maxActonMode: 'report',
  });
  expect('problems' in read && read.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
    'checks.unused-role.maxIdelDays: there is no such setting; did you mean "maxIdleDays"?',
    'maxActonMode: there is no such setting; did you mean "maxActionMode"?',
  ]);
  fc.assert(fc.property(damaged(baselineWritten), (data) => void readBaselineDocument(data)));
});
