import { defaultPolicy, parsePolicy } from './policy';
import { compilePolicy } from './sparing';
import { aRoot, aUser, keySubject, passwordSubject, roleToJudge, userSubject } from './test-subjects';

test('the whitelist matches path + name, each of its patterns alone', () => {
  const policy = compilePolicy(parsePolicy({ rolePatternWhitelist: '/breakglass-role|/security-*||/x/*' }));
  expect(policy.spared(roleToJudge({ name: 'breakglass-role' }))).toContain(
    '"/breakglass-role" of rolePatternWhitelist',
  );
  expect(policy.spared(roleToJudge({ name: 'security-audit' }))).toContain('"/security-*"');
  expect(policy.spared(roleToJudge({ path: '/x/y/', name: 'z' }))).toContain('"/x/*"');
  expect(policy.spared(roleToJudge({ path: '/other/', name: 'breakglass-role' }))).toBeNull();
  expect(policy.spared(roleToJudge({ name: 'my-security-audit' }))).toBeNull();
});

test('by default OrganizationAccountAccessRole is spared, and a policy may say otherwise', () => {
  const role = roleToJudge({ name: 'OrganizationAccountAccessRole' });
  expect(compilePolicy(defaultPolicy).spared(role)).toContain('exclusions.roles');
  expect(compilePolicy(parsePolicy({ exclusions: { roles: [] } })).spared(role)).toBeNull();
  expect(compilePolicy(defaultPolicy).spared(roleToJudge({ name: 'OrganizationAccountAccessRole2' }))).toBeNull();
});

test('a pasted whitelist leaves the default exclusion in place', () => {
  const policy = compilePolicy(parsePolicy({ rolePatternWhitelist: '/x' }));
  expect(policy.spared(roleToJudge({ name: 'OrganizationAccountAccessRole' }))).not.toBeNull();
});

test('the service’s own roles are spared by ARN', () => {
  const role = roleToJudge({ name: 'mothball-scan' });
  expect(compilePolicy(defaultPolicy, [role.role.arn]).spared(role)).toContain('own roles');
  expect(compilePolicy(defaultPolicy, [`${role.role.arn}-2`]).spared(role)).toBeNull();
});

test('an excluded user spares its password and keys too; role patterns do not touch users', () => {
  const policy = compilePolicy(parsePolicy({ rolePatternWhitelist: '*', exclusions: { users: ['/ci/*'] } }));
  const ci = { path: '/ci/', name: 'jenkins' };
  for (const subject of [userSubject(ci), passwordSubject({}, aUser(ci)), keySubject({}, { owner: aUser(ci) })]) {
    expect(policy.spared(subject)).toContain('"/ci/*" of exclusions.users');
  }
  for (const subject of [userSubject(), passwordSubject(), keySubject()]) expect(policy.spared(subject)).toBeNull();
});

test('no pattern spares the root user', () => {
  const policy = compilePolicy(parsePolicy({ exclusions: { users: ['*'] } }));
  expect(policy.spared(keySubject({}, { owner: aRoot() }))).toBeNull();
  expect(policy.spared(keySubject())).not.toBeNull();
});
