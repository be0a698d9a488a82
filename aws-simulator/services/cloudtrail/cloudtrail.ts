import { authorize, principalContext } from '../../authorization/authorize';
import type { Principal } from '../../authorization/principal';
import { AwsError } from '../../protocol/aws-error';
import type { Simulation } from '../../simulation';
import { lookupEvents } from './lookup-events';

export const CLOUDTRAIL_TARGET = 'CloudTrail_20131101';

export interface CloudTrailCall {
  readonly simulation: Simulation;
  readonly principal: Principal;
  readonly input: Readonly<Record<string, unknown>>;
  readonly region: string;
}

/** Authorizes and answers one CloudTrail request: `LookupEvents`, which is authorized on no resource. */
export function answerCloudTrail(action: string, call: CloudTrailCall): Record<string, unknown> {
  if (action !== 'LookupEvents') throw new AwsError('UnknownOperationException', `Unknown operation ${action}.`);
  const { simulation, principal, region } = call;
  const { accountId } = principal.account.summary;
  authorize({
    principal,
    action: 'cloudtrail:LookupEvents',
    resource: '*',
    context: principalContext(principal, {
      region,
      organizationId: simulation.directory.organizationIdOf(accountId),
      now: simulation.world.time.elapsed(),
    }),
    serviceControl: simulation.directory.serviceControlPolicy(accountId),
  });
  return lookupEvents(call);
}
