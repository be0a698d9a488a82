import { defaultPolicy } from '../policy';
import { AT, daysAgo, never, roleToJudge, unread, used } from '../test-subjects';
import { unusedRole } from './unused-role.check';

const judge = (changes: Parameters<typeof roleToJudge>[0]) => unusedRole.judge(roleToJudge(changes), defaultPolicy, AT);

// cloud-custodian#3450: an "unused" role that was in use.
test('in use is not unused', () => {
  expect(judge({ lastUsed: used(1) })?.state).toBe('compliant');
  expect(judge({ lastUsed: used(89) })?.state).toBe('compliant');
});

test('flagged at the threshold since the last use, or since creation if never used', () => {
  expect(judge({ lastUsed: used(90) })).toMatchObject({ state: 'non-compliant', idleSince: daysAgo(90) });
  expect(judge({ lastUsed: never, createdAt: daysAgo(90) })?.state).toBe('non-compliant');
  expect(judge({ lastUsed: never, createdAt: daysAgo(89) })?.state).toBe('compliant');
});

test('no use in AWS’s window and older than it: idle at least that long, and the same at the next scan', () => {
  const subject = roleToJudge({ lastUsed: { state: 'before-tracking', since: null }, createdAt: daysAgo(2000) });
  const verdict = unusedRole.judge(subject, defaultPolicy, AT);
  expect(verdict).toMatchObject({ state: 'non-compliant', idleSince: null, idleAtLeast: true });
  expect(unusedRole.judge(subject, defaultPolicy, daysAgo(-7))).toEqual(verdict);
});

// steampipe-mod-aws-compliance#672: service-linked roles flagged.
test.each([
  ['/aws-service-role/support.amazonaws.com/', 'AWSServiceRoleForSupport'],
  ['/aws-reserved/sso.amazonaws.com/', 'AWSReservedSSO_Admin_0123456789abcdef'],
  ['/aws-reserved/sso.amazonaws.com/eu-west-1/', 'AWSReservedSSO_Admin_0123456789abcdef'],
])('AWS’s own roles under %s are never judged', (path, name) => {
  expect(judge({ path, name, lastUsed: never })).toBeUndefined();
});

test('a role that only looks like one of AWS’s is judged', () => {
  expect(judge({ path: '/service-role/', name: 'AWSServiceRoleForSupport' })?.state).toBe('non-compliant');
  expect(judge({ path: '/x/aws-service-role/' })?.state).toBe('non-compliant');
});

test('what was not read is unknown', () => {
  expect(judge({ lastUsed: unread })?.state).toBe('unknown');
});
