import { PublishCommand } from '@aws-sdk/client-sns';
import { Injectable } from '@nestjs/common';
import type { AccountAccess } from '../../../aws/account-access';
import { DomainError } from '../../../errors';
import type { Channel, OpenEndpoint, Outcome } from '../channel';
import type { Message } from '../message';
import { publicationOf } from './publication';
import { type SnsSettings, snsSettings, topicOf } from './sns-settings';
import { notPublished } from './sns-outcome';
import { TopicDoor } from './topic-door.service';

const LIMIT_MS = 15_000;

/** Topics of Amazon SNS in the tenant's own accounts. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
@Injectable()
export class SnsChannel implements Channel<SnsSettings> {
  readonly id = 'sns';
  readonly settings = snsSettings;
  readonly secret = 'none';

  constructor(private readonly door: TopicDoor) {}

  async mustBeUsable(tenantId: string, { topicArn }: SnsSettings): Promise<void> {
    const topic = topicOf(topicArn);
    if (!topic) throw new DomainError('BAD_INPUT', 'topicArn: is not the ARN of a topic.');
    try {
      await this.door.ownerOf(tenantId, topic);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'NOT_YOURS') {
        throw new DomainError('BAD_INPUT', `topicArn: ${error.message}`);
      }
      throw error;
    }
  }

  async send({ tenantId, id, settings }: OpenEndpoint<SnsSettings>, message: Message): Promise<Outcome> {
    const topic = topicOf(settings.topicArn);
    if (!topic) return { kind: 'failed', why: 'The endpoint’s topicArn is not the ARN of a topic.' };
    const opened = await this.opened(tenantId, id, settings);
    if ('kind' in opened) return opened;
    const abortSignal = AbortSignal.timeout(LIMIT_MS);
    try {
      // Assuming the role takes its time, too, and knows of no signal.
      const published = await Promise.race([
        opened.access.sns(topic.region).send(new PublishCommand(publicationOf(topic, message)), { abortSignal }),
        whenAborted(abortSignal),
      ]);
      const { $metadata, MessageId = '' } = published;
      return { kind: 'accepted', status: $metadata.httpStatusCode ?? 200, answer: `MessageId ${MessageId}` };
    } catch (error) {
      return notPublished(error, topic, abortSignal.aborted);
    }
  }

  /** What cannot be opened is told; a failing database is nothing that the tenant could see to. */
  private async opened(
    tenantId: string,
    id: string,
    settings: SnsSettings,
  ): Promise<{ readonly access: AccountAccess } | Outcome> {
    try {
      return { access: await this.door.open(tenantId, id, settings) };
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'failed', why: error.message };
      throw error;
    }
  }
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
