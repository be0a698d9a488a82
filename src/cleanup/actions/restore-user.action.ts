import type { CleanupAction } from '../action';
import { USER_READS } from '../fresh-reads';

/**
 * A deleted user is made again as it was saved, and one whose deletion halted gets back what was detached. Keys,
 * passwords and MFA devices never come back, so the role may not make any.
 */
export const restoreUser: CleanupAction = {
  id: 'restore-user',
  fixes: [],
  role: 'restore',
  permissions: [
    ...USER_READS,
    {
      on: 'users',
      actions: [
        'iam:AttachUserPolicy',
        'iam:CreateUser',
        'iam:DeleteUserPermissionsBoundary',
        'iam:PutUserPermissionsBoundary',
        'iam:PutUserPolicy',
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
};
