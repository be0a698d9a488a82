import { assumeRole } from './assume-role';
import type { Principal } from '../../authorization/principal';
import { AwsError } from '../../protocol/aws-error';
import type { QueryParameters } from '../../protocol/query-parameters';
import type { XmlObject } from '../../protocol/xml';
import type { Simulation } from '../../simulation';

export const STS_VERSION = '2011-06-15';
export const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface StsCall {
  readonly simulation: Simulation;
  readonly principal: Principal;
  readonly parameters: QueryParameters;
  readonly region: string;
}

export const stsOperations: ReadonlyMap<string, (call: StsCall) => XmlObject> = new Map([
  ['AssumeRole', assumeRole],
  /** Needs no permission, and none can be denied. */
  [
    'GetCallerIdentity',
    ({ principal }: StsCall): XmlObject => ({
      Arn: principal.arn,
      UserId: principal.userId,
      Account: principal.account.summary.accountId,
    }),
  ],
]);

export function answerSts(action: string, call: StsCall): XmlObject {
  const operation = stsOperations.get(action);
  if (!operation)
    throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${STS_VERSION}`, 400);
  return operation(call);
}
