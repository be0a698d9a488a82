import type { ObservedRole, ObservedUser } from '../../observed';
import { STEP_ACTIONS } from '../../steps';
import { effectOf } from './step-effects';

const DENY = 'arn:aws:iam::aws:policy/AWSDenyAll';
const principal = {
  ...{ partition: 'aws' as const, awsAccountId: '111122223333', scope: 'whole' as const, name: 'x', path: '/' },
  ...{ createdAt: new Date(0), boundaryArn: null, tags: {}, attachedPolicyArns: ['P'], inlinePolicies: { own: '{}' } },
} as const;
const user: ObservedUser = {
  ...principal,
  ...{ kind: 'user', uniqueId: 'AIDAX', arn: 'arn:aws:iam::111122223333:user/x' },
  ...{ password: null, groups: ['g'], certificates: [], sshKeys: [], serviceCredentials: [] },
  keys: [{ id: 'AKIA1', active: false, createdAt: new Date(0), lastUse: { known: true, at: null } }],
  mfaDevices: [{ serialNumber: 'm', virtual: false }],
};
const role: ObservedRole = {
  ...principal,
  ...{ kind: 'role', uniqueId: 'AROAX', arn: 'arn:aws:iam::111122223333:role/x', lastUse: { known: true, at: null } },
  ...{ trustPolicy: '{}', description: null, maxSessionSeconds: 3600 },
  instanceProfileArns: ['arn:aws:iam::111122223333:instance-profile/p/one'],
};

test.each([
  ['iam:UpdateAccessKey', { AccessKeyId: 'AKIA1', Status: 'Inactive' }, true],
  ['iam:UpdateAccessKey', { AccessKeyId: 'AKIA1', Status: 'Active' }, false],
  ['iam:UpdateAccessKey', { AccessKeyId: 'AKIA2', Status: 'Inactive' }, false],
  ['iam:DeleteAccessKey', { AccessKeyId: 'AKIA1' }, false],
  ['iam:DeleteAccessKey', { AccessKeyId: 'AKIA2' }, true],
  ['iam:DeleteLoginProfile', {}, true],
  ['iam:RemoveUserFromGroup', { GroupName: 'g' }, false],
  ['iam:DeactivateMFADevice', { SerialNumber: 'm' }, false],
  ['iam:DetachUserPolicy', { PolicyArn: 'P' }, false],
  ['iam:DetachUserPolicy', { PolicyArn: 'Q' }, true],
  ['iam:DeleteUserPolicy', { PolicyName: 'own' }, false],
  ['iam:PutUserPermissionsBoundary', { PermissionsBoundary: DENY }, false],
  ['iam:DeleteUserPermissionsBoundary', {}, true],
  ['iam:DeleteUser', {}, false],
  // A device that is nobody's is in no user's list.
  ['iam:DeleteVirtualMFADevice', { SerialNumber: 'arn' }, null],
] as const)('%s %j of a user', (action, request, shows) => {
  expect(effectOf({ action, request }, user, 'AIDAX')).toBe(shows);
});

test('of a role', () => {
  const inProfile = { InstanceProfileName: 'one' };
  expect(effectOf({ action: 'iam:RemoveRoleFromInstanceProfile', request: inProfile }, role, 'AROAX')).toBe(false);
  expect(effectOf({ action: 'iam:AddRoleToInstanceProfile', request: inProfile }, role, 'AROAX')).toBe(true);
  const put = { action: 'iam:PutRolePermissionsBoundary', request: { PermissionsBoundary: DENY } } as const;
  expect(effectOf(put, { ...role, boundaryArn: DENY }, 'AROAX')).toBe(true);
});

test('what was read in part tells nothing of the rest', () => {
  const part = { ...user, scope: 'credentials', groups: [], attachedPolicyArns: [] } as const;
  expect(effectOf({ action: 'iam:RemoveUserFromGroup', request: { GroupName: 'g' } }, part, 'AIDAX')).toBeNull();
  expect(effectOf({ action: 'iam:DetachUserPolicy', request: { PolicyArn: 'P' } }, part, 'AIDAX')).toBeNull();
});

test('of another one under the name, what was to go is gone', () => {
  const another = { ...user, uniqueId: 'AIDAY' };
  expect(effectOf({ action: 'iam:DeleteUser', request: {} }, another, 'AIDAX')).toBe(true);
  expect(effectOf({ action: 'iam:DeleteAccessKey', request: { AccessKeyId: 'AKIA1' } }, another, 'AIDAX')).toBe(true);
});

test('of what is not there everything was taken, and nothing was given', () => {
  for (const action of STEP_ACTIONS) {
    expect([action, effectOf({ action, request: {} }, null, 'AIDAX')]).toEqual([
      action,
      /^iam:(Delete|Detach|Remove|Deactivate)/.test(action),
    ]);
  }
});
