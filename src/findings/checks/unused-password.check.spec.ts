import { defaultPolicy } from '../policy';
import { aRoot, AT, daysAgo, never, passwordSubject, unread, used } from '../test-subjects';
import { unusedPassword } from './unused-password.check';

const judge = (...subject: Parameters<typeof passwordSubject>) =>
  unusedPassword.judge(passwordSubject(...subject), defaultPolicy, AT);

test('flagged at the threshold since the last sign-in', () => {
  expect(judge({ lastUsed: used(90) })?.state).toBe('non-compliant');
  expect(judge({ lastUsed: used(89) })?.state).toBe('compliant');
});

// PasswordLastUsed survives the deletion of the password.
test('a fresh password that carries an old last use is not flagged', () => {
  expect(judge({ lastUsed: used(500), lastChangedAt: daysAgo(3) })?.state).toBe('compliant');
});

test('never used and never changed for long is flagged, never passed as fine', () => {
  expect(judge({ lastUsed: never, lastChangedAt: daysAgo(90) })?.state).toBe('non-compliant');
  expect(judge({ lastUsed: never, lastChangedAt: daysAgo(89) })?.state).toBe('compliant');
});

test('an old last use without a known last change is unknown: the password may be newer', () => {
  expect(judge({ lastUsed: used(500), lastChangedAt: null })?.state).toBe('unknown');
  expect(judge({ lastUsed: used(5), lastChangedAt: null })?.state).toBe('compliant');
});

test('what was not read is unknown; root is left alone', () => {
  expect(judge({ lastUsed: unread })?.state).toBe('unknown');
  expect(judge({}, aRoot())).toBeUndefined();
});
