import type { IamCall } from './iam-call';
import { targetContext, targetOf } from './iam-resources';
import { refuseGroupInUse } from './groups';
import { refuseProfileInUse } from './instance-profiles';
import { refusePolicyInUse } from './managed-policies';
import { refuseDeviceInUse } from './mfa-devices';
import { iamOperations } from './operations';
import { authorizePassRole } from './pass-role';
import { refuseRoleInUse } from './roles';
import { watch } from './touched';
import type { Touched } from './touched';
import { refuseUserInUse } from './users';
import { actions } from '../../authorization/actions';
import { authorize, principalContext } from '../../authorization/authorize';
import type { Principal } from '../../authorization/principal';
import { AwsError } from '../../protocol/aws-error';
import type { QueryParameters } from '../../protocol/query-parameters';
import type { XmlObject } from '../../protocol/xml';
import type { Simulation } from '../../simulation';

export const IAM_VERSION = '2010-05-08';
export const IAM_NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';

interface IamRequest {
  action: string;
  principal: Principal;
  parameters: QueryParameters;
  region: string;
  /** Told of each write that took effect. */
  applied: (touched: Touched) => void;
}

const deleteChecks: Readonly<Record<string, (call: IamCall) => void>> = {
  DeleteUser: refuseUserInUse,
  DeleteRole: refuseRoleInUse,
  DeleteGroup: refuseGroupInUse,
  DeletePolicy: refusePolicyInUse,
  DeleteInstanceProfile: refuseProfileInUse,
  DeleteVirtualMFADevice: refuseDeviceInUse,
};

/** Authorizes and answers one IAM request. Throws `AwsError` or the world's errors. */
export function answerIam(
  simulation: Simulation,
  { action, principal, parameters, region, applied }: IamRequest,
): XmlObject | undefined {
  const operation = iamOperations.get(action);
  const facts = actions[`iam:${action}`];
  if (!operation || !facts) {
    throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${IAM_VERSION}`, 400);
  }
  const { account } = principal;
  const accountId = account.summary.accountId;
  const call: IamCall = {
    simulation,
    principal,
    parameters,
    account: facts.write ? account : simulation.directory.readView(account),
  };
  if (!simulation.switches.authorizationBeforeConflict) deleteChecks[action]?.(call);

  const target = targetOf(call, action, facts);
  const base = principalContext(principal, {
    region,
    organizationId: simulation.directory.organizationIdOf(accountId),
    now: simulation.world.time.elapsed(),
  });
  authorize({
    principal,
    action: `iam:${action}`,
    resource: target.resource,
    context: targetContext(call, action, target, base),
    serviceControl: simulation.directory.serviceControlPolicy(accountId),
  });
  if (action === 'AddRoleToInstanceProfile') authorizePassRole(call, base);
  if (!facts.write) return operation(call);

  if (target.identity) simulation.recentWrites.refuseTooSoon(simulation, action, target.identity);
  simulation.directory.rememberBeforeWrite(account, simulation.switches.eventualConsistencyMs);
  const touched = watch(call, () => targetOf(call, action, facts));
  const answer = operation(call);
  const ids = touched();
  simulation.recentWrites.note(ids.identityIds);
  applied(ids);
  return answer;
}
