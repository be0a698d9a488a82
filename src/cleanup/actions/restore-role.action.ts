import type { CleanupAction } from '../action';
import { ROLE_READS } from '../fresh-reads';
import { refuseRestoring } from './refusals/restoring';
import { roleAgain } from './steps/re-creation';

/** A deleted role is made again as it was saved, with its trust, policies, boundary and instance profiles. */
export const restoreRole: CleanupAction = {
  id: 'restore-role',
  fixes: [],
  courses: ['role'],
  role: 'restore',
  permissions: [
    ...ROLE_READS,
    {
      on: 'roles',
      // TagRole is what CreateRole asks for where there are tags.
      actions: ['iam:AttachRolePolicy', 'iam:CreateRole', 'iam:PutRolePolicy', 'iam:TagRole'],
    },
    { on: 'instance-profiles', actions: ['iam:AddRoleToInstanceProfile'] },
    // What AddRoleToInstanceProfile asks for besides.
    { on: 'roles', actions: ['iam:PassRole'], when: 'passed-to-ec2' },
  ],
  refuse: refuseRestoring,
  apply(seen, context) {
    const { snapshot } = context;
    if (snapshot?.kind !== 'role' || refuseRestoring(seen, context)) return [];
    return roleAgain(snapshot, seen?.kind === 'role' ? seen : null);
  },
  /** Whoever does not want it back deletes it as any other role: by a plan. */
  undo: () => [],
};
