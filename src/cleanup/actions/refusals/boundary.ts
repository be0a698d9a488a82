import { awsPolicyArn } from '../../../aws/arns';
import type { ActionContext } from '../../action';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import type { Refusal } from '../../steps';
import { mayHaveDone } from './intended';
import { called, refusal } from './refusal';

/** AWS's own policy, which nobody in the account can edit. */
export const denyAllArn = ({ partition }: Pick<PlanItemRow, 'partition'>): string =>
  awsPolicyArn(partition, 'AWSDenyAll');

/**
 * Whether the boundary that is there is the one that we put: `AWSDenyAll`, on somebody who had none when first touched.
 * One that somebody else put is not ours to take away, whatever it says.
 */
export function isOurBoundary(seen: Observed, context: ActionContext): boolean {
  if (seen.boundaryArn !== denyAllArn(context.item)) return false;
  if (context.snapshot === null || context.snapshot.boundaryArn !== null) return false;
  return seen.kind === 'user'
    ? mayHaveDone(context, 'iam:PutUserPermissionsBoundary', { UserName: seen.name })
    : mayHaveDone(context, 'iam:PutRolePermissionsBoundary', { RoleName: seen.name });
}

/** IAM cannot keep the clean-up role from replacing somebody's own boundary, so this has to. */
export function foreignBoundary(seen: Observed, context: ActionContext): Refusal | null {
  if (seen.boundaryArn === null || isOurBoundary(seen, context)) return null;
  return refusal(
    'BOUNDARY_OF_ITS_OWN',
    `${called(context.item)} has a permissions boundary that Mothball did not put there (${seen.boundaryArn}).`,
    'The clean-up role could not put it back. Take the boundary away, or deal with this one by hand.',
  );
}

/** Of what is held by a boundary: it must be there, and ours, until the very end. */
export function boundaryMissing(seen: Observed, context: ActionContext): Refusal | null {
  if (seen.boundaryArn !== null) return foreignBoundary(seen, context);
  return refusal(
    'NO_QUARANTINE',
    `${called(context.item)} does not have the boundary AWSDenyAll any more: somebody took it out of quarantine.`,
    'It is left alone. Propose it again if it should go.',
  );
}
