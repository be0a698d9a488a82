import type { CleanupAction } from '../action';
import { ROLE_READS, signsOfLife } from '../fresh-reads';

/** Instance profiles are left, not deleted. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole: CleanupAction = {
  id: 'delete-role',
  fixes: ['unused-role'],
  role: 'cleanup',
  permissions: [
    ...ROLE_READS,
    ...signsOfLife('roles'),
    { on: 'roles', actions: ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:DetachRolePolicy'] },
    { on: 'instance-profiles', actions: ['iam:RemoveRoleFromInstanceProfile'] },
  ],
};
