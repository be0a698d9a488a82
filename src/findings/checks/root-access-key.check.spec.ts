import { defaultPolicy } from '../policy';
import { aRoot, AT, keySubject, unread, used } from '../test-subjects';
import { rootAccessKey } from './root-access-key.check';

const judge = (key: Parameters<typeof keySubject>[0], owner = aRoot()) =>
  rootAccessKey.judge(keySubject(key, { owner }), defaultPolicy, AT);

test('an active root key is critical, however recently it was used or not', () => {
  expect(rootAccessKey.severity).toBe('critical');
  for (const lastUsed of [used(0), used(500), unread]) expect(judge({ lastUsed })?.state).toBe('non-compliant');
});

test('an inactive one is fine; other users’ keys are not its business', () => {
  expect(judge({ active: false })?.state).toBe('compliant');
  expect(rootAccessKey.judge(keySubject(), defaultPolicy, AT)).toBeUndefined();
});

test('only the root user can mend it, so no command names a user', () => {
  expect(JSON.stringify(rootAccessKey.remediation(keySubject({}, { owner: aRoot() })))).not.toContain('--user-name');
});
