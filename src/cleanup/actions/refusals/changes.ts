import type { ActionContext } from '../../action';
import type { Observed } from '../../observed';
import type { Refusal } from '../../steps';
import { called, PROPOSE_AGAIN, refusal } from './refusal';

/**
 * Tags say what is managed as code, exempt, or in a policy's scope; so with other tags it is not what was approved.
 */
export function tagsChanged(seen: Observed, { item }: ActionContext): Refusal | null {
  const before = item.approved.tags;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(seen.tags)])].sort();
  const changed = keys.find((key) => before[key] !== seen.tags[key]);
  if (changed === undefined) return null;
  const how = !(changed in before) ? 'was added' : changed in seen.tags ? 'was changed' : 'was removed';
  return refusal('CHANGED', `${called(item)}: the tag ${changed} ${how} since it was approved.`, PROPOSE_AGAIN);
}

/** One kind of attachment: what is there, what was approved, and what of it we took away ourselves. */
export interface Attachments {
  /** `managed policy`. */
  readonly what: string;
  readonly seen: readonly string[];
  readonly approved: readonly string[];
  readonly takenByUs: (one: string) => boolean;
}

/** More than what was approved may be in use; less, unless we took it away, says that somebody is at work there. */
export function attachmentsChanged(kinds: readonly Attachments[], { item }: ActionContext): Refusal | null {
  for (const { what, seen, approved } of kinds) {
    const added = seen.find((one) => !approved.includes(one));
    if (added !== undefined) return newAttachment(`${called(item)} has a ${what} that was not approved: ${added}.`);
  }
  for (const { what, seen, approved, takenByUs } of kinds) {
    const missing = approved.find((one) => !seen.includes(one) && !takenByUs(one));
    if (missing !== undefined) {
      return refusal(
        'CHANGED',
        `${called(item)} does not have the ${what} ${missing} any more, and it was not Mothball that took it away.`,
        PROPOSE_AGAIN,
      );
    }
  }
  return null;
}

export const newAttachment = (reason: string): Refusal =>
  refusal('NEW_ATTACHMENT', reason, `Somebody may have plans for it. ${PROPOSE_AGAIN}`);

/** What was saved is what a restore brings back, so a document that is another one by now is not thrown away. */
export function documentsChanged(seen: Observed, { item, snapshot }: ActionContext): Refusal | null {
  if (snapshot === null) return null;
  const changed = Object.keys(seen.inlinePolicies).find(
    (name) => name in snapshot.inlinePolicies && snapshot.inlinePolicies[name] !== seen.inlinePolicies[name],
  );
  if (changed !== undefined) {
    return refusal('CHANGED', `${called(item)}: its inline policy ${changed} was changed.`, PROPOSE_AGAIN);
  }
  if (seen.kind === 'role' && snapshot.kind === 'role' && seen.trustPolicy !== snapshot.trustPolicy) {
    return refusal('CHANGED', `${called(item)}: its trust policy was changed.`, PROPOSE_AGAIN);
  }
  return null;
}
