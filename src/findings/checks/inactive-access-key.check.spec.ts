import { defaultPolicy } from '../policy';
import { aRoot, AT, daysAgo, keySubject, used } from '../test-subjects';
import { inactiveAccessKey } from './inactive-access-key.check';

const judge = (key: Parameters<typeof keySubject>[0], inactiveSince: Date | null) =>
  inactiveAccessKey.judge(keySubject(key, { inactiveSince }), defaultPolicy, AT);

test('flagged once our own scans have seen it inactive for the threshold', () => {
  expect(judge({ active: false }, daysAgo(90))?.state).toBe('non-compliant');
  expect(judge({ active: false }, daysAgo(89))?.state).toBe('compliant');
});

test('its age and last use do not matter: it may have been deactivated today', () => {
  expect(judge({ active: false, createdAt: daysAgo(2000), lastUsed: used(1000) }, daysAgo(1))?.state).toBe('compliant');
});

test('not yet known since when: compliant', () => {
  expect(judge({ active: false }, null)?.state).toBe('compliant');
});

test('active keys and the root user’s are not its business', () => {
  expect(judge({ active: true }, daysAgo(500))).toBeUndefined();
  const root = keySubject({ active: false }, { owner: aRoot(), inactiveSince: daysAgo(500) });
  expect(inactiveAccessKey.judge(root, defaultPolicy, AT)).toBeUndefined();
});
