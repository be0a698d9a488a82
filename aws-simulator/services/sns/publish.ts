import { createHash, randomUUID } from 'node:crypto';
import { AwsError } from '../../protocol/aws-error';
import type { QueryParameters } from '../../protocol/query-parameters';
import type { XmlObject } from '../../protocol/xml';
import type { SnsCall } from './sns';
import type { PublishedMessage, SimTopic } from './topics';

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${message}`, 400);

/** The whole of a message: its text and its attributes' names, types and values. */
const MOST_BYTES = 262_144;
/** https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html */
const DEDUPLICATION_MS = 5 * 60_000;
/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const FIFO_ID = /^[\x21-\x7e]{1,128}$/;
/** Begins with a letter, number or punctuation mark; no line breaks or control characters; under 100 characters long. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,99}$/;
const KNOWN =
  /^(Action|Version|TopicArn|Message|Subject|MessageStructure|MessageGroupId|MessageDeduplicationId|MessageAttributes\.entry\.\d+\.(Name|Value\.(DataType|StringValue|BinaryValue)))$/;

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export function publish({ simulation, principal, parameters }: SnsCall, topic: SimTopic): XmlObject {
  const message = parameters.optional('Message') ?? '';
  if (message === '') throw invalidParameter('Empty message');
  const unknown = parameters.names().filter((name) => !KNOWN.test(name));
  if (unknown.length > 0) throw new AwsError('ValidationError', `Unexpected: ${unknown.join(', ')}`, 400);
  const structure = parameters.optional('MessageStructure');
  if (structure !== undefined) throw invalidParameter('Message Structure - the simulator takes plain messages only');
  const subject = parameters.optional('Subject') ?? null;
  if (subject !== null && !SUBJECT.test(subject)) throw invalidParameter('Subject');
  const attributes = attributesOf(parameters);
  const size = [message, ...Object.entries(attributes).flatMap(([name, { type, value }]) => [name, type, value])];
  if (size.reduce((sum, text) => sum + Buffer.byteLength(text), 0) > MOST_BYTES) {
    throw invalidParameter('Message too long');
  }
  const order = orderOf(parameters, topic, message);
  const now = simulation.world.now();
  const known = order.messageDeduplicationId === null ? undefined : topic.taken.get(order.messageDeduplicationId);
  if (known && now - known.at < DEDUPLICATION_MS) return answerFor(known.message);

  const published: PublishedMessage = {
    ...{ topicArn: topic.arn, messageId: randomUUID(), subject, message, attributes, ...order },
    sequenceNumber: topic.fifo ? String(++topic.sequence).padStart(20, '0') : null,
    principalArn: principal.arn,
    at: simulation.world.shown(now).toISOString(),
  };
  simulation.topics.published.push(published);
  if (order.messageDeduplicationId !== null) {
    topic.taken.set(order.messageDeduplicationId, { at: now, message: published });
  }
  return answerFor(published);
}

const answerFor = ({ messageId, sequenceNumber }: PublishedMessage): XmlObject => ({
  MessageId: messageId,
  ...(sequenceNumber === null ? {} : { SequenceNumber: sequenceNumber }),
});

function orderOf(
  parameters: QueryParameters,
  topic: SimTopic,
  message: string,
): Pick<PublishedMessage, 'messageGroupId' | 'messageDeduplicationId'> {
  const messageGroupId = parameters.optional('MessageGroupId') ?? null;
  const given = parameters.optional('MessageDeduplicationId') ?? null;
  if (messageGroupId !== null && !FIFO_ID.test(messageGroupId)) {
    throw invalidParameter('MessageGroupId Reason: The request includes MessageGroupId parameter that is not valid');
  }
  if (!topic.fifo) {
    if (given === null) return { messageGroupId, messageDeduplicationId: null };
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (messageGroupId === null) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (given !== null && !FIFO_ID.test(given)) throw invalidParameter('MessageDeduplicationId Reason: it is not valid');
  if (given === null && topic.contentBasedDeduplication !== true) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { messageGroupId, messageDeduplicationId: given ?? createHash('sha256').update(message).digest('hex') };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function attributesOf(parameters: QueryParameters): PublishedMessage['attributes'] {
  const attributes: PublishedMessage['attributes'] = {};
  for (const entry of parameters.entries('MessageAttributes')) {
    const name = entry.optional('Name') ?? '';
    const type = entry.optional('Value.DataType') ?? '';
    const value = entry.optional('Value.StringValue') ?? entry.optional('Value.BinaryValue') ?? '';
    if (!/^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/.test(name) || /^(aws|amazon)\./i.test(name)) {
      throw invalidParameter(`MessageAttributes Reason: the name ${name} is not valid`);
    }
    if (name in attributes) throw invalidParameter(`MessageAttributes Reason: ${name} is there twice`);
    if (!/^(String|String\.Array|Number|Binary)$/.test(type)) {
      throw invalidParameter(
        `MessageAttributes Reason: The message attribute '${name}' has an invalid message attribute type`,
      );
    }
    if (value === '') {
      throw invalidParameter(
        `MessageAttributes Reason: The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
      );
    }
    attributes[name] = { type, value };
  }
  return attributes;
}
