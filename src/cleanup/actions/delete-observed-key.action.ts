import type { ActionContext, CleanupAction } from '../action';
import { signsOfLife, USER_READS } from '../fresh-reads';
import type { ObservedUser } from '../observed';
import { step } from '../requests';
import type { Refusal } from '../steps';
import { boundaryMissing } from './refusals/boundary';
import { tagsChanged } from './refusals/changes';
import { foundUser } from './refusals/found';
import { keysNotSilent, notHeldLongEnough } from './refusals/held';
import { otherActiveCredential } from './refusals/only-credential';
import { firstOf } from './refusals/refusal';
import { theKey } from './refusals/the-key';
import { keyInUse } from './refusals/use';
import { userAttachmentsChanged } from './refusals/user-changes';
import { letGo } from './steps/boundary-steps';

/** The key alone is deleted; when it is gone, its user, who has nothing active left, gets its boundary taken away. */
export const deleteObservedKey: CleanupAction = {
  id: 'delete-observed-key',
  fixes: ['unused-access-key', 'access-key-not-rotated'],
  courses: ['observed-key'],
  role: 'cleanup',
  permissions: [
    ...USER_READS,
    ...signsOfLife('users'),
    { on: 'users', actions: ['iam:DeleteAccessKey'] },
    { on: 'users', actions: ['iam:DeleteUserPermissionsBoundary'], when: 'boundary-is-deny-all' },
  ],

  refuse(seen, context) {
    const user = foundUser(seen, context, 'whole');
    if (user.state === 'refused') return user.refusal;
    if (user.state === 'deleted-by-us') return null;
    const found = theKey(user.seen, context);
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return afterwards(user.seen, context);
    return firstOf(
      () => tagsChanged(user.seen, context),
      () => boundaryMissing(user.seen, context),
      () => userAttachmentsChanged(user.seen, context),
      () => otherActiveCredential(user.seen, context),
      () => keysNotSilent(user.seen, context),
      () => notHeldLongEnough(context),
      () => keyInUse(found.key, context),
    );
  },

  apply(seen, context) {
    const user = foundUser(seen, context, 'whole');
    if (user.state !== 'there') return [];
    const found = theKey(user.seen, context);
    if (found.state === 'refused') return [];
    const deletion =
      found.state === 'there'
        ? [step('iam:DeleteAccessKey', { UserName: user.seen.name, AccessKeyId: found.key.id })]
        : [];
    return [...deletion, ...letGo(user.seen, context)];
  },

  /** The key's secret is gone with it. */
  undo: () => [],
};

/** With the key gone, only a credential that somebody made since could be let loose: that is theirs to decide. */
const afterwards = (user: ObservedUser, context: ActionContext): Refusal | null =>
  user.boundaryArn === null
    ? null
    : firstOf(
        () => boundaryMissing(user, context),
        () => otherActiveCredential(user, context),
      );
