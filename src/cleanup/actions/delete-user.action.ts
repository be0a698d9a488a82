import type { CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';
import { boundaryMissing } from './refusals/boundary';
import { foundUser } from './refusals/found';
import { keysNotSilent, notHeldLongEnough } from './refusals/held';
import { refuseHoldingUser } from './refusals/holding';
import { firstOf } from './refusals/refusal';
import { userDeletion } from './steps/user-steps';

/** Everything attached must go first. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser: CleanupAction = {
  id: 'delete-user',
  fixes: ['unused-user', 'unused-password'],
  courses: ['user'],
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

  refuse(seen, context) {
    const found = foundUser(seen, context, 'whole');
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    return firstOf(
      () => boundaryMissing(found.seen, context),
      () => refuseHoldingUser(found.seen, context),
      () => keysNotSilent(found.seen, context),
      () => notHeldLongEnough(context),
    );
  },

  apply(seen, context) {
    const found = foundUser(seen, context, 'whole');
    return found.state === 'there' ? userDeletion(found.seen, context) : [];
  },

  /** The restore role brings back what can come back: see `restore-user`. */
  undo: () => [],
};
