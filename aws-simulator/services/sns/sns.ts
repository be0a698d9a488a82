import { authorize, principalContext } from '../../authorization/authorize';
import { applies } from '../../authorization/evaluate';
import { parsePolicy } from '../../authorization/policy-document';
import type { Principal } from '../../authorization/principal';
import { AwsError } from '../../protocol/aws-error';
import type { QueryParameters } from '../../protocol/query-parameters';
import type { XmlObject } from '../../protocol/xml';
import type { Simulation } from '../../simulation';
import { invalidParameter, publish } from './publish';

export const SNS_VERSION = '2010-03-31';
export const SNS_NAMESPACE = 'https://sns.amazonaws.com/doc/2010-03-31/';

export interface SnsCall {
  readonly simulation: Simulation;
  readonly principal: Principal;
  readonly parameters: QueryParameters;
  readonly region: string;
}

const TOPIC_ARN = /^arn:[\w-]+:sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/;

/**
 * Authorizes and answers one SNS request: `Publish` by the topic's own account. Of a topic's policy only what it denies
 * is looked at. Errors: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
export function answerSns(action: string, call: SnsCall): XmlObject {
  if (action !== 'Publish') {
    throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${SNS_VERSION}`, 400);
  }
  const arn = call.parameters.optional('TopicArn') ?? '';
  const [, region, accountId] = TOPIC_ARN.exec(arn) ?? [];
  if (region === undefined || region !== call.region) throw invalidParameter('TopicArn');
  mustBeAllowed(call, arn, accountId);
  const topic = call.simulation.topics.at(arn);
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return publish(call, topic);
}

/** SNS says it in words of its own, with its own code. */
function mustBeAllowed({ simulation, principal, region }: SnsCall, resource: string, owner: string | undefined): void {
  const { accountId } = principal.account.summary;
  const context = principalContext(principal, {
    region,
    organizationId: simulation.directory.organizationIdOf(accountId),
    now: simulation.world.time.elapsed(),
  });
  const refused = (why: string): AwsError =>
    new AwsError(
      'AuthorizationError',
      `User: ${principal.arn} is not authorized to perform: SNS:Publish on resource: ${resource} ${why}`,
      403,
    );
  const request = { action: 'sns:Publish', resource, context };
  const statements = parsePolicy(simulation.topics.at(resource)?.policy ?? NOTHING);
  if (statements.some((statement) => statement.effect === 'Deny' && applies(statement, request))) {
    throw refused('with an explicit deny in a resource-based policy');
  }
  if (owner !== accountId) throw refused('because no resource-based policy allows the SNS:Publish action');
  try {
    authorize({ principal, ...request, serviceControl: simulation.directory.serviceControlPolicy(accountId) });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw refused(/(?:with an|because no) .*$/.exec(error.message)?.[0].replace('sns:', 'SNS:') ?? '');
  }
}

const NOTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sns:Subscribe', Resource: '*' }],
});
