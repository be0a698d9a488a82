import { assumedRoleArn } from '../arns';
import type { Principal } from '../authorization/principal';
import { AwsError, accessDenied } from '../protocol/aws-error';
import { verifySignature } from '../signing/sigv4';
import type { SignatureClaim, SignedRequest } from '../signing/sigv4';
import type { Simulation } from '../simulation';
import { roleArn, rootArn, userArn } from '../world/arn';

const unknownToken = (): AwsError =>
  new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);

/**
 * Who signed the request. The key must exist and be active, the signature must be right, a session must not be
 * expired and its role must still be the one that was assumed.
 */
export async function authenticate(
  simulation: Simulation,
  request: SignedRequest,
  claim: SignatureClaim,
): Promise<Principal> {
  const principal = claim.accessKeyId.startsWith('ASIA')
    ? await sessionPrincipal(simulation, request, claim)
    : await keyPrincipal(simulation, request, claim);
  const { state } = principal.account.summary;
  if (state !== 'ACTIVE' && state !== 'PENDING_CLOSURE') throw accessDenied(`The account is ${state}.`);
  return principal;
}

async function keyPrincipal(simulation: Simulation, request: SignedRequest, claim: SignatureClaim): Promise<Principal> {
  const { accessKeyId } = claim;
  const found = simulation.world.findAccessKey(accessKeyId);
  if (!found || claim.sessionToken !== undefined) throw unknownToken();
  const { account, user, key } = found;
  await verifySignature(request, claim, key.secretAccessKey);
  if (!key.active) {
    const { accountId } = account.summary;
    simulation.world.useIdentity({
      accountId,
      accessKeyId,
      service: claim.service,
      region: claim.region,
      denied: true,
    });
    throw unknownToken();
  }
  if (!user) {
    const arn = rootArn(account);
    return { kind: 'root', account, arn, identityArn: arn, userId: account.summary.accountId, accessKeyId };
  }
  const arn = userArn(account, user);
  return { kind: 'user', account, user, arn, identityArn: arn, userId: user.uniqueId, accessKeyId };
}

async function sessionPrincipal(
  simulation: Simulation,
  request: SignedRequest,
  claim: SignatureClaim,
): Promise<Principal> {
  const session = simulation.sessions.get(claim.accessKeyId);
  if (!session || session.sessionToken !== claim.sessionToken) throw unknownToken();
  await verifySignature(request, claim, session.secretAccessKey);
  if (session.expiresAt <= Date.now()) {
    throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
  }
  const account = simulation.world.account(session.accountId);
  const role = account?.roles.get(session.roleName.toLowerCase());
  if (!account || role?.uniqueId !== session.roleUniqueId) throw unknownToken();
  return {
    kind: 'role',
    account,
    role,
    session,
    arn: assumedRoleArn(account, role.name, session.sessionName),
    identityArn: roleArn(account, role),
    userId: `${role.uniqueId}:${session.sessionName}`,
    accessKeyId: claim.accessKeyId,
  };
}

/** Moves the last use of the key or role that made the request. */
export function recordUse(simulation: Simulation, principal: Principal, claim: SignatureClaim, denied: boolean): void {
  const use = { accountId: principal.account.summary.accountId, service: claim.service, region: claim.region, denied };
  if (principal.kind !== 'role') {
    if (simulation.world.findAccessKey(principal.accessKeyId)) {
      simulation.world.useIdentity({ ...use, accessKeyId: principal.accessKeyId });
    }
    return;
  }
  const { name, uniqueId } = principal.role;
  const current = principal.account.roles.get(name.toLowerCase());
  if (current?.uniqueId === uniqueId) simulation.world.useIdentity({ ...use, roleName: name });
}
