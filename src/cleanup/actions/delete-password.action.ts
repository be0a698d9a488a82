import type { CleanupAction } from '../action';
import { CREDENTIAL_READS } from '../fresh-reads';
import { step } from '../requests';
import { foundUser } from './refusals/found';
import { notHeldLongEnough } from './refusals/held';
import { firstOf } from './refusals/refusal';
import { refusePassword } from './refusals/the-password';

/** After its notice period the password goes. An administrator can set a new one at any time. */
export const deletePassword: CleanupAction = {
  id: 'delete-password',
  fixes: ['unused-password'],
  courses: ['password'],
  role: 'cleanup',
  permissions: [...CREDENTIAL_READS, { on: 'users', actions: ['iam:DeleteLoginProfile'] }],
  refuse: (seen, context) =>
    firstOf(
      () => refusePassword(seen, context),
      () => notHeldLongEnough(context),
    ),
  apply(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state !== 'there' || !user.seen.password) return [];
    return [step('iam:DeleteLoginProfile', { UserName: user.seen.name })];
  },
  /** Nobody knows it any more. */
  undo: () => [],
};
