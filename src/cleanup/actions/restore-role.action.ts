import type { CleanupAction } from '../action';
import { ROLE_READS } from '../fresh-reads';

/** A deleted role is made again as it was saved, with its trust, policies, boundary and instance profiles. */
export const restoreRole: CleanupAction = {
  id: 'restore-role',
  fixes: [],
  role: 'restore',
  permissions: [
    ...ROLE_READS,
    {
      on: 'roles',
      actions: [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DeleteRolePermissionsBoundary',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
        'iam:TagRole',
      ],
    },
    { on: 'instance-profiles', actions: ['iam:AddRoleToInstanceProfile'] },
    // What AddRoleToInstanceProfile asks for besides.
    { on: 'roles', actions: ['iam:PassRole'], when: 'passed-to-ec2' },
  ],
};
