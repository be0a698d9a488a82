import { defaultPolicy } from '../policy';
import { aRoot, AT, daysAgo, keySubject, never, unread, used } from '../test-subjects';
import { accessKeyNotRotated } from './access-key-not-rotated.check';

const judge = (...subject: Parameters<typeof keySubject>) =>
  accessKeyNotRotated.judge(keySubject(...subject), defaultPolicy, AT);

test('flagged from the threshold of its age on', () => {
  expect(judge({ createdAt: daysAgo(90) })?.state).toBe('non-compliant');
  expect(judge({ createdAt: daysAgo(89) })?.state).toBe('compliant');
});

// cloud-custodian#6732: an age rule disabled a key used the same day. The finding must say that it is in use.
test('an old key in use is due for rotation, and its idle time says that it is in use', () => {
  expect(judge({ createdAt: daysAgo(300), lastUsed: used(0) })).toMatchObject({
    state: 'non-compliant',
    idleSince: AT,
    idleAtLeast: false,
  });
});

test('its age needs no last use; without a creation date it is unknown', () => {
  expect(judge({ createdAt: daysAgo(300), lastUsed: unread })).toMatchObject({
    state: 'non-compliant',
    idleSince: null,
    idleAtLeast: false,
  });
  expect(judge({ createdAt: null, lastUsed: never })?.state).toBe('unknown');
  expect(judge({ createdAt: new Date(Number.NaN) })?.state).toBe('unknown');
});

test('inactive keys and the root user’s are not its business', () => {
  expect(judge({ active: false })).toBeUndefined();
  expect(judge({}, { owner: aRoot() })).toBeUndefined();
});
