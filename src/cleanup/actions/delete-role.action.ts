import type { CleanupAction } from '../action';
import { ROLE_READS, signsOfLife } from '../fresh-reads';
import { boundaryMissing } from './refusals/boundary';
import { foundRole } from './refusals/found';
import { notHeldLongEnough } from './refusals/held';
import { refuseHoldingRole } from './refusals/holding';
import { firstOf } from './refusals/refusal';
import { roleDeletion } from './steps/role-steps';

/** Instance profiles are left, not deleted. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole: CleanupAction = {
  id: 'delete-role',
  fixes: ['unused-role'],
  courses: ['role'],
  role: 'cleanup',
  permissions: [
    ...ROLE_READS,
    ...signsOfLife('roles'),
    { on: 'roles', actions: ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:DetachRolePolicy'] },
    { on: 'instance-profiles', actions: ['iam:RemoveRoleFromInstanceProfile'] },
  ],

  refuse(seen, context) {
    const found = foundRole(seen, context);
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    return firstOf(
      () => boundaryMissing(found.seen, context),
      () => refuseHoldingRole(found.seen, context),
      () => notHeldLongEnough(context),
    );
  },

  apply(seen, context) {
    const found = foundRole(seen, context);
    return found.state === 'there' ? roleDeletion(found.seen) : [];
  },

  /** The restore role brings back what can come back: see `restore-role`. */
  undo: () => [],
};
