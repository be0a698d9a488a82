import { permissions as listingPermissions } from '../accounts/organization.collector';
import { type Grant, mergedGrants } from '../aws/grants';
import { cleanupActions } from '../cleanup/actions';
import { trailPermissions } from '../cleanup/reading/trail/trail-permissions';
import { scanPermissions } from '../scans/collectors/permissions';

/** The roles that Mothball can be given. `list` is in the management account only, the others in each account. */
export const ROLE_KINDS = ['scan', 'list', 'cleanup', 'restore', 'notifications'] as const;
export type RoleKind = (typeof ROLE_KINDS)[number];

export const DEFAULT_ROLE_NAMES: Readonly<Record<RoleKind, string>> = {
  scan: 'mothball-scan',
  list: 'mothball-list',
  cleanup: 'mothball-cleanup',
  restore: 'mothball-restore',
  notifications: 'mothball-notifications',
};

/** What verification asks IAM by the scan role: what Mothball's own roles may do. */
export const SIMULATE = 'iam:SimulatePrincipalPolicy';

const ofActions = (role: 'cleanup' | 'restore'): Grant[] =>
  mergedGrants(cleanupActions.filter((action) => action.role === role).flatMap(({ permissions }) => permissions));

/** What each role must be allowed: exactly what collectors and actions declare, and no more. */
export const roleNeeds: Readonly<Record<RoleKind, readonly Grant[]>> = {
  scan: mergedGrants([
    { on: 'any', actions: scanPermissions },
    { on: 'mothball-roles', actions: [SIMULATE] },
  ]),
  list: mergedGrants([{ on: 'any', actions: listingPermissions }]),
  cleanup: ofActions('cleanup'),
  restore: ofActions('restore'),
  notifications: [{ on: 'topics', actions: ['sns:Publish'] }],
};

/** What the scan role may be allowed besides: without it less is known, and nothing fails. */
export const optionalScanNeeds: readonly Grant[] = [{ on: 'any', actions: trailPermissions }];
