import { DAY_MS } from '../../../clock';
import type { ActionContext } from '../../action';
import { silencesKey } from '../../items/course-facts';
import type { ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { called, refusal } from './refusal';

const WAIT = 'Nothing is deleted. It is looked at again when the time has come.';

/** Last use lags by up to four hours, so nothing is deleted that was not held for a day, whatever the rules say. */
export function notHeldLongEnough({ item, at }: ActionContext): Refusal | null {
  const since = item.quarantined_at;
  if (since !== null && at.getTime() - since.getTime() >= DAY_MS) return null;
  return refusal('NO_QUARANTINE', `${called(item)} has not been in quarantine for a whole day.`, WAIT);
}

/**
 * Before the deletion of a user its keys are inactive for a day. A key that is active although it was seen inactive was
 * given back by somebody, and that is for people to decide.
 */
export function keysNotSilent(seen: ObservedUser, context: ActionContext): Refusal | null {
  const { item, at } = context;
  const active = seen.keys.find((key) => key.active && silencesKey(item, key.id));
  if (active) return item.silenced_at ? activeAgain(active.id) : notSilent(active.id);
  if (!mustBeSilent(context)) return null;
  if (item.silenced_at && at.getTime() - item.silenced_at.getTime() >= DAY_MS) return null;
  return refusal('NO_QUARANTINE', `The keys of ${item.name} have not been inactive for a whole day.`, WAIT);
}

/** Whether there is a key to be inactive for a day: one that was active when the item was first touched. */
export const mustBeSilent = ({ item, snapshot }: Pick<ActionContext, 'item' | 'snapshot'>): boolean =>
  snapshot?.kind === 'user' && snapshot.keys.some(({ active, id }) => active && silencesKey(item, id));

export const activeAgain = (keyId: string): Refusal =>
  refusal(
    'ACTIVE_AGAIN',
    `The access key ${keyId} was made inactive by Mothball and is active again: somebody gave it back.`,
    'It is left alone. Exempt it, or propose it again.',
  );

const notSilent = (keyId: string): Refusal =>
  refusal('NO_QUARANTINE', `The access key ${keyId} is still active: it was never made inactive.`, WAIT);
