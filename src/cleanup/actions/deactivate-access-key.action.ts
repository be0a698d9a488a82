import type { CleanupAction } from '../action';
import { CREDENTIAL_READS } from '../fresh-reads';
import { tagsChanged } from './refusals/changes';
import { foundUser } from './refusals/found';
import { activeAgain } from './refusals/held';
import { firstOf, PROPOSE_AGAIN, refusal } from './refusals/refusal';
import { theKey } from './refusals/the-key';
import { keyInUse } from './refusals/use';
import { giveKeysBack } from './steps/key-steps';
import { keyStatus } from './steps/user-steps';

/** A key is quarantined by making it inactive, and comes back by making it active again. */
export const deactivateAccessKey: CleanupAction = {
  id: 'deactivate-access-key',
  fixes: ['unused-access-key', 'access-key-not-rotated', 'second-active-key', 'inactive-access-key'],
  courses: ['access-key'],
  role: 'cleanup',
  permissions: [...CREDENTIAL_READS, { on: 'users', actions: ['iam:UpdateAccessKey'] }],

  refuse(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state === 'refused') return user.refusal;
    if (user.state === 'deleted-by-us') return null;
    const found = theKey(user.seen, context);
    if (found.state === 'refused') return found.refusal;
    if (found.state === 'deleted-by-us') return null;
    const { item } = context;
    const { key } = found;
    const wasActive = item.approved.keys.some(({ id, active }) => id === key.id && active);
    return firstOf(
      () => tagsChanged(user.seen, context),
      () => (key.active && item.quarantined_at ? activeAgain(key.id) : null),
      () =>
        key.active && !wasActive
          ? refusal('ACTIVE_AGAIN', `The access key ${key.id} was inactive when this was approved.`, PROPOSE_AGAIN)
          : null,
      () => keyInUse(key, context),
    );
  },

  apply(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state !== 'there') return [];
    const found = theKey(user.seen, context);
    return found.state === 'there' && found.key.active ? [keyStatus(user.seen.name, found.key.id, 'Inactive')] : [];
  },

  undo(seen, context) {
    const user = foundUser(seen, context, 'credentials');
    if (user.state !== 'there') return [];
    const found = theKey(user.seen, context);
    return found.state === 'there' ? giveKeysBack({ ...user.seen, keys: [found.key] }, context) : [];
  },
};
