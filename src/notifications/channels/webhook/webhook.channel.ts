import { Injectable } from '@nestjs/common';
import { OutboundFailure } from '../../../outbound/outbound-failure';
import { Outbound } from '../../../outbound/outbound.service';
import type { Channel, OpenEndpoint, Outcome } from '../channel';
import type { Message } from '../message';
import { outcomeOf } from './outcome-of';
import { signedHeaders } from './sign';
import { newSecret, publicKeyOf } from './signing-secrets';
import { type WebhookSettings, webhookSettings } from './webhook-settings';

/** Four bytes a character at most, and what is invisible is left out. */
const MOST_ANSWER_BYTES = 8_192;

/** Signed messages to an address of the tenant's, by the specification of Standard Webhooks 1.0. */
@Injectable()
export class WebhookChannel implements Channel<WebhookSettings> {
  readonly id = 'webhook';
  readonly settings = webhookSettings;
  readonly secret = 'made';

  constructor(private readonly outbound: Outbound) {}

  newSecret({ signing }: WebhookSettings) {
    return newSecret(signing);
  }

  publicKeyOf(secret: string): string | null {
    return publicKeyOf(secret);
  }

  mustBeUsable(_tenantId: string, { url }: WebhookSettings): Promise<void> {
    return this.outbound.mustBeAllowed(url, 'url');
  }

  async send(endpoint: OpenEndpoint<WebhookSettings>, message: Message, at: Date): Promise<Outcome> {
    const secrets = [endpoint.secret, endpoint.previousSecret].filter((secret) => secret !== null);
    try {
      const answer = await this.outbound.send({
        method: 'POST',
        url: endpoint.settings.url,
        headers: { 'content-type': 'application/json', ...signedHeaders(message, at, secrets) },
        body: message.body,
        maxAnswerBytes: MOST_ANSWER_BYTES,
        longAnswer: 'cut',
      });
      return outcomeOf(answer, at);
    } catch (error) {
      if (error instanceof OutboundFailure) return { kind: 'failed', why: error.sentence };
      throw error;
    }
  }
}
