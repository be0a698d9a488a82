import { defaultPolicy, parsePolicy } from '../policy';
import { aKey, aRoot, AT, daysAgo, keySubject, never, unread, used } from '../test-subjects';
import { unusedAccessKey } from './unused-access-key.check';

const judge = (...subject: Parameters<typeof keySubject>) =>
  unusedAccessKey.judge(keySubject(...subject), defaultPolicy, AT);

test('flagged at the threshold, not a second before', () => {
  expect(judge({ lastUsed: used(90) })).toMatchObject({ state: 'non-compliant', idleSince: daysAgo(90) });
  expect(judge({ lastUsed: used(90 - 1 / 86_400) })?.state).toBe('compliant');
});

test('the threshold is the policy’s', () => {
  const strict = parsePolicy({ checks: { 'unused-access-key': { idleDays: 45 } } });
  expect(unusedAccessKey.judge(keySubject({ lastUsed: used(60) }), strict, AT)?.state).toBe('non-compliant');
});

// prowler#645 flagged young keys; another of its checks passed never-used ones.
test('never used: idle since creation, so young ones have their grace and old ones are flagged', () => {
  expect(judge({ lastUsed: never, createdAt: daysAgo(89) })?.state).toBe('compliant');
  expect(judge({ lastUsed: never, createdAt: daysAgo(90) })).toMatchObject({
    state: 'non-compliant',
    idleSince: daysAgo(90),
  });
});

test('older than AWS’s records: idle at least since they begin', () => {
  const since = new Date('2015-04-22T00:00:00Z');
  const createdAt = new Date('2014-01-01T00:00:00Z');
  expect(judge({ lastUsed: { state: 'before-tracking', since }, createdAt })).toMatchObject({
    state: 'non-compliant',
    idleSince: since,
    idleAtLeast: true,
    why: expect.stringContaining('No record of usage since AWS began to record it on 2015-04-22') as string,
  });
});

test('what was not read is unknown, with the reason', () => {
  expect(judge({ lastUsed: unread })).toEqual({
    state: 'unknown',
    cause: 'unread',
    reason: 'The credential report was denied.',
  });
  expect(judge({ createdAt: null })?.state).toBe('unknown');
});

test('inactive keys and the root user’s are not its business', () => {
  expect(judge({ active: false })).toBeUndefined();
  expect(judge({}, { owner: aRoot() })).toBeUndefined();
});

// cloud-custodian#842, #5583: all conditions of a finding hold on one key.
test('a sibling changes nothing', () => {
  const sibling = aKey({ slot: 2, lastUsed: used(0) });
  expect(judge({ lastUsed: used(200) }, { sibling })).toEqual(judge({ lastUsed: used(200) }));
  expect(judge({ lastUsed: used(0) }, { sibling: aKey({ lastUsed: used(200) }) })?.state).toBe('compliant');
});

test('why tells dates, service and region, and does not change from scan to scan', () => {
  const subject = keySubject({ lastUsed: used(100), createdAt: daysAgo(1000) });
  const now = unusedAccessKey.judge(subject, defaultPolicy, AT);
  expect(now).toMatchObject({
    why: 'Last used on 2026-03-22 for s3 in eu-west-1; created on 2023-10-04: idle for 90 days or more.',
  });
  expect(unusedAccessKey.judge(subject, defaultPolicy, daysAgo(-30))).toEqual(now);
});
