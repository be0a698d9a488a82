import type { CleanupAction } from '../action';
import { USER_READS } from '../fresh-reads';
import { refuseRestoring } from './refusals/restoring';
import { userAgain } from './steps/re-creation';

/**
 * A deleted user is made again as it was saved, and one whose deletion halted gets back what was detached. Keys,
 * passwords and MFA devices never come back, so the role may not make any. A halted one stays in quarantine until what
 * quarantined it is undone.
 */
export const restoreUser: CleanupAction = {
  id: 'restore-user',
  fixes: [],
  courses: ['user'],
  role: 'restore',
  permissions: [
    ...USER_READS,
    {
      on: 'users',
      actions: [
        'iam:AttachUserPolicy',
        'iam:CreateUser',
        'iam:PutUserPolicy',
        // What CreateUser asks for where there are tags.
        'iam:TagUser',
        // Public halves only: whoever holds the private key of a snapshot's certificate or SSH key has it still.
        'iam:UpdateSSHPublicKey',
        'iam:UpdateSigningCertificate',
        'iam:UploadSSHPublicKey',
        'iam:UploadSigningCertificate',
      ],
    },
    { on: 'groups', actions: ['iam:AddUserToGroup'] },
  ],
  refuse: refuseRestoring,
  apply(seen, context) {
    const { snapshot } = context;
    if (snapshot?.kind !== 'user' || refuseRestoring(seen, context)) return [];
    return userAgain(snapshot, seen?.kind === 'user' ? seen : null);
  },
  /** Whoever does not want it back deletes it as any other user: by a plan. */
  undo: () => [],
};
