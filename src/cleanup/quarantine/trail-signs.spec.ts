import type { Observed } from '../observed';
import type { TrailRecord } from '../reading/trail/look-up-events';
import { isSignOfLife, lifeOfRecord, trailKeyOf } from './trail-signs';

const SINCE = new Date('2026-11-20T12:00:00Z');
const LATER = new Date('2026-11-21T12:00:00Z');
const ROLE = 'arn:aws:iam::123456789012:role/job';
const role = { kind: 'role', name: 'job', arn: ROLE, uniqueId: 'AROA1' } as unknown as Observed;
const user = {
  kind: 'user',
  name: 'ann',
  arn: 'arn:aws:iam::123456789012:user/ann',
  uniqueId: 'AIDA1',
} as unknown as Observed;
const item = (course: 'role' | 'user' | 'access-key' | 'password') =>
  ({ course, access_key_id: course === 'access-key' ? 'AKIA1' : null, name: 'x' }) as const;
const record = (more: Partial<TrailRecord> = {}): TrailRecord => ({
  ...{ eventName: 'ListBuckets', eventSource: 's3.amazonaws.com', eventTime: LATER, awsRegion: 'eu-west-1' },
  userIdentity: { type: 'IAMUser', principalId: 'AIDA1', accessKeyId: 'AKIA1' },
  ...more,
});
const assumed = (more: Partial<TrailRecord> = {}): TrailRecord =>
  record({
    ...{ eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com', requestParameters: { roleArn: ROLE } },
    userIdentity: { type: 'AWSService' },
    ...more,
  });

it('is asked by the user, the key, or, since sessions have names of their own, by the role’s ARN', () => {
  expect(trailKeyOf(item('user'), user)).toEqual({ key: 'Username', value: 'ann' });
  expect(trailKeyOf(item('password'), user)).toEqual({ key: 'Username', value: 'ann' });
  expect(trailKeyOf(item('access-key'), user)).toEqual({ key: 'AccessKeyId', value: 'AKIA1' });
  expect(trailKeyOf({ ...item('access-key'), access_key_id: null }, user)).toBeNull();
  expect(trailKeyOf(item('role'), role)).toEqual({ key: 'ResourceName', value: ROLE });
});

it.each<[string, boolean, ReturnType<typeof item>, Observed, TrailRecord]>([
  ['a user’s request', true, item('user'), user, record()],
  ['a refused one', true, item('user'), user, record({ errorCode: 'AccessDenied' })],
  ['one at the very moment', false, item('user'), user, record({ eventTime: SINCE })],
  ['one before', false, item('user'), user, record({ eventTime: new Date('2026-11-20T11:59:59Z') })],
  [
    'a namesake made since',
    false,
    item('user'),
    user,
    record({ userIdentity: { type: 'IAMUser', principalId: 'AIDA2' } }),
  ],
  [
    'a session called as the user is',
    false,
    item('user'),
    user,
    record({ userIdentity: { type: 'AssumedRole', principalId: 'AROA9:ann' } }),
  ],
  ['the key', true, item('access-key'), user, record()],
  [
    'the user’s other key',
    false,
    item('access-key'),
    user,
    record({ userIdentity: { type: 'IAMUser', principalId: 'AIDA1', accessKeyId: 'AKIA2' } }),
  ],
  ['a sign-in', true, item('password'), user, record({ eventName: 'ConsoleLogin' })],
  ['a request by a key of the password’s user', false, item('password'), user, record()],
  ['somebody assumes the role', true, item('role'), role, assumed()],
  ['by SAML', true, item('role'), role, assumed({ eventName: 'AssumeRoleWithSAML' })],
  ['somebody tries to', true, item('role'), role, assumed({ errorCode: 'AccessDenied' })],
  ['another role', false, item('role'), role, assumed({ requestParameters: { roleArn: `${ROLE}2` } })],
  ['somebody looks at the role', false, item('role'), role, assumed({ eventName: 'GetRole' })],
  [
    'we do',
    false,
    item('role'),
    role,
    assumed({ userIdentity: { type: 'AssumedRole', sessionContext: { sourceIdentity: 'mothball-1' } } }),
  ],
])('%s: %s', (_what, life, of, seen, found) => {
  expect(isSignOfLife(of, seen, found, SINCE)).toBe(life);
});

it('says which request, when and where, and nothing of what was in it', () => {
  expect(lifeOfRecord(record({ errorCode: 'AccessDenied' }))).toEqual({
    source: 'cloudtrail',
    at: '2026-11-21T12:00:00.000Z',
    detail: 'CloudTrail has ListBuckets (s3.amazonaws.com) in eu-west-1 on 2026-11-21 12:00 UTC, which AWS refused.',
  });
});
