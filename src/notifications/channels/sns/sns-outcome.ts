import { translateAwsError } from '../../../aws/errors';
import { DomainError } from '../../../errors';
import type { Outcome } from '../channel';
import { oneLine } from '../words/line';
import type { Topic } from './sns-settings';

const MOST = 1_000;

/**
 * Why nothing was published. A topic that is not there may be made again by whoever deletes and creates his stacks, so
 * that it is tried again. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
export function notPublished(error: unknown, topic: Topic, timedOut: boolean): Outcome {
  if (timedOut) return { kind: 'failed', why: 'AWS did not answer within 15 s.' };
  const name = nameOf(error);
  const status = statusOf(error);
  const known = status === undefined ? {} : { status };
  if (name === 'NotFoundException' || name === 'NotFound') {
    return { kind: 'failed', why: `There is no topic ${topic.arn}. Make it, or change the endpoint.`, ...known };
  }
  if (/^(KMS|Kms)/.test(name)) {
    return {
      kind: 'failed',
      why: 'The topic is encrypted with a key of its own, which Mothball does not use. Use a topic without one.',
      ...known,
    };
  }
  if (error instanceof DomainError) return { kind: 'failed', why: sentences(error) };
  return { kind: 'failed', why: sentences(translateAwsError(error, { action: 'sns:Publish' })), ...known };
}

const sentences = ({ message, remedy }: DomainError): string =>
  oneLine(remedy === undefined ? message : `${message} ${remedy}`, MOST);

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';

function statusOf(error: unknown): number | undefined {
  const { $metadata } = (typeof error === 'object' && error !== null ? error : {}) as {
    $metadata?: { httpStatusCode?: unknown };
  };
  return typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined;
}
