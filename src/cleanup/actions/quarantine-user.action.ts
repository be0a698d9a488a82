import type { CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';

/** The boundary `AWSDenyAll` stops everything the user does, and taking it away brings all of it back. */
export const quarantineUser: CleanupAction = {
  id: 'quarantine-user',
  fixes: ['unused-user', 'unused-password', 'unused-access-key'],
  role: 'cleanup',
  permissions: [
    ...USER_READS,
    ...signsOfLife('users'),
    {
      on: 'users',
      actions: ['iam:PutUserPermissionsBoundary', 'iam:DeleteUserPermissionsBoundary'],
      when: 'boundary-is-deny-all',
    },
    // Before its deletion a user's keys are inactive for a day.
    { on: 'users', actions: ['iam:UpdateAccessKey'] },
  ],
};
