import type { CleanupAction } from '../action';
import { ROLE_READS, signsOfLife } from '../fresh-reads';
import { foundRole } from './refusals/found';
import { refuseHoldingRole } from './refusals/holding';
import { holdBack, letGo } from './steps/boundary-steps';

/** The boundary `AWSDenyAll` holds for each request, so it stops old and new sessions alike. */
export const quarantineRole: CleanupAction = {
  id: 'quarantine-role',
  fixes: ['unused-role'],
  courses: ['role'],
  role: 'cleanup',
  permissions: [
    ...ROLE_READS,
    ...signsOfLife('roles'),
    {
      on: 'roles',
      actions: ['iam:PutRolePermissionsBoundary', 'iam:DeleteRolePermissionsBoundary'],
      when: 'boundary-is-deny-all',
    },
  ],

  refuse(seen, context) {
    const found = foundRole(seen, context);
    if (found.state === 'refused') return found.refusal;
    return found.state === 'there' ? refuseHoldingRole(found.seen, context) : null;
  },

  apply(seen, context) {
    const found = foundRole(seen, context);
    return found.state === 'there' ? holdBack(found.seen, context) : [];
  },

  undo(seen, context) {
    const found = foundRole(seen, context);
    return found.state === 'there' ? letGo(found.seen, context) : [];
  },
};
