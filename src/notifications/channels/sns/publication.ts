import { createHash } from 'node:crypto';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { Message } from '../message';
import { oneLine } from '../words/line';
import type { Topic } from './sns-settings';

/** Under 100 characters of ASCII, no line breaks: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT = 99;

/**
 * The text is the very JSON that a webhook gets; subscriptions filter by the attributes. A FIFO topic keeps what is about
 * one object in its order, and leaves out within five minutes what it has had already.
 */
export function publicationOf(topic: Topic, message: Message): PublishCommandInput {
  const { about } = message;
  const attributes = { type: message.type, severity: about?.severity, account: about?.account };
  return {
    TopicArn: topic.arn,
    Message: message.body,
    Subject: subjectOf(message),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, { DataType: 'String', StringValue: value }]],
      ),
    ),
    ...(topic.fifo
      ? { MessageGroupId: groupOf(about?.objectKey ?? message.id), MessageDeduplicationId: message.id }
      : {}),
  };
}

function subjectOf({ type, words }: Message): string {
  const ascii = words.title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]+/g, '?');
  const line = oneLine(`Mothball: ${ascii}`, SUBJECT).replace('…', '');
  return line === 'Mothball:' ? `Mothball: ${type}` : line;
}

/** Keys have spaces, and name objects by ids that are the service's own. */
const groupOf = (objectKey: string): string => createHash('sha256').update(objectKey).digest('hex');
