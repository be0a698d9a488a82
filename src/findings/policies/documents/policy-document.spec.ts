import fc from 'fast-check';
import { DomainError } from '../../../errors';
import { defaultPolicy } from '../../policy';
import { actionModeFor, farthestMode } from '../policy-action';
import { parsePolicyDocument, readPolicyDocument } from './policy-document';
import { pathText } from './problems';
import { profileIds, profiles } from './profiles';
import { policyWritten } from './test-documents';

const head = { apiVersion: 'mothball/v1', kind: 'Policy', name: 'ours' };
const parse = (rest: object) => parsePolicyDocument({ ...head, ...rest });

function refusals(data: unknown): string[] {
  const read = readPolicyDocument(data);
  if ('value' in read) throw new Error('The document was accepted');
  return read.problems.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

test('the least that a policy can be: everything, by default, only reported', () => {
  expect(parse({})).toEqual({
    name: 'ours',
    description: null,
    profile: null,
    scope: { accounts: [], organizationalUnits: [], accountTags: {}, identityTags: {}, paths: [], names: [] },
    settings: defaultPolicy,
    action: { mode: 'report', observableQuarantine: false, perCheck: {} },
    schedule: null,
    source: head,
  });
});

test('every valid document is accepted, and what was written is kept', () => {
  fc.assert(
    fc.property(policyWritten, (written) => {
      expect(parsePolicyDocument(written).source).toEqual(written);
    }),
  );
});

test('the order of the fields does not change what is kept, to the byte', () => {
  const backwards = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, one]) => [key, backwards(one)]),
        )
      : value;
  fc.assert(
    fc.property(policyWritten, (written) => {
      const text = (data: unknown): string => JSON.stringify(parsePolicyDocument(data).source);
      expect(text(backwards(written))).toBe(text(written));
    }),
  );
});

describe('profiles', () => {
  test.each(profileIds)('%s names its source and is valid', (profile) => {
    expect(profiles[profile].source).not.toBe('');
    expect(parse({ profile }).profile).toBe(profile);
  });

  test('each changes only what its source speaks of', () => {
    const differing = (profile: string): string[] => {
      const { checks } = parse({ profile }).settings;
      return Object.entries(checks).flatMap(([id, settings]) =>
        JSON.stringify(settings) === JSON.stringify(defaultPolicy.checks[id as keyof typeof checks])
          ? []
          : [`${id} ${JSON.stringify(settings)}`],
      );
    };
    expect(differing('standard')).toEqual([]);
    expect(differing('cis')).toEqual([
      'unused-access-key {"enabled":true,"idleDays":45}',
      'unused-password {"enabled":true,"idleDays":45}',
      'unused-user {"enabled":true,"idleDays":45,"mode":"idle"}',
    ]);
    expect(differing('aws-config-rule')).toEqual(['unused-role {"enabled":true,"idleDays":60}']);
    expect(differing('iam-029')).toEqual([
      'unused-user {"enabled":true,"idleDays":90,"mode":"never-signed-in-and-no-key"}',
    ]);
  });

  test('what is written wins, field by field', () => {
    const { checks } = parse({
      profile: 'cis',
      checks: { 'unused-password': { severity: 'critical' }, 'unused-user': { idleDays: 10 } },
    }).settings;
    expect(checks['unused-password']).toEqual({ enabled: true, idleDays: 45, severity: 'critical' });
    expect(checks['unused-user']).toMatchObject({ idleDays: 10 });
  });

  test('AWS’s whitelist is taken as it is pasted', () => {
    const { settings } = parse({
      profile: 'aws-config-rule',
      rolePatternWhitelist: '/breakglass-role|/security-*',
    });
    expect(settings.rolePatternWhitelist).toBe('/breakglass-role|/security-*');
  });
});

// Each of these silently did nothing in some tool.
test.each<[object, string]>([
  [
    { RolePatternWhitelist: '/x' },
    'RolePatternWhitelist: there is no such setting; did you mean "rolePatternWhitelist"?',
  ],
  [{ scpoe: {} }, 'scpoe: there is no such setting; did you mean "scope"?'],
  [{ scope: { acounts: ['a'] } }, 'scope.acounts: there is no such setting; did you mean "accounts"?'],
  [
    { checks: { 'unused-rolle': { idleDays: 9 } } },
    'checks.unused-rolle: there is no such setting; did you mean "unused-role"?',
  ],
  [
    { checks: { 'unused-role': { idle_days: 9 } } },
    'checks.unused-role.idle_days: there is no such setting; did you mean "idleDays"?',
  ],
  [{ idleDays: 60 }, 'idleDays: there is no such setting here; it belongs at checks.unused-access-key.idleDays'],
  [
    { checks: { 'unused-role': { mode: 'idle' } } },
    'checks.unused-role.mode: there is no such setting here; it belongs at',
  ],
  [{ nonsense: 1 }, 'nonsense: there is no such setting'],
  [{ profile: 'iam029' }, 'profile: must be one of standard, cis, aws-config-rule, iam-029; did you mean "iam-029"?'],
  [
    { checks: { 'unused-role': { severity: 'hihg' } } },
    'checks.unused-role.severity: must be one of low, medium, high, critical; did you mean "high"?',
  ],
  [{ action: { mode: 'automatic' } }, 'action.mode: must be one of report, propose, automatic-quarantine'],
  [{ action: { perCheck: { 'root-access-key': 'propose' } } }, 'action.perCheck.root-access-key: must be report'],
  [
    { action: { perCheck: { 'access-key-not-rotated': 'automatic-deletion' } } },
    'action.perCheck.access-key-not-rotated: must be one of report, propose',
  ],
  [{ scope: { accounts: [] } }, 'scope.accounts: the list is empty: leave it out to mean "any"'],
  [{ scope: { accounts: [123456789012] } }, 'scope.accounts.0: must be text: put it in quotes'],
  [{ scope: { accounts: ['1234'] } }, 'scope.accounts.0: an account id has 12 digits'],
  [{ scope: { accounts: 'prod-*' } }, 'scope.accounts: must be a list of accounts'],
  [{ scope: { accountTags: {} } }, 'scope.accountTags: is empty'],
  [{ scope: { accountTags: { team: 'a' } } }, 'scope.accountTags.team: must be a list of values'],
  [{ scope: { organizationalUnits: ['Prod'] } }, 'scope.organizationalUnits.0: must begin with "/"'],
  [{ scope: { paths: ['/team-a'] } }, 'scope.paths.0: can never match, since a path ends with "/"'],
  [{ scope: { names: ['/ci/x'] } }, 'scope.names.0: only letters, digits'],
  [{ exclusions: { users: ['jenkins'] } }, 'exclusions.users.0: "jenkins" can never match'],
  [{ schedule: { cron: '0 3 * *' } }, 'schedule.cron: must have five fields'],
  [{ schedule: { cron: '0 25 * * *' } }, 'schedule: cron: "0 25 * * *"'],
  [
    { schedule: { cron: '0 3 * * *', timeZone: 'Europe/Zürich' } },
    'schedule: timeZone: "Europe/Zürich" is no time zone',
  ],
  [{ name: 'My Policy' }, 'name: must be small letters and digits'],
  [{ apiVersion: 'mothball/v2' }, 'apiVersion: must be mothball/v1'],
])('refused, with the field and the remedy: %j', (written, message) => {
  expect(refusals({ ...head, ...written }).join('\n')).toContain(message);
});

test.each([0, -1, 401, 1.5, '90', null, true])('idleDays %p is refused by name', (idleDays) => {
  expect(refusals({ ...head, checks: { 'unused-password': { idleDays } } })).toEqual([
    'checks.unused-password.idleDays: must be a whole number of days from 1 to 400',
  ]);
});

test('a name is asked for', () => {
  expect(refusals({ apiVersion: 'mothball/v1', kind: 'Policy' })).toEqual(['name: is missing']);
});

test('every problem is told at once, as one error', () => {
  const bad = { ...head, checks: { 'unused-role': { idleDays: 0, severity: 'awful' } }, extra: 1 };
  expect(refusals(bad)).toHaveLength(3);
  expect(() => parsePolicyDocument(bad)).toThrow(DomainError);
});

test.each([null, undefined, 1, 'text', [], [[]]])('%j is no policy', (data) => {
  expect(refusals(data)).toHaveLength(1);
});

test('names that every object has are no settings', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const written = JSON.parse(
      `{"apiVersion":"mothball/v1","kind":"Policy","name":"a","checks":{"${name}":{}}}`,
    ) as unknown;
    expect(refusals(written)).toEqual([expect.stringContaining(`checks.${name}: there is no such setting`)]);
  }
  const tagged = JSON.parse('{"scope":{"identityTags":{"team":["a"],"__proto__":["a"]}}}') as object;
  expect(refusals({ ...head, ...tagged })).toEqual([expect.stringContaining('scope.identityTags.__proto__')]);
});

test('depth without end is refused, too', () => {
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
  expect(refusals({ ...head, checks: deep })).toEqual([expect.stringContaining('nested too deep')]);
});

describe('what may be done', () => {
  test('a check without a mode of its own has the policy’s, as far as is right for what it flags', () => {
    const { action } = parse({ action: { mode: 'automatic-deletion', perCheck: { 'unused-role': 'report' } } });
    expect(actionModeFor(action, 'unused-user')).toBe('automatic-deletion');
    expect(actionModeFor(action, 'unused-role')).toBe('report');
    expect(actionModeFor(action, 'access-key-not-rotated')).toBe('propose');
    expect(actionModeFor(action, 'second-active-key')).toBe('propose');
    expect(actionModeFor(action, 'root-access-key')).toBe('report');
  });

  test('the farthest mode is found wherever it is', () => {
    expect(farthestMode(parse({}).action)).toBe('report');
    const { action } = parse({ action: { perCheck: { 'unused-role': 'automatic-quarantine' } } });
    expect(farthestMode(action)).toBe('automatic-quarantine');
  });
});
