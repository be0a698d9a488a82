import { sameSecond } from '../../../scans/collectors/tracking';
import type { ActionContext } from '../../action';
import type { ObservedUser } from '../../observed';
import type { Step } from '../../steps';
import { mayHaveDone } from '../refusals/intended';
import { keyStatus } from './user-steps';

/**
 * Makes active again what we made inactive, and only that: of keys that were active when they were first touched. One
 * that somebody else switched off since then may have been leaked.
 */
export function giveKeysBack(seen: ObservedUser, context: ActionContext): Step[] {
  const { snapshot } = context;
  if (snapshot?.kind !== 'user') return [];
  return seen.keys
    .filter((key) => !key.active)
    .filter(({ id, createdAt }) =>
      snapshot.keys.some((saved) => saved.id === id && saved.active && sameSecond(saved.createdAt, createdAt)),
    )
    .filter(({ id }) =>
      mayHaveDone(context, 'iam:UpdateAccessKey', { UserName: seen.name, AccessKeyId: id, Status: 'Inactive' }),
    )
    .map(({ id }) => keyStatus(seen.name, id, 'Active'));
}
