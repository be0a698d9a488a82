import { listings } from './listings';
import { lookups } from './lookups';
import { actions } from '../../authorization/actions';
import { authorize, principalContext } from '../../authorization/authorize';
import type { Principal } from '../../authorization/principal';
import { AwsError } from '../../protocol/aws-error';
import type { Simulation } from '../../simulation';
import { targetArn } from './targets';

export type JsonInput = Readonly<Record<string, unknown>>;
export type JsonObject = { [name: string]: unknown };

export interface OrganizationsCall {
  readonly simulation: Simulation;
  readonly principal: Principal;
  readonly input: JsonInput;
  readonly region: string;
}

export type OrganizationsOperation = (call: OrganizationsCall) => JsonObject;

export const ORGANIZATIONS_TARGET = 'AWSOrganizationsV20161128';

export const organizationsOperations: ReadonlyMap<string, OrganizationsOperation> = new Map(
  Object.entries({ ...listings, ...lookups }),
);

/** Any member account may ask for this; everything else is for the management account and delegated administrators. */
const FOR_MEMBERS = new Set(['DescribeOrganization']);

/** Authorizes and answers one Organizations request. Error codes are Organizations' own. */
export function answerOrganizations(action: string, call: OrganizationsCall): JsonObject {
  const operation = organizationsOperations.get(action);
  if (!operation || !actions[`organizations:${action}`]) {
    throw new AwsError('UnknownOperationException', `Unknown operation ${action}.`);
  }
  const { simulation, principal, region } = call;
  const { organization } = simulation.world;
  const accountId = principal.account.summary.accountId;
  const organizationId = simulation.directory.organizationIdOf(accountId);
  authorize({
    principal,
    action: `organizations:${action}`,
    resource: targetArn(call, action),
    context: principalContext(principal, { region, organizationId, now: simulation.world.time.elapsed() }),
    serviceControl: simulation.directory.serviceControlPolicy(accountId),
  });
  if (organizationId === undefined) {
    throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  }
  const trusted = [organization.managementAccountId, ...organization.delegatedAdministratorIds];
  if (!FOR_MEMBERS.has(action) && !trusted.includes(accountId)) {
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  }
  return operation(call);
}
