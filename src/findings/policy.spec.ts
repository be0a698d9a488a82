import { DomainError } from '../errors';
import { defaultPolicy, parsePolicy } from './policy';

const refusal = (input: unknown): string => {
  try {
    parsePolicy(input);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_INPUT') return error.message;
    throw error;
  }
  throw new Error('The policy was accepted');
};

test('the default: every check on, 90 days, the organization’s own access role spared', () => {
  expect(defaultPolicy.checks['unused-role']).toEqual({ enabled: true, idleDays: 90 });
  expect(defaultPolicy.checks['inactive-access-key']).toEqual({ enabled: true, idleDays: 90 });
  expect(defaultPolicy.checks['unused-user']).toEqual({ enabled: true, idleDays: 90, mode: 'idle' });
  expect(Object.values(defaultPolicy.checks).every(({ enabled }) => enabled)).toBe(true);
  expect(defaultPolicy.rolePatternWhitelist).toBe('');
  expect(defaultPolicy.exclusions).toEqual({ users: [], roles: ['*/OrganizationAccountAccessRole'] });
});

test('what is left out keeps its default', () => {
  const policy = parsePolicy({ checks: { 'unused-role': { idleDays: 60 } } });
  expect(policy).toEqual({
    ...defaultPolicy,
    checks: { ...defaultPolicy.checks, 'unused-role': { enabled: true, idleDays: 60 } },
  });
});

// The AWS blog's template passed the whitelist under one name and read it under another, so it silently did nothing.
test.each([
  [{ role_whitelist: '/x' }, 'role_whitelist: there is no such setting'],
  [{ RolePatternWhitelist: '/x' }, 'RolePatternWhitelist: there is no such setting'],
  [{ checks: { 'unused-rolle': {} } }, 'checks.unused-rolle: there is no such setting'],
  [{ checks: { 'unused-role': { idledays: 9 } } }, 'checks.unused-role.idledays: there is no such setting'],
  [{ checks: { 'unused-role': { mode: 'idle' } } }, 'checks.unused-role.mode: there is no such setting'],
  [{ checks: { 'root-access-key': { idleDays: 9 } } }, 'checks.root-access-key.idleDays: there is no such setting'],
  [{ exclusions: { user: [] } }, 'exclusions.user: there is no such setting'],
])('an unknown setting is an error that names it: %j', (input, message) => {
  expect(refusal(input)).toContain(message);
});

test.each([0, -1, 401, 1.5, '90', null])('idleDays %p is refused by name', (idleDays) => {
  expect(refusal({ checks: { 'unused-password': { idleDays } } })).toContain('checks.unused-password.idleDays');
});

test.each([1, 400])('idleDays %p is accepted', (idleDays) => {
  expect(parsePolicy({ checks: { 'unused-password': { idleDays } } }).checks['unused-password'].idleDays).toBe(
    idleDays,
  );
});

test('every error is told at once', () => {
  const message = refusal({ checks: { 'unused-role': { idleDays: 0, severity: 'awful' } }, extra: 1 });
  for (const field of ['checks.unused-role.idleDays', 'checks.unused-role.severity', 'extra']) {
    expect(message).toContain(field);
  }
});

test('AWS’s own example of a whitelist is accepted as it is', () => {
  const rolePatternWhitelist = '/breakglass-role|/security-*';
  expect(parsePolicy({ rolePatternWhitelist }).rolePatternWhitelist).toBe(rolePatternWhitelist);
});

test.each(['/a b', '/a;b', '/[ab]*', '/a?', '/ä', '/a\n'])(
  'a whitelist with other characters is refused: %j',
  (value) => {
    expect(refusal({ rolePatternWhitelist: value })).toContain('rolePatternWhitelist: only letters');
  },
);

test.each([{ rolePatternWhitelist: '/ok|breakglass' }, { exclusions: { roles: ['breakglass'] } }])(
  'a pattern that could never match is refused instead of doing nothing: %j',
  (input) => {
    expect(refusal(input)).toContain('"breakglass" can never match');
  },
);

test.each([{ exclusions: { users: [''] } }, { exclusions: { users: ['/a|/b'] } }])('bad exclusion %j', (input) => {
  expect(refusal(input)).toContain('exclusions.users.0');
});
