import { unreachable } from '../../errors';
import type { PlanItemRow } from '../items/plan-item';
import type { Refusal } from '../steps';

/** An item with what decides whether and how it can be restored. */
export interface Restorable extends PlanItemRow {
  /** Something of it was deleted, or may have been. */
  readonly beyond_return: boolean;
  readonly has_snapshot: boolean;
  readonly has_restore_role: boolean;
}

export type Way =
  /** It is in quarantine: given back by the clean-up role. */
  | { readonly way: 'give-back' }
  /** Deleted, in whole or in part: made again by the restore role. */
  | { readonly way: 'make-again' }
  | { readonly way: 'under-way' }
  | { readonly way: 'none'; readonly why: Refusal };

const none = (code: string, reason: string, remedy: string): Way => ({ way: 'none', why: { code, reason, remedy } });

/** How an item comes back at this moment. Pure. */
export function wayBack(item: Restorable): Way {
  switch (item.stage) {
    case 'returning':
    case 'recreating':
      return { way: 'under-way' };
    case 'quarantining':
    case 'announced':
    case 'quarantined':
    case 'silenced':
      return { way: 'give-back' };
    case 'deleting':
      if (!item.beyond_return) return { way: 'give-back' };
      return none(
        'DELETION_UNDER_WAY',
        `The deletion of ${item.name} is under way.`,
        'Wait until it has ended or halted, then restore it.',
      );
    case 'halted':
      // Of an observed key the user is there yet, and held by the boundary until it is given back.
      return item.beyond_return && item.course !== 'observed-key' ? makeAgain(item) : { way: 'give-back' };
    case 'deleted':
      return makeAgain(item);
    case 'refused':
    case 'waiting':
    case 'rehearsed':
    case 'cancelled':
      return none('UNTOUCHED', `Nothing has been done to ${item.name}.`, 'Nothing is to be restored.');
    case 'restored':
    case 'recreated':
    case 'dropped':
      return none('BACK_ALREADY', `${item.name} is not in quarantine any more.`, 'Nothing is to be restored.');
    case 'handed-over':
      return none('HANDED_OVER', `A later plan goes on with ${item.name}.`, 'Restore the item of that plan.');
    default:
      return unreachable(item.stage);
  }
}

function makeAgain(item: Restorable): Way {
  if (item.course === 'access-key' || item.course === 'observed-key') {
    return none(
      'NEVER_COMES_BACK',
      `The access key ${item.access_key_id} was deleted, and its secret cannot be brought back.`,
      'Have its owner make a new access key.',
    );
  }
  if (item.course === 'password') {
    return none(
      'NEVER_COMES_BACK',
      `The password of ${item.name} was deleted, and cannot be brought back.`,
      'An administrator of the account can set a new one.',
    );
  }
  if (!item.has_snapshot) {
    return none(
      'NO_SNAPSHOT',
      `What ${item.name} was like is not kept any more.`,
      'It can only be made again by hand. The rule snapshotDays says how long snapshots are kept.',
    );
  }
  if (!item.has_restore_role) {
    return none(
      'NO_RESTORE_ROLE',
      `The account ${item.aws_account_id} has no restore role, which alone may make users and roles again.`,
      'Deploy the restore role in the account and set it on the account, then ask again.',
    );
  }
  return { way: 'make-again' };
}
