import type { AssumeRoleRequest } from './assume-role';
import type { StsCall } from './sts';
import { decideFor, principalContext } from '../../authorization/authorize';
import { refusal } from '../../authorization/evaluate';
import { accessDenied } from '../../protocol/aws-error';
import type { SimAccount, SimRole } from '../../world/model';

/**
 * Both sides must agree: the role's trust policy, and the caller's own policies; for each of `sts:AssumeRole`,
 * `sts:SetSourceIdentity` (where one is passed) and `sts:TagSession` (where tags are). Throws `AccessDenied`.
 */
export function authorizeAssumption(
  call: StsCall,
  account: SimAccount,
  role: SimRole,
  request: AssumeRoleRequest,
): void {
  const wanted = ['sts:AssumeRole'];
  if (request.sourceIdentity !== undefined) wanted.push('sts:SetSourceIdentity');
  if (request.tags.size > 0) wanted.push('sts:TagSession');
  for (const action of wanted) authorizeOne(call, account, role, request, action);
}

function authorizeOne(
  { simulation, principal, region }: StsCall,
  account: SimAccount,
  role: SimRole,
  request: AssumeRoleRequest,
  action: string,
): void {
  const callerId = principal.account.summary.accountId;
  const context = principalContext(principal, {
    region,
    organizationId: simulation.directory.organizationIdOf(callerId),
    now: simulation.world.time.elapsed(),
  })
    .set('aws:ResourceAccount', account.summary.accountId)
    .set('sts:RoleSessionName', request.sessionName)
    .set('sts:SourceIdentity', request.sourceIdentity);
  // Known to AssumeRole alone, so that a condition on it never holds for the other two.
  if (action === 'sts:AssumeRole') context.set('sts:ExternalId', request.externalId);
  if (request.tags.size > 0) context.set('aws:TagKeys', [...request.tags.keys()]);
  if (request.transitiveTagKeys.length > 0) context.set('sts:TransitiveTagKeys', request.transitiveTagKeys);
  for (const [key, value] of request.tags) context.set(`aws:RequestTag/${key}`, value);
  for (const [key, value] of role.tags)
    context.set(`aws:ResourceTag/${key}`, value).set(`iam:ResourceTag/${key}`, value);

  const trust = simulation.trust.evaluate(role, principal, { action, resource: request.roleArn, context });
  const serviceControl = simulation.directory.serviceControlPolicy(callerId);
  const own = decideFor({ principal, action, resource: request.roleArn, context, serviceControl });
  const refused = refusal(principal.arn, action, request.roleArn, { allowed: true });
  if (trust === 'deny') throw accessDenied(`${refused} with an explicit deny in a resource-based policy`);
  if (trust === 'none') throw accessDenied(refused);
  // Inside one account, a trust policy that names the principal itself is enough, unless something denies explicitly.
  const enoughByTrust = trust === 'direct' && callerId === account.summary.accountId;
  if (!own.allowed && (own.explicit || !enoughByTrust)) {
    throw accessDenied(refusal(principal.arn, action, request.roleArn, own));
  }
}
