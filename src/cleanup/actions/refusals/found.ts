import { sameSecond } from '../../../scans/collectors/tracking';
import type { ActionContext } from '../../action';
import type { Observed, ObservedRole, ObservedScope, ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { mayHaveDone } from './intended';
import { called, PROPOSE_AGAIN, refusal } from './refusal';

/** Who was found under the item's name: who was approved; nobody, because we deleted it; or a reason to stop. */
export type Found<Seen> =
  | { readonly state: 'there'; readonly seen: Seen }
  | { readonly state: 'deleted-by-us' }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/** @throws Error where less was read than is needed: what was not read must not be taken for absent. */
export function foundUser(seen: Observed | null, context: ActionContext, scope: ObservedScope): Found<ObservedUser> {
  const deleted = mayHaveDone(context, 'iam:DeleteUser', { UserName: context.item.name });
  const found = foundApproved(seen, context, deleted);
  if (found.state !== 'there') return found;
  if (found.seen.kind !== 'user') throw new Error('A role was read for an item about a user.');
  if (scope === 'whole' && found.seen.scope !== 'whole') throw new Error('The user was not read whole.');
  return { state: 'there', seen: found.seen };
}

export function foundRole(seen: Observed | null, context: ActionContext): Found<ObservedRole> {
  const deleted = mayHaveDone(context, 'iam:DeleteRole', { RoleName: context.item.name });
  const found = foundApproved(seen, context, deleted);
  if (found.state !== 'there') return found;
  if (found.seen.kind !== 'role') throw new Error('A user was read for an item about a role.');
  return { state: 'there', seen: found.seen };
}

/** Exactly who was approved: name, account, unique id and second of creation. Names are used again, unique ids are not. */
export const isApproved = (seen: Observed, { item }: Pick<ActionContext, 'item'>): boolean =>
  seen.name === item.name &&
  seen.awsAccountId === item.aws_account_id &&
  seen.uniqueId === item.principal_id &&
  sameSecond(seen.createdAt, new Date(item.approved.createdAt));

function foundApproved(seen: Observed | null, context: ActionContext, deletedByUs: boolean): Found<Observed> {
  const { item } = context;
  if (seen && isApproved(seen, context)) {
    return seen.path === item.path ? { state: 'there', seen } : { state: 'refused', refusal: moved(seen, context) };
  }
  // Whoever has the name by now is somebody else: what we deleted is gone all the same.
  if (deletedByUs) return { state: 'deleted-by-us' };
  const why = seen
    ? refusal(
        'RE_CREATED',
        `${called(item)} is not the one that was approved: that was ${item.principal_id}, this is ${seen.uniqueId}.`,
        `Nothing is done to the new one. ${PROPOSE_AGAIN}`,
      )
    : refusal(
        'NOT_THERE',
        `${called(item)} does not exist any more, and it was not deleted by this plan.`,
        'Nothing is left to do. Scan the account, so that its findings are closed.',
      );
  return { state: 'refused', refusal: why };
}

const moved = (seen: Observed, { item }: ActionContext): Refusal =>
  refusal('CHANGED', `${called(item)} was moved from the path ${item.path} to ${seen.path}.`, PROPOSE_AGAIN);
