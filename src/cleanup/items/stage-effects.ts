import type { NewEvent } from '../../tasks/recorded-event';
import { AT_WORK, type PlanItemRow, type Stage } from './plan-item';

/** Nothing more happens to an item there, unless people ask for it. */
const ENDED: ReadonlySet<Stage> = new Set([
  'rehearsed',
  'deleted',
  'restored',
  'recreated',
  'dropped',
  'handed-over',
  'cancelled',
]);

const HELD: ReadonlySet<Stage> = new Set(AT_WORK.filter((stage) => stage !== 'recreating'));

export const isOver = (stage: Stage): boolean => ENDED.has(stage);

/**
 * What becomes of the identity's mark "in quarantine" in the inventory: from before the first request until it is given
 * back or gone. A later plan that takes over goes on holding it.
 */
export const markOf = (stage: Stage): 'held' | 'free' | 'as-it-was' => {
  if (HELD.has(stage)) return 'held';
  return stage === 'handed-over' || stage === 'recreating' || stage === 'recreated' ? 'as-it-was' : 'free';
};

const EVENTS: Partial<Record<Stage, string>> = {
  announced: 'identity.quarantined',
  quarantined: 'identity.quarantined',
  silenced: 'identity.silenced',
  restored: 'identity.restored',
  deleted: 'identity.deleted',
  recreated: 'identity.recreated',
  dropped: 'item.refused',
  halted: 'item.halted',
};

/** What is told of an item that has just come to its stage; ids and the reason only. */
export function eventOf(item: PlanItemRow, by: string | null): NewEvent[] {
  // Deleted as before, with a reason: it could not be made again.
  const type = item.stage === 'deleted' && item.code !== null ? 'item.restore-refused' : EVENTS[item.stage];
  if (type === undefined) return [];
  const ofItem = type.startsWith('item.');
  return [
    {
      type,
      objectType: ofItem ? 'plan-item' : 'identity',
      objectId: ofItem ? item.id : item.identity_id,
      data: {
        planId: item.plan_id,
        itemId: item.id,
        accountId: item.account_id,
        identityId: item.identity_id,
        course: item.course,
        ...(item.code === null ? {} : { code: item.code }),
        ...(item.reason === null ? {} : { reason: item.reason }),
        ...(by === null ? {} : { by }),
      },
    },
  ];
}
