import type { CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';

/** Everything attached must go first. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser: CleanupAction = {
  id: 'delete-user',
  fixes: ['unused-user'],
  role: 'cleanup',
  permissions: [
    ...USER_READS,
    ...signsOfLife('users'),
    {
      on: 'users',
      actions: [
        'iam:DeactivateMFADevice',
        'iam:DeleteAccessKey',
        'iam:DeleteLoginProfile',
        'iam:DeleteSSHPublicKey',
        'iam:DeleteServiceSpecificCredential',
        'iam:DeleteSigningCertificate',
        'iam:DeleteUser',
        'iam:DeleteUserPolicy',
        'iam:DetachUserPolicy',
      ],
    },
    // These two are authorized on the group and on the device, not on the user.
    { on: 'groups', actions: ['iam:RemoveUserFromGroup'] },
    { on: 'mfa-devices', actions: ['iam:DeleteVirtualMFADevice'] },
  ],
};
