import { z } from 'zod';
import {
  TicketFailure,
  type Heard,
  type InboundRequest,
  type RemoteTicket,
  type TicketContent,
  type TicketSystem,
} from '../../ticket-system';
import { mustBeTheirs, type Places } from '../parts/addresses';
import { fingerprint, OwnedText } from '../parts/owned-text';
import { isRecent, isSigned, jsonOf } from '../parts/signatures';
import { type TicketHttp, unlessGone } from '../parts/ticket-http';
import { blocksOf, EDITED, fitted, line, paragraphs, plainText } from '../parts/ticket-words';
import {
  must,
  ServiceNowApi,
  serviceNowTicket,
  type ServiceNowConnection,
  type ServiceNowRecord,
} from './servicenow-api';
import {
  serviceNowCredential,
  serviceNowSettings,
  type ServiceNowCredential,
  type ServiceNowSettings,
} from './servicenow-settings';

const SERVICENOW = { hosts: /^[a-z0-9][a-z0-9-]*\.service-now\.com$/, example: 'https://<instance>.service-now.com' };
/** A description's length as ServiceNow delivers it. */
const MAX_DESCRIPTION = 4_000;
const MAX_SHORT_DESCRIPTION = 160;
const ownText = new OwnedText('[', ']');
const message = z.object({ id: z.string().max(200), at: z.number(), sys_id: z.string().regex(/^[0-9a-f]{32}$/) });

/**
 * ServiceNow's Table API. A record is found by `correlation_id`. Our part of the description stands between two marks,
 * so that what people wrote around it stays, and what they changed in it is seen. `sys_mod_count` counts its changes;
 * the API has no conditional requests, so a change in the moment between our look and our writing is lost (the record's
 * history shows it).
 */
export class ServiceNowSystem implements TicketSystem<ServiceNowSettings, ServiceNowCredential> {
  readonly id = 'servicenow';
  readonly settings = serviceNowSettings;
  readonly credential = serviceNowCredential;
  readonly createsOnce = false;
  readonly inboundSecret = 'made';
  /**
   * Ours: an instance has the limits that its administrators set, and tells them by 429 and Retry-After:
   * https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/inbound-REST-API-rate-limiting.html
   */
  readonly limits = { perMinute: 60, perHour: 600 };
  private readonly api: ServiceNowApi;

  constructor(
    http: TicketHttp,
    private readonly places: Places,
  ) {
    this.api = new ServiceNowApi(http);
  }

  mustBeUsable({ settings }: ServiceNowConnection): Promise<void> {
    return mustBeTheirs(this.places, settings.instance, 'instance', SERVICENOW);
  }

  /** What may be written is not told without writing: the test ticket shows it. */
  async examine(connection: ServiceNowConnection): Promise<readonly string[]> {
    const { table, assignmentGroup, close, closedStates, openState } = connection.settings;
    const problems: string[] = [];
    await this.api.list(connection, 'correlation_display=Mothball');
    if (assignmentGroup !== undefined) {
      const answer = await this.api.send(
        connection,
        'GET',
        `table/sys_user_group/${assignmentGroup}?sysparm_fields=name`,
      );
      if (answer.status === 404)
        problems.push('settings.assignmentGroup: there is no such group, or the account may not read it.');
      else must(answer, 200, 'reading the group');
    }
    if (!closedStates.includes(close.state)) {
      problems.push(
        `settings.close.state: ${close.state} is none of settings.closedStates (${closedStates.join(', ')}).`,
      );
    }
    if (closedStates.includes(openState)) {
      problems.push(
        `settings.openState: ${openState} of ${table} is one of settings.closedStates; choose an open one.`,
      );
    }
    return problems;
  }

  canRead(): boolean {
    return true;
  }

  async find(connection: ServiceNowConnection, key: string): Promise<RemoteTicket | null> {
    if (!/^[0-9a-f]{40}$/.test(key)) throw new Error('A ticket key has 40 hexadecimal digits.');
    const query = `correlation_id=${key}^correlation_display=Mothball^ORDERBYsys_created_on`;
    const [first] = await this.api.list(connection, query);
    return first === undefined ? null : serviceNowTicket(connection, first);
  }

  async read(connection: ServiceNowConnection, remoteId: string): Promise<RemoteTicket | null> {
    const found = await unlessGone(this.api.record(connection, remoteId));
    return found && serviceNowTicket(connection, found);
  }

  /**
   * Columns that the account may not write are left out in silence. The record is there all the same, and its sys_id is
   * known: the next update sets the one that it is found by, or says what is wrong.
   */
  async create(connection: ServiceNowConnection, content: TicketContent): Promise<RemoteTicket> {
    const { settings } = connection;
    const title = titleOf(content);
    const made = await this.api.create(connection, {
      ...settings.fields,
      ...markOf(content.key),
      short_description: title,
      description: descriptionOf(content, fingerprint(title)),
      urgency: settings.urgency[content.severity],
      impact: settings.impact[content.severity],
      ...(settings.assignmentGroup === undefined ? {} : { assignment_group: settings.assignmentGroup }),
    });
    return serviceNowTicket(connection, made);
  }

  async update(connection: ServiceNowConnection, remoteId: string, content: TicketContent): Promise<RemoteTicket> {
    const now = await this.marked(connection, await this.api.record(connection, remoteId), content.key);
    const owned = ownText.read(content.key, now.description);
    const title = titleOf(content);
    if (owned?.untouched === true) {
      const ourTitle = owned.title === fingerprint(now.short_description);
      const ours = descriptionOf(content, ourTitle ? fingerprint(title) : owned.title);
      const description = `${owned.before}${ours}${owned.after}`;
      if (description.length <= MAX_DESCRIPTION) {
        const columns = { description, ...(ourTitle ? { short_description: title } : {}) };
        return serviceNowTicket(connection, await this.api.patch(connection, remoteId, columns));
      }
    }
    const note = noteOf(`${EDITED}\n${plainText(blocksOf(content))}`);
    return serviceNowTicket(connection, await this.api.patch(connection, remoteId, { work_notes: note }));
  }

  async comment(connection: ServiceNowConnection, remoteId: string, words: string): Promise<void> {
    await this.api.patch(connection, remoteId, { work_notes: noteOf(words) });
  }

  /** One request: the note goes with the state. */
  async close(connection: ServiceNowConnection, remoteId: string, words: string): Promise<RemoteTicket> {
    const now = serviceNowTicket(connection, await this.api.record(connection, remoteId));
    if (now.state === 'closed') return now;
    const { state, code, fields } = connection.settings.close;
    const columns = { ...fields, state, close_code: code, close_notes: noteOf(words), work_notes: noteOf(words) };
    const after = serviceNowTicket(connection, await this.api.patch(connection, remoteId, columns));
    if (after.state === 'closed') return after;
    const sentence = `${after.reference} was not closed, though ServiceNow took the request: a rule there keeps state ${state} from being set.`;
    throw new TicketFailure('rejected', sentence);
  }

  async reopen(connection: ServiceNowConnection, remoteId: string, words: string): Promise<RemoteTicket | null> {
    const { finalStates, openState } = connection.settings;
    const record = await this.api.record(connection, remoteId);
    const now = serviceNowTicket(connection, record);
    if (now.state === 'open') return now;
    if (finalStates.includes(record.state)) return null;
    try {
      const columns = { state: openState, work_notes: noteOf(words) };
      const after = serviceNowTicket(connection, await this.api.patch(connection, remoteId, columns));
      return after.state === 'open' ? after : null;
    } catch (error) {
      // A rule there does not let it be opened again.
      if (error instanceof TicketFailure && error.kind === 'rejected') return null;
      throw error;
    }
  }

  /** As the business rule of docs/tickets/servicenow.md sends it: `X-Mothball-Signature: v1=<base64>`. */
  hear({ headers, body, at }: InboundRequest, secret: string): Heard | 'ignore' | null {
    const signature = /^v1=([A-Za-z0-9+/]+=*)$/.exec(headers['x-mothball-signature'] ?? '')?.[1];
    if (signature === undefined || !isSigned(body, secret, [signature], 'base64')) return null;
    const read = message.safeParse(jsonOf(body));
    if (!read.success) return 'ignore';
    if (!isRecent(new Date(read.data.at), at, 1)) return null;
    return { messageId: read.data.id, remoteId: read.data.sys_id };
  }

  /** The record with our key, without which it would not be found again; written if it is not there. */
  private async marked(
    connection: ServiceNowConnection,
    found: ServiceNowRecord,
    key: string,
  ): Promise<ServiceNowRecord> {
    if (found.correlation_id === key) return found;
    const changed = await this.api.patch(connection, found.sys_id, markOf(key));
    if (changed.correlation_id === key) return changed;
    const sentence = `${found.number} is without its correlation_id: let the account write and read that column.`;
    throw new TicketFailure('rejected', `ServiceNow: ${sentence}`);
  }
}

/** What a record is found by. */
const markOf = (key: string) => ({ correlation_id: key, correlation_display: 'Mothball' });

const titleOf = (content: TicketContent): string => line(content.title, MAX_SHORT_DESCRIPTION) || 'Mothball';
/** Between `[code]` and `[/code]`, a journal shows HTML: there is none from us. */
const noteOf = (words: string): string =>
  paragraphs(words)
    .join('\n\n')
    .replace(/\[(\/?code)\]/gi, '($1)');

const descriptionOf = (content: TicketContent, titleMark: string): string =>
  fitted(
    content,
    (some) => ownText.write(content.key, plainText(blocksOf(some)), titleMark),
    (description) => description.length <= MAX_DESCRIPTION,
  );
