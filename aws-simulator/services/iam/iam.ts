import type { IamCall } from './iam-call';
import { targetContext, targetOf } from './iam-resources';
import { iamOperations } from './operations';
import { refuseRoleInUse } from './roles';
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
}

const deleteChecks: Readonly<Record<string, (call: IamCall) => void>> = {
  DeleteUser: refuseUserInUse,
  DeleteRole: refuseRoleInUse,
};

/** Authorizes and answers one IAM request. Throws `AwsError` or the world's errors. */
export function answerIam(
  simulation: Simulation,
  { action, principal, parameters, region }: IamRequest,
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
  });
  authorize({
    principal,
    action: `iam:${action}`,
    resource: target.resource,
    context: targetContext(call, action, target, base),
    serviceControl: simulation.directory.serviceControlPolicy(accountId),
  });
  if (facts.write) simulation.directory.rememberBeforeWrite(account, simulation.switches.eventualConsistencyMs);
  return operation(call);
}
