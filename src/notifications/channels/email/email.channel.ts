import { Injectable } from '@nestjs/common';
import { encodeId } from '../../../api-id';
import type { Channel, OpenEndpoint, Outcome } from '../channel';
import type { Message } from '../message';
import { html } from '../words/html';
import { oneLine } from '../words/line';
import { plainText } from '../words/plain-text';
import { type EmailSettings, emailSettings } from './email-settings';
import { Mailer } from './mailer.service';
import { type Sender, Senders } from './senders.service';

const SUBJECT = 150;

/** Mail by the operator's server: one for each message, to all recipients of the endpoint. */
@Injectable()
export class EmailChannel implements Channel<EmailSettings> {
  readonly id = 'email';
  readonly settings = emailSettings;
  readonly secret = 'none';

  constructor(
    private readonly mailer: Mailer,
    private readonly senders: Senders,
  ) {}

  mustBeUsable(_tenantId: string, { recipients }: EmailSettings): Promise<void> {
    return new Promise((resolve) => {
      this.mailer.mustWriteTo(recipients, 'recipients');
      resolve();
    });
  }

  async send({ tenantId, id, settings }: OpenEndpoint<EmailSettings>, message: Message): Promise<Outcome> {
    const foot = footOf(await this.senders.of(tenantId, id), message);
    return this.mailer.send({
      to: settings.recipients,
      subject: oneLine(`[Mothball] ${message.words.title}`, SUBJECT),
      text: `${plainText(message.words)}\n\n-- \n${foot.join('\n')}\n`,
      html: html(message.words, foot),
      // Of the endpoint as well: whoever is in two of them gets both, and each only once.
      id: `${message.id}.${encodeId('Endpoint', tenantId, id)}`,
    });
  }
}

function footOf(sender: Sender | null, { id, type }: Message): string[] {
  const endpoint = sender === null ? 'an endpoint' : `the endpoint "${oneLine(sender.endpoint, 100)}"`;
  const tenant = sender === null ? '' : ` of the tenant "${oneLine(sender.tenant, 100)}"`;
  return [
    `You get this because ${endpoint}${tenant} in Mothball has your address.`,
    'To get no more of it, ask that tenant’s admins to take your address out of the endpoint.',
    `${type} ${id}`,
  ];
}
