import type { ActionContext, CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';
import type { ObservedKey, ObservedUser } from '../observed';
import { boundaryMissing } from './refusals/boundary';
import { foundUser } from './refusals/found';
import { activeAgain } from './refusals/held';
import { refuseHoldingUser } from './refusals/holding';
import { firstOf } from './refusals/refusal';
import { theKey } from './refusals/the-key';
import { giveKeysBack } from './steps/key-steps';
import { keyStatus } from './steps/user-steps';

/** For a day before a deletion the keys are inactive, too: whoever still needs them is told by everything failing. */
export const silenceUser: CleanupAction = {
  id: 'silence-user',
  fixes: ['unused-user', 'unused-password', 'unused-access-key', 'access-key-not-rotated'],
  courses: ['user', 'observed-key'],
  role: 'cleanup',
  permissions: [...USER_READS, ...signsOfLife('users'), { on: 'users', actions: ['iam:UpdateAccessKey'] }],

  refuse(seen, context) {
    const found = foundUser(seen, context, 'whole');
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    const loud = keysMeant(found.seen, context).find(({ active }) => active);
    return firstOf(
      () => boundaryMissing(found.seen, context),
      () => (loud && context.item.silenced_at ? activeAgain(loud.id) : null),
      () => refuseHoldingUser(found.seen, context),
    );
  },

  apply(seen, context) {
    const found = foundUser(seen, context, 'whole');
    if (found.state !== 'there') return [];
    return keysMeant(found.seen, context)
      .filter(({ active }) => active)
      .map(({ id }) => keyStatus(found.seen.name, id, 'Inactive'));
  },

  undo(seen, context) {
    const found = foundUser(seen, context, 'whole');
    return found.state === 'there' ? giveKeysBack(found.seen, context) : [];
  },
};

function keysMeant(user: ObservedUser, context: ActionContext): readonly ObservedKey[] {
  if (context.item.course === 'user') return user.keys;
  const found = theKey(user, context);
  return found.state === 'there' ? [found.key] : [];
}
