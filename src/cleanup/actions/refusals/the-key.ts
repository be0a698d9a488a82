import type { ActionContext } from '../../action';
import type { ObservedKey, ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { mayHaveDone } from './intended';
import { PROPOSE_AGAIN, refusal } from './refusal';
import { isKey } from './user-changes';

/** The very key that was approved; nothing, because we deleted it; or a reason to stop. */
export type FoundKey =
  | { readonly state: 'there'; readonly key: ObservedKey }
  | { readonly state: 'deleted-by-us' }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/**
 * `DeleteAccessKey` is authorized on the user, so IAM does not protect the sibling key; this does: id, owner and second
 * of creation must all be those that were approved.
 */
export function theKey(seen: ObservedUser, context: ActionContext): FoundKey {
  const { access_key_id: id, name, approved } = context.item;
  const meant = approved.keys.find((key) => key.id === id && id !== null);
  if (id === null || !meant) {
    return refused('KEY_MISMATCH', `The plan does not say exactly which access key of ${name} is meant.`);
  }
  const key = seen.keys.find((candidate) => candidate.id === id);
  if (!key) {
    return mayHaveDone(context, 'iam:DeleteAccessKey', { UserName: name, AccessKeyId: id })
      ? { state: 'deleted-by-us' }
      : refused('NOT_THERE', `The access key ${id} is not a key of ${name} any more; it was not deleted by this plan.`);
  }
  return isKey(meant, key)
    ? { state: 'there', key }
    : refused('KEY_MISMATCH', `The access key ${id} of ${name} was not created when the approved one was.`);
}

const refused = (code: string, reason: string): FoundKey => ({
  state: 'refused',
  refusal: refusal(code, reason, PROPOSE_AGAIN),
});
