import type { ActionContext } from '../../action';
import type { Observed } from '../../observed';
import { step } from '../../requests';
import type { Step } from '../../steps';
import { denyAllArn, isOurBoundary } from '../refusals/boundary';

/** Puts `AWSDenyAll` on a user or role that has no boundary. One that is there is never replaced. */
export function holdBack(seen: Observed, { item }: ActionContext): Step[] {
  if (seen.boundaryArn !== null) return [];
  const PermissionsBoundary = denyAllArn(item);
  return seen.kind === 'user'
    ? [step('iam:PutUserPermissionsBoundary', { UserName: seen.name, PermissionsBoundary })]
    : [step('iam:PutRolePermissionsBoundary', { RoleName: seen.name, PermissionsBoundary })];
}

/** Takes our own boundary away, nobody else's. */
export function letGo(seen: Observed, context: ActionContext): Step[] {
  if (!isOurBoundary(seen, context)) return [];
  return seen.kind === 'user'
    ? [step('iam:DeleteUserPermissionsBoundary', { UserName: seen.name })]
    : [step('iam:DeleteRolePermissionsBoundary', { RoleName: seen.name })];
}
