import { Injectable } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { Config } from '../../../config';
import { badInput } from '../../../errors';
import { domainOf, type MailSettings } from '../../../mail-settings';
import type { Outcome } from '../channel';
import { accepted, notAccepted } from './smtp-outcome';
import { smtpOptions } from './smtp-options';

export interface Mail {
  /** Checked (`mailAddress`). */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What makes it the same mail in every attempt: letters, digits and `._-`. */
  readonly id: string;
}

const LIMIT_MS = 15_000;

/** Mail by the operator's server. */
@Injectable()
export class Mailer {
  constructor(private readonly config: Config) {}

  get isSetUp(): boolean {
    return this.config.mail !== null;
  }

  /** @throws BAD_INPUT naming `field` where the operator has no mail server, or does not let it write to that domain. */
  mustWriteTo(addresses: readonly string[], field: string): void {
    const { mail } = this.config;
    if (mail === null) {
      throw badInput(
        `${field}: this installation sends no e-mail. Its operator has to set MOTHBALL_SMTP_URL and MOTHBALL_MAIL_FROM; until then use another channel.`,
      );
    }
    const strangers = addresses.filter((address) => !mayHaveMail(mail, address));
    if (strangers.length > 0) {
      throw badInput(
        `${field}: ${strangers.join(', ')} is in a domain that this installation does not write to. Use an address in ${mail.domains.join(', ')}, or ask its operator (MOTHBALL_MAIL_DOMAINS).`,
      );
    }
  }

  /** One attempt, at most 15 s, over a connection of its own. Never throws. */
  async send(letter: Mail): Promise<Outcome> {
    const { mail } = this.config;
    if (mail === null)
      return { kind: 'failed', why: 'This installation sends no e-mail: MOTHBALL_SMTP_URL is not set.' };
    const to = letter.to.filter((address) => mayHaveMail(mail, address));
    if (to.length === 0) {
      return { kind: 'failed', why: 'The recipients’ domains are not among those that this installation writes to.' };
    }
    const transport = createTransport(smtpOptions(mail));
    try {
      const { response, rejectedErrors } = await transport.sendMail({
        from: mail.from,
        to: [...to],
        // Whoever is told is told by name, and nobody can be added by what the words say.
        envelope: { from: mail.from.address, to: [...to] },
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        messageId: `<${letter.id}@${domainOf(mail.from.address)}>`,
        headers: AUTOMATIC,
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      return accepted(response, rejectedErrors ?? []);
    } catch (error) {
      return notAccepted(typeof error === 'object' && error !== null ? error : {});
    } finally {
      transport.close();
    }
  }
}

/** Keeps absence notes and list robots from answering. https://datatracker.ietf.org/doc/html/rfc3834#section-5 */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

const mayHaveMail = ({ domains }: MailSettings, address: string): boolean =>
  domains.length === 0 || domains.includes(domainOf(address));
