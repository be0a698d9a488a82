import type { CleanupAction } from '../action';
import { CREDENTIAL_READS } from '../fresh-reads';
import { step } from '../requests';
import { tagsChanged } from './refusals/changes';
import { foundUser } from './refusals/found';
import { activeAgain, notHeldLongEnough } from './refusals/held';
import { firstOf } from './refusals/refusal';
import { theKey } from './refusals/the-key';
import { keyInUse } from './refusals/use';

/** `DeleteAccessKey` is authorized on the user, so IAM cannot protect the sibling key: fresh reads have to. */
export const deleteAccessKey: CleanupAction = {
  id: 'delete-access-key',
  fixes: ['unused-access-key', 'access-key-not-rotated', 'second-active-key', 'inactive-access-key'],
  courses: ['access-key'],
  role: 'cleanup',
  permissions: [...CREDENTIAL_READS, { on: 'users', actions: ['iam:DeleteAccessKey'] }],

  refuse(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state === 'refused') return user.refusal;
    if (user.state === 'deleted-by-us') return null;
    const found = theKey(user.seen, context);
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    return firstOf(
      () => tagsChanged(user.seen, context),
      () => (found.key.active ? activeAgain(found.key.id) : null),
      () => notHeldLongEnough(context),
      () => keyInUse(found.key, context),
    );
  },

  apply(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state !== 'there') return [];
    const found = theKey(user.seen, context);
    if (found.state !== 'there') return [];
    return [step('iam:DeleteAccessKey', { UserName: user.seen.name, AccessKeyId: found.key.id })];
  },

  /** Its secret is gone with it. */
  undo: () => [],
};
