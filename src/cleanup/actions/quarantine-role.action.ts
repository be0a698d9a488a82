import type { CleanupAction } from '../action';
import { ROLE_READS, signsOfLife } from '../fresh-reads';

/** The boundary `AWSDenyAll` holds for each request, so it stops old and new sessions alike. */
export const quarantineRole: CleanupAction = {
  id: 'quarantine-role',
  fixes: ['unused-role'],
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
};
