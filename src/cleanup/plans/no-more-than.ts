import type { PlanItemRow } from '../items/plan-item';
import type { PreparedItem } from './plan-preparation.service';

/** An item as people saw it in the draft. */
export type DraftedItem = Pick<PlanItemRow, 'id' | 'identity_id' | 'course' | 'stage' | 'finding_ids'>;

/**
 * What is worked out anew, but nothing more than the draft showed: what was refused there, or would now be put away in
 * another way, is refused. Items keep their ids, so that whoever has looked at the draft finds them again.
 */
export function noMoreThan(drafted: readonly DraftedItem[], items: readonly PreparedItem[]): PreparedItem[] {
  const seen = new Map(drafted.map((item) => [item.identity_id, item]));
  return items.map((item) => {
    const before = seen.get(item.identity_id);
    const kept = { ...item, id: before?.id ?? item.id };
    if (item.refusal !== null || (before?.stage === 'waiting' && before.course === item.course)) return kept;
    const refusal = {
      code: 'CHANGED_SINCE_DRAFT',
      reason: before
        ? 'It can be put away now, but was refused, or to be put away in another way, when the draft was made.'
        : 'It was not in the draft in this way.',
      remedy: 'Make the draft again, and look at it.',
    };
    return { ...kept, refusal };
  });
}
