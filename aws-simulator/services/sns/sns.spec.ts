import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import { allow, codeOf, makeCaller, policy, queryCall, startSmall } from '../../callers';
import type { CallerCredentials, SmallSimulator } from '../../callers';

describe('SNS', () => {
  let simulator: SmallSimulator;
  let admin: CallerCredentials;
  let plain: string;
  let fifo: string;

  beforeAll(async () => {
    simulator = await startSmall();
    admin = makeCaller(simulator, simulator.memberId);
    const at = { accountId: simulator.memberId, region: 'eu-west-1' };
    plain = simulator.control.topics.add({ ...at, name: 'plain' }).arn;
    fifo = simulator.control.topics.add({ ...at, name: 'ordered.fifo' }).arn;
  });
  afterAll(() => simulator.close());

  const as = (credentials: CallerCredentials, region = 'eu-west-1'): SNSClient =>
    new SNSClient({ endpoint: simulator.url, region, credentials, maxAttempts: 1 });
  const publish = (input: Partial<PublishCommandInput> = {}, credentials = admin, region = 'eu-west-1') =>
    as(credentials, region).send(new PublishCommand({ TopicArn: plain, Message: 'hello', ...input }));

  test('publishes with attributes', async () => {
    const MessageAttributes = {
      type: { DataType: 'String', StringValue: 'a' },
      n: { DataType: 'Number', StringValue: '1' },
    };
    const { MessageId, SequenceNumber } = await publish({ Subject: 'Hi', MessageAttributes });
    expect(SequenceNumber).toBeUndefined();
    expect(simulator.control.topics.publishedTo(plain).at(-1)).toMatchObject({
      ...{ messageId: MessageId, message: 'hello', subject: 'Hi' },
      attributes: { type: { type: 'String', value: 'a' }, n: { type: 'Number', value: '1' } },
    });
  });

  test('a FIFO topic delivers a deduplication id once in five minutes, and counts on', async () => {
    const input = { TopicArn: fifo, MessageGroupId: 'g', MessageDeduplicationId: 'one' };
    const first = await publish(input);
    expect(await publish({ ...input, Message: 'other' })).toMatchObject({
      ...{ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber },
    });
    simulator.control.pass(6 * 60_000, { quiet: true });
    const later = await publish(input);
    expect(later.MessageId).not.toBe(first.MessageId);
    expect(Number(later.SequenceNumber)).toBe(Number(first.SequenceNumber) + 1);
    expect(simulator.control.topics.publishedTo(fifo)).toHaveLength(2);
  });

  test.each<[string, Partial<PublishCommandInput>, RegExp]>([
    ['an empty message', { Message: '' }, /Empty message/],
    ['a long message', { Message: 'x'.repeat(262_145) }, /too long/],
    ['a subject of two lines', { Subject: 'a\nb' }, /Subject/],
    ['a subject beyond ASCII', { Subject: 'ünïcode' }, /Subject/],
    ['a long subject', { Subject: 'x'.repeat(101) }, /Subject/],
    [
      'an attribute without a value',
      { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      /non-empty/,
    ],
    ['an attribute of AWS', { MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'a' } } }, /name/],
    ['an attribute of no type', { MessageAttributes: { a: { DataType: 'Text', StringValue: 'a' } } }, /type/],
    ['a deduplication id', { MessageDeduplicationId: 'a' }, /not valid for this topic type/],
    ['a topic of another region', { TopicArn: 'arn:aws:sns:eu-west-2:123456789012:plain' }, /TopicArn/],
    ['no ARN', { TopicArn: 'plain' }, /TopicArn/],
  ])('refuses %s', async (_what, input, message) => {
    await expect(publish(input)).rejects.toMatchObject({
      ...{ name: 'InvalidParameterException', message: expect.stringMatching(message) as string },
    });
  });

  test('a FIFO topic needs a group, and an id', async () => {
    await expect(publish({ TopicArn: fifo, MessageDeduplicationId: 'a' })).rejects.toThrow(/MessageGroupId/);
    await expect(publish({ TopicArn: fifo, MessageGroupId: 'a' })).rejects.toThrow(/ContentBasedDeduplication/);
    await expect(publish({ TopicArn: fifo, MessageGroupId: 'a b', MessageDeduplicationId: 'a' })).rejects.toThrow(
      /GroupId/,
    );
  });

  test('is authorized on the topic, by the account that has it', async () => {
    const none = { name: 'AuthorizationErrorException' };
    const reader = makeCaller(simulator, simulator.memberId, { inlinePolicies: { a: allow('sns:Subscribe') } });
    await expect(publish({}, reader)).rejects.toMatchObject({
      ...none,
      message: expect.stringContaining('because no identity-based policy allows the SNS:Publish action') as string,
    });
    const one = policy({ Effect: 'Allow', Action: 'sns:Publish', Resource: plain });
    const publisher = makeCaller(simulator, simulator.memberId, { inlinePolicies: { one } });
    await publish({}, publisher);
    await expect(
      publish({ TopicArn: fifo, MessageGroupId: 'a', MessageDeduplicationId: 'b' }, publisher),
    ).rejects.toMatchObject(none);
    await expect(publish({}, makeCaller(simulator, simulator.managementId))).rejects.toMatchObject(none);
    const { arn: TopicArn } = simulator.control.topics.add({
      ...{ accountId: simulator.memberId, region: 'eu-west-1', name: 'closed' },
      policy: policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' }),
    });
    await expect(publish({ TopicArn })).rejects.toMatchObject({
      ...none,
      message: expect.stringContaining('resource-based') as string,
    });
  });

  test('knows no other topics and operations, and says Throttled', async () => {
    await expect(publish({ TopicArn: plain.replace('plain', 'gone') })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    const raw = await queryCall(
      simulator,
      admin,
      'CreateTopic',
      { Name: 'a' },
      { service: 'sns', version: '2010-03-31' },
    );
    expect(codeOf(raw)).toBe('InvalidAction');
    simulator.control.setPacing({ byAction: { 'sns:Publish': { rate: 0, burst: 0 } } });
    await expect(publish()).rejects.toMatchObject({ name: 'ThrottledException', $metadata: { httpStatusCode: 429 } });
    simulator.control.removePacing();
  });
});
