import type { ActionContext } from '../../action';
import type { ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { called, firstOf, PROPOSE_AGAIN, refusal } from './refusal';
import { otherCredentials } from './user-changes';

/** A user is put in quarantine for one key's sake only while nothing else of it is active, and so nothing else is stopped. */
export function otherActiveCredential(seen: ObservedUser, context: ActionContext): Refusal | null {
  const { item } = context;
  const another = (what: string): Refusal =>
    refusal(
      'NEW_ATTACHMENT',
      `${called(item)} has ${what} besides the access key ${item.access_key_id}.`,
      PROPOSE_AGAIN,
    );
  const key = seen.keys.find(({ id, active }) => active && id !== item.access_key_id);
  return firstOf(
    () => (key ? another(`another active access key (${key.id})`) : null),
    () => (seen.password ? another('a password') : null),
    () => otherCredentials(seen, context),
  );
}
