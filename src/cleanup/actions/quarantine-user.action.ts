import type { CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';
import { foundUser } from './refusals/found';
import { refuseHoldingUser } from './refusals/holding';
import { holdBack, letGo } from './steps/boundary-steps';
import { giveKeysBack } from './steps/key-steps';

/**
 * The boundary `AWSDenyAll` stops everything the user does, and taking it away brings all of it back. Its keys stay
 * active, so that attempts show. The same for one key that is all its user has.
 */
export const quarantineUser: CleanupAction = {
  id: 'quarantine-user',
  fixes: ['unused-user', 'unused-password', 'unused-access-key', 'access-key-not-rotated'],
  courses: ['user', 'observed-key'],
  role: 'cleanup',
  permissions: [
    ...USER_READS,
    ...signsOfLife('users'),
    {
      on: 'users',
      actions: ['iam:PutUserPermissionsBoundary', 'iam:DeleteUserPermissionsBoundary'],
      when: 'boundary-is-deny-all',
    },
    // Giving back what was made inactive before a deletion.
    { on: 'users', actions: ['iam:UpdateAccessKey'] },
  ],

  refuse(seen, context) {
    const found = foundUser(seen, context, 'whole');
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    return refuseHoldingUser(found.seen, context);
  },

  apply(seen, context) {
    const found = foundUser(seen, context, 'whole');
    return found.state === 'there' ? holdBack(found.seen, context) : [];
  },

  /** The boundary last: up to then nothing works, from then on everything does. */
  undo(seen, context) {
    const found = foundUser(seen, context, 'whole');
    return found.state === 'there' ? [...giveKeysBack(found.seen, context), ...letGo(found.seen, context)] : [];
  },
};
