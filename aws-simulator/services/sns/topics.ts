import { parsePolicy } from '../../authorization/policy-document';
import type { Instant } from '../../world/model';
import { WorldError } from '../../world/world-error';

export interface NewTopic {
  accountId: string;
  region: string;
  /** A FIFO topic's name ends with `.fifo`, and no other's. */
  name: string;
  contentBasedDeduplication?: boolean;
  /** The topic's own policy: what it denies is denied. */
  policy?: string;
}

export interface SimTopic extends NewTopic {
  arn: string;
  fifo: boolean;
  /** Of FIFO topics: what was taken lately, by deduplication id. */
  taken: Map<string, { at: Instant; message: PublishedMessage }>;
  sequence: number;
}

/** A message as subscribers get it. */
export interface PublishedMessage {
  topicArn: string;
  messageId: string;
  sequenceNumber: string | null;
  subject: string | null;
  message: string;
  attributes: Record<string, { type: string; value: string }>;
  messageGroupId: string | null;
  messageDeduplicationId: string | null;
  principalArn: string;
  at: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const NAME = /^[A-Za-z0-9_-]{1,256}$/;

/** The topics of all accounts, and what was published to them, oldest first. */
export class Topics {
  readonly published: PublishedMessage[] = [];
  private readonly byArn = new Map<string, SimTopic>();

  constructor(private readonly partition: string) {}

  /** Throws `InvalidInput`, `EntityAlreadyExists`. */
  add(topic: NewTopic): SimTopic {
    const fifo = topic.name.endsWith('.fifo');
    if (topic.name.length > 256 || !NAME.test(topic.name.replace(/\.fifo$/, ''))) {
      throw new WorldError('InvalidInput', `"${topic.name}" is no topic's name.`);
    }
    if (topic.policy !== undefined) parsePolicy(topic.policy);
    const arn = `arn:${this.partition}:sns:${topic.region}:${topic.accountId}:${topic.name}`;
    if (this.byArn.has(arn)) throw new WorldError('EntityAlreadyExists', `There is a topic ${arn} already.`);
    const made: SimTopic = { ...topic, arn, fifo, taken: new Map(), sequence: 0 };
    this.byArn.set(arn, made);
    return made;
  }

  delete(arn: string): void {
    if (!this.byArn.delete(arn)) throw new WorldError('NoSuchEntity', `There is no topic ${arn}.`);
  }

  /** What subscribers of a topic, or of all, have been sent; oldest first. */
  publishedTo(arn?: string): PublishedMessage[] {
    return this.published.filter(({ topicArn }) => arn === undefined || topicArn === arn);
  }

  at(arn: string): SimTopic | undefined {
    return this.byArn.get(arn);
  }
}
