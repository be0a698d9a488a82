import { Injectable } from '@nestjs/common';
import { Config } from '../../../config';
import { DomainError } from '../../../errors';
import { OutboundFailure } from '../../../outbound/outbound-failure';
import { Outbound } from '../../../outbound/outbound.service';
import type { Channel, OpenEndpoint, Outcome } from '../channel';
import type { Message } from '../message';
import { slackMessage } from './slack-blocks';
import { slackOutcome } from './slack-outcome';
import { type SlackSettings, slackSettings, webhookAddress } from './slack-settings';

const MOST_ANSWER_BYTES = 4_096;

/**
 * Incoming webhooks of Slack. They know no ids of messages: where an answer was lost, the message may be there twice.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
 */
@Injectable()
export class SlackChannel implements Channel<SlackSettings> {
  readonly id = 'slack';
  readonly settings = slackSettings;
  readonly secret = 'given';

  constructor(
    private readonly outbound: Outbound,
    private readonly config: Config,
  ) {}

  async mustBeUsable(_tenantId: string, _settings: SlackSettings, secret: string | null): Promise<void> {
    await this.outbound.mustBeAllowed(this.addressOf(secret), 'secret');
  }

  async send({ secret }: OpenEndpoint<SlackSettings>, message: Message, at: Date): Promise<Outcome> {
    try {
      const answer = await this.outbound.send({
        method: 'POST',
        url: this.addressOf(secret),
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(slackMessage(message)),
        maxAnswerBytes: MOST_ANSWER_BYTES,
        longAnswer: 'cut',
      });
      return slackOutcome(answer, at);
    } catch (error) {
      if (error instanceof OutboundFailure) return { kind: 'failed', why: error.sentence };
      if (error instanceof DomainError) return { kind: 'failed', why: error.message };
      throw error;
    }
  }

  private addressOf(secret: string | null): string {
    return webhookAddress(secret, this.config.outbound.loopback);
  }
}
