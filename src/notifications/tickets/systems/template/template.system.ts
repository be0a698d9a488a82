import { Webhook } from 'standardwebhooks';
import {
  TicketFailure,
  type Heard,
  type InboundRequest,
  type RemoteTicket,
  type TicketContent,
  type TicketSystem,
} from '../../ticket-system';
import type { Places } from '../parts/addresses';
import { fingerprint, OwnedText } from '../parts/owned-text';
import { isRecent, isSame, jsonOf } from '../parts/signatures';
import { failureOf, type TicketHttp } from '../parts/ticket-http';
import { blocksOf, EDITED, fitted, paragraphs, plainText } from '../parts/ticket-words';
import { at, textAt } from './json-pointer';
import {
  listIn,
  mustBeGood,
  TemplateApi,
  tellsState,
  ticketIn,
  titleOf,
  viewOf,
  type TemplateConnection,
} from './template-api';
import {
  templateCredential,
  templateSettings,
  templatesOf,
  type TemplateCredential,
  type TemplateRequest,
  type TemplateSettings,
} from './template-settings';
import { shows } from './template-text';

const MAX_TEXT = 20_000;
const ownText = new OwnedText('[', ']');

/** Any system with an HTTP API: what is sent, and where its answers say what, is a matter of settings. */
export class TemplateSystem implements TicketSystem<TemplateSettings, TemplateCredential> {
  readonly id = 'template';
  readonly settings = templateSettings;
  readonly credential = templateCredential;
  readonly createsOnce = false;
  readonly inboundSecret = 'made';
  /** Ours: who it is, nobody knows. 429, 503 and Retry-After are heeded. */
  readonly limits = { perMinute: 60, perHour: 1_000 };
  private readonly api: TemplateApi;

  constructor(
    http: TicketHttp,
    private readonly places: Places,
  ) {
    this.api = new TemplateApi(http);
  }

  mustBeUsable({ settings }: TemplateConnection): Promise<void> {
    return this.places.outbound.mustBeAllowed(settings.base, 'base');
  }

  /** Whether its search answers, with a key that no ticket has. All else is shown by the test ticket. */
  async examine(connection: TemplateConnection): Promise<readonly string[]> {
    const found = await this.find(connection, '0'.repeat(40));
    return found === null ? [] : ['settings.find: finds a ticket for a key that none has; check its path and `key`.'];
  }

  canRead(): boolean {
    return true;
  }

  async find(connection: TemplateConnection, key: string): Promise<RemoteTicket | null> {
    const { find } = connection.settings;
    const answer = await this.api.send(connection, find, { key }, true);
    if (answer.status === 404) return null;
    const doing = 'the search';
    const { json } = mustBeGood(answer, doing);
    if (json === undefined) throw failureOf(answer, doing, 'with something other than JSON', { kind: 'busy' });
    const mine = listIn(json, find.answer).find((entry) => textAt(entry, find.key)?.includes(key) === true);
    return mine === undefined ? null : ticketIn(connection, mine);
  }

  async read(connection: TemplateConnection, remoteId: string): Promise<RemoteTicket | null> {
    return (await this.look(connection, remoteId))?.ticket ?? null;
  }

  async create(connection: TemplateConnection, content: TicketContent): Promise<RemoteTicket> {
    const { create } = connection.settings;
    const view = viewOf(connection, content, textOf(content, fingerprint(titleOf(content))));
    const answer = await this.api.send(connection, create, view);
    const doing = 'creating the ticket';
    const document = at(mustBeGood(answer, doing).json, create.answer);
    const made = ticketIn(connection, document);
    if (made === null) {
      // It may be there: it is looked for before another one is made.
      const sentence = `without an id at "${create.answer}${connection.settings.answers.id}"`;
      throw failureOf(answer, doing, sentence, { kind: 'unknown' });
    }
    if (tellsState(connection, document)) return made;
    return (await this.read(connection, made.id).catch(onlyFailures)) ?? made;
  }

  async update(connection: TemplateConnection, remoteId: string, content: TicketContent): Promise<RemoteTicket> {
    const now = await this.mustLook(connection, remoteId);
    const { update, answers } = connection.settings;
    const owned = ownText.read(content.key, textAt(now.document, answers.text) ?? '');
    if (update === undefined || owned?.untouched !== true) {
      await this.comment(connection, remoteId, `${EDITED}\n${plainText(blocksOf(content))}`);
      return now.ticket;
    }
    const title = textAt(now.document, answers.title);
    const ourTitle = title === null || owned.title === fingerprint(title);
    const ours = textOf(content, ourTitle ? fingerprint(titleOf(content)) : owned.title);
    const view = viewOf(connection, content, `${owned.before}${ours}${owned.after}`);
    const named = ourTitle ? {} : { title };
    mustBeGood(await this.api.send(connection, update, { ...view, ...named, id: remoteId }), 'updating the ticket');
    return (await this.read(connection, remoteId).catch(onlyFailures)) ?? now.ticket;
  }

  async comment(connection: TemplateConnection, remoteId: string, words: string): Promise<void> {
    const { comment } = connection.settings;
    if (comment === undefined) return;
    const view = { id: remoteId, comment: commentOf(words) };
    mustBeGood(await this.api.send(connection, comment, view), 'commenting');
  }

  async close(connection: TemplateConnection, remoteId: string, words: string): Promise<RemoteTicket> {
    const { ticket } = await this.mustLook(connection, remoteId);
    if (ticket.state === 'closed') return ticket;
    const after = await this.turn(connection, connection.settings.close, remoteId, words);
    if (after === null || after.state === 'closed') return after ?? { ...ticket, state: 'closed', closedAs: 'done' };
    const sentence =
      'The ticket was not closed, though the system took the request: compare settings.states.closed with it.';
    throw new TicketFailure('rejected', sentence);
  }

  async reopen(connection: TemplateConnection, remoteId: string, words: string): Promise<RemoteTicket | null> {
    const { reopen } = connection.settings;
    const { ticket } = await this.mustLook(connection, remoteId);
    if (ticket.state === 'open') return ticket;
    if (reopen === undefined) return null;
    const after = await this.turn(connection, reopen, remoteId, words);
    if (after === null) return { ...ticket, state: 'open', closedAs: null };
    return after.state === 'open' ? after : null;
  }

  /** Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  hear(
    { headers, body, at: now }: InboundRequest,
    secret: string,
    settings: TemplateSettings,
  ): Heard | 'ignore' | null {
    const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': given } = headers;
    if (id === undefined || id === '' || given === undefined || !/^\d{1,12}$/.test(seconds ?? '')) return null;
    const madeAt = new Date(Number(seconds) * 1_000);
    // The specification's five minutes, by our clock. The library's own check goes by the machine's.
    if (!isRecent(madeAt, now, 5 / 60)) return null;
    const webhook = new Webhook(secret, secret.startsWith('whsec_') ? {} : { format: 'raw' });
    const wanted = webhook.sign(id, madeAt, body.toString('utf8'));
    if (!given.split(' ').some((one) => isSame(one, wanted))) return null;
    const remoteId = textAt(jsonOf(body), settings.inbound.id);
    return remoteId === null || remoteId === '' ? 'ignore' : { messageId: id, remoteId };
  }

  /** Closes or opens; the words go with it, or after it. Null: how it is now could not be read. */
  private async turn(
    connection: TemplateConnection,
    request: TemplateRequest,
    id: string,
    words: string,
  ): Promise<RemoteTicket | null> {
    const view = { id, comment: commentOf(words) };
    mustBeGood(await this.api.send(connection, request, view), 'changing the state');
    if (!templatesOf(request).some(([, template]) => shows(template, 'comment'))) {
      await this.comment(connection, id, words).catch(onlyFailures);
    }
    return this.read(connection, id).catch(onlyFailures);
  }

  private async mustLook(connection: TemplateConnection, remoteId: string): Promise<Looked> {
    const found = await this.look(connection, remoteId);
    if (found === null) throw new TicketFailure('gone', 'The ticketing system has no such ticket any more.');
    return found;
  }

  private async look(connection: TemplateConnection, remoteId: string): Promise<Looked | null> {
    const { read } = connection.settings;
    const answer = await this.api.send(connection, read, { id: remoteId }, true);
    if (answer.status === 404 || answer.status === 410) return null;
    const document = at(mustBeGood(answer, 'reading the ticket').json, read.answer);
    const ticket = ticketIn(connection, document);
    if (ticket === null || !tellsState(connection, document)) {
      throw failureOf(answer, 'reading the ticket', 'without an id or a state where settings.answers says', {
        kind: 'busy',
      });
    }
    return { ticket: { ...ticket, id: remoteId }, document };
  }
}

interface Looked {
  readonly ticket: RemoteTicket;
  readonly document: unknown;
}

const commentOf = (words: string): string => paragraphs(words).join('\n\n');

const textOf = (content: TicketContent, titleMark: string): string =>
  fitted(
    content,
    (some) => ownText.write(content.key, plainText(blocksOf(some)), titleMark),
    (whole) => whole.length <= MAX_TEXT,
  );

function onlyFailures(error: unknown): null {
  if (error instanceof TicketFailure) return null;
  throw error;
}
