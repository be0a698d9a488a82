import fc from 'fast-check';
import type { Grant } from '../../../aws/grants';
import { inSessions, literally, LONGEST_POLICY, ofAnyPath, sessionPolicy, type SessionNeeds } from './session-policy';

const none = {
  any: [],
  users: [],
  roles: [],
  groups: [],
  'instance-profiles': [],
  'mfa-devices': [],
  'mothball-roles': [],
  topics: [],
};
const grants: readonly Grant[] = [
  { on: 'users', actions: ['iam:GetUser', 'iam:ListAccessKeys', 'iam:UpdateAccessKey'] },
  { on: 'users', when: 'boundary-is-deny-all', actions: ['iam:PutUserPermissionsBoundary'] },
  { on: 'any', actions: ['iam:GetServiceLastAccessedDetails'] },
  { on: 'groups', actions: ['iam:RemoveUserFromGroup'] },
];
const needs = (name: string): SessionNeeds => ({
  grants,
  resources: { ...none, any: ['*'], users: [`arn:aws:iam::1:user/${name}`] },
});

test('names what was given and nothing else; a boundary only where it is AWSDenyAll, of the partition', () => {
  expect(JSON.parse(sessionPolicy('aws-cn', [needs('a'), needs('b')]))).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['iam:Get*', 'iam:List*', 'iam:UpdateAccessKey'],
        Resource: ['arn:aws:iam::1:user/a', 'arn:aws:iam::1:user/b'],
      },
      {
        Effect: 'Allow',
        Action: ['iam:PutUserPermissionsBoundary'],
        Resource: ['arn:aws:iam::1:user/a', 'arn:aws:iam::1:user/b'],
        Condition: { StringEquals: { 'iam:PermissionsBoundary': 'arn:aws-cn:iam::aws:policy/AWSDenyAll' } },
      },
      { Effect: 'Allow', Action: ['iam:GetServiceLastAccessedDetails'], Resource: ['*'] },
    ],
  });
});

test('what has a meaning in a policy stands for itself', () => {
  expect(literally('arn:aws:iam::1:user/a*b/c?d$e')).toBe('arn:aws:iam::1:user/a${*}b/c${?}d${$}e');
  expect(ofAnyPath('group', 'ops', { partition: 'aws', awsAccountId: '1' })).toEqual([
    'arn:aws:iam::1:group/ops',
    'arn:aws:iam::1:group/*/ops',
  ]);
});

test('sessions hold every item once and in order, and none is too long that could be shorter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,64}$/), { maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (names, most) => {
        const policyOf = (some: readonly string[]): string => sessionPolicy('aws', some.map(needs));
        const sessions = inSessions(names, policyOf, most);
        expect(sessions.flat()).toEqual(names);
        for (const session of sessions) {
          expect(session.length).toBeGreaterThan(0);
          expect(session.length).toBeLessThanOrEqual(most);
          if (session.length > 1) expect(policyOf(session).length).toBeLessThanOrEqual(LONGEST_POLICY);
        }
      },
    ),
  );
});
