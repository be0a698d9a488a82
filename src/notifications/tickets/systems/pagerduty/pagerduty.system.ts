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
import { isRecent, isSigned, jsonOf } from '../parts/signatures';
import { failureOf, readAs, type TicketHttp } from '../parts/ticket-http';
import { line, paragraphs, webLink } from '../parts/ticket-words';
import { incidentTicket, must, PagerDutyIncidents, type PagerDutyConnection } from './pagerduty-incidents';
import {
  pagerDutyCredential,
  pagerDutySettings,
  type PagerDutyCredential,
  type PagerDutySettings,
} from './pagerduty-settings';

const EVENTS = {
  hosts: /^events\.(?:eu\.)?pagerduty\.com$/,
  example: 'https://events.pagerduty.com or https://events.eu.pagerduty.com',
};
const REST = {
  hosts: /^api\.(?:eu\.)?pagerduty\.com$/,
  example: 'https://api.pagerduty.com or https://api.eu.pagerduty.com',
};
const accepted = z.object({ dedup_key: z.string() });
const invalid = z.object({ message: z.string(), errors: z.array(z.string()).optional() });
const message = z.object({
  event: z.object({
    id: z.string().max(200),
    event_type: z.string(),
    occurred_at: z.string(),
    data: z.object({
      id: z.string(),
      type: z.string(),
      incident_key: z.string().nullish(),
      html_url: z.string().nullish(),
    }),
  }),
});

/**
 * PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview. The dedup key is the ticket's
 * key, so a trigger that is sent twice opens one alert. With an integration key alone nothing can be read or commented
 * on; a key of the REST API adds both. An incident that is resolved is never opened again: a trigger makes a new one
 * with the same key.
 */
export class PagerDutySystem implements TicketSystem<PagerDutySettings, PagerDutyCredential> {
  readonly id = 'pagerduty';
  readonly settings = pagerDutySettings;
  readonly credential = pagerDutyCredential;
  readonly createsOnce = true;
  readonly inboundSecret = 'given';
  /** https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/05-Rate-Limits.md: about 120 a minute for an integration key. */
  readonly limits = { perMinute: 100, perHour: 6_000 };
  private readonly incidents: PagerDutyIncidents;

  constructor(
    private readonly http: TicketHttp,
    private readonly places: Places,
  ) {
    this.incidents = new PagerDutyIncidents(http);
  }

  async mustBeUsable({ settings, credential }: PagerDutyConnection): Promise<void> {
    await mustBeTheirs(this.places, settings.events, 'events', EVENTS);
    if (credential.apiToken !== undefined) await mustBeTheirs(this.places, settings.api, 'api', REST);
  }

  /** An integration key is tried by the test ticket only: PagerDuty takes events for any key of the right form. */
  async examine(connection: PagerDutyConnection): Promise<readonly string[]> {
    if (connection.credential.apiToken === undefined) return [];
    must(await this.incidents.send(connection, 'GET', '/incidents?limit=1'), 200, 'reading incidents');
    return [];
  }

  canRead({ credential }: PagerDutyConnection): boolean {
    return credential.apiToken !== undefined;
  }

  find(connection: PagerDutyConnection, key: string): Promise<RemoteTicket | null> {
    return this.read(connection, key);
  }

  async read(connection: PagerDutyConnection, key: string): Promise<RemoteTicket | null> {
    const found = await this.incidents.newest(connection, key);
    return found === null || found === undefined ? null : incidentTicket(key, found);
  }

  async create(connection: PagerDutyConnection, content: TicketContent): Promise<RemoteTicket> {
    await this.enqueue(connection, {
      event_action: 'trigger',
      dedup_key: content.key,
      ...triggerOf(connection, content),
    });
    // The incident is made a moment later; if it is not there yet, its number is read with the next look.
    return (await this.read(connection, content.key).catch(onlyFailures)) ?? known(content.key, 'open');
  }

  /** A trigger adds to the alert's log. Of one that people have resolved it would make a new one, so it is left alone. */
  async update(connection: PagerDutyConnection, remoteId: string, content: TicketContent): Promise<RemoteTicket> {
    const now = await this.incidents.newest(connection, remoteId);
    if (now?.status === 'resolved') return incidentTicket(remoteId, now);
    await this.enqueue(connection, { event_action: 'trigger', dedup_key: remoteId, ...triggerOf(connection, content) });
    return now === null || now === undefined ? known(remoteId, 'open') : incidentTicket(remoteId, now);
  }

  /** Notes are the REST API's, and somebody's: without its key or `from` there are none. */
  async comment(connection: PagerDutyConnection, remoteId: string, text: string): Promise<void> {
    if (connection.settings.from === undefined) return;
    const now = await this.incidents.newest(connection, remoteId);
    if (now === undefined) return;
    if (now === null) throw new TicketFailure('gone', 'PagerDuty has no incident of this key.');
    await this.incidents.note(connection, now.id, paragraphs(text).join('\n\n'));
  }

  async close(connection: PagerDutyConnection, remoteId: string, text: string): Promise<RemoteTicket> {
    const now = await this.incidents.newest(connection, remoteId);
    if (now?.status === 'resolved') return incidentTicket(remoteId, now);
    await this.enqueue(connection, { event_action: 'resolve', dedup_key: remoteId });
    await this.sayAfterwards(connection, remoteId, text);
    if (now === null || now === undefined) return known(remoteId, 'closed');
    return { ...incidentTicket(remoteId, now), state: 'closed', closedAs: 'done', changedAt: null };
  }

  async reopen(connection: PagerDutyConnection, remoteId: string, text: string): Promise<RemoteTicket> {
    const now = await this.incidents.newest(connection, remoteId);
    if (now !== null && now !== undefined && now.status !== 'resolved') return incidentTicket(remoteId, now);
    const summary = line(text, 1_024) || 'Mothball';
    const { source, severities } = connection.settings;
    const payload = { summary, source, severity: severities.medium };
    await this.enqueue(connection, { event_action: 'trigger', dedup_key: remoteId, payload });
    return known(remoteId, 'open');
  }

  /**
   * https://developer.pagerduty.com/docs/verifying-webhook-signatures: several while a secret is being changed. Sent
   * again for up to 48 hours.
   */
  hear({ headers, body, at }: InboundRequest, secret: string): Heard | 'ignore' | null {
    const signatures = (headers['x-pagerduty-signature'] ?? '')
      .split(',')
      .map((part) => /^v1=([0-9a-f]{64})$/.exec(part.trim())?.[1])
      .filter((part) => part !== undefined);
    if (!isSigned(body, secret, signatures, 'hex')) return null;
    const read = message.safeParse(jsonOf(body));
    // "pagey.ping" tests the subscription.
    if (!read.success) return 'ignore';
    const { id, event_type: type, occurred_at: occurred, data } = read.data.event;
    if (!isRecent(new Date(occurred), at, 49)) return null;
    if (!type.startsWith('incident.') || data.type !== 'incident') return 'ignore';
    // An incident that alerts were grouped into may have no key: it is known by its address then.
    const { incident_key: key, html_url: address } = data;
    return { messageId: id, remoteId: key ?? data.id, url: webLink(address ?? null) };
  }

  /** https://developer.pagerduty.com/docs/send-alert-event */
  private async enqueue({ settings, credential }: PagerDutyConnection, event: object): Promise<void> {
    const answer = await this.http.send({
      system: 'PagerDuty',
      method: 'POST',
      url: `${settings.events}/v2/enqueue`,
      headers: {},
      json: { routing_key: credential.routingKey, ...event },
      secrets: [credential.routingKey, credential.apiToken ?? ''],
    });
    const doing = 'the event';
    if (answer.status === 202) {
      readAs(answer, accepted, doing);
      return;
    }
    const { data } = invalid.safeParse(answer.json);
    const said = data === undefined ? null : [data.message, ...(data.errors ?? [])].join('; ');
    // What is wrong with the key is not wrong with the ticket.
    const aboutKey = answer.status === 400 && /routing.?key/i.test(said ?? '');
    throw failureOf(answer, doing, said, aboutKey ? { kind: 'refused' } : undefined);
  }

  private async sayAfterwards(connection: PagerDutyConnection, remoteId: string, text: string): Promise<void> {
    await this.comment(connection, remoteId, text).catch(onlyFailures);
  }
}

function onlyFailures(error: unknown): null {
  if (error instanceof TicketFailure) return null;
  throw error;
}

/** What we left it as, where it cannot be read. */
const known = (key: string, state: 'open' | 'closed'): RemoteTicket => ({
  id: key,
  reference: `PagerDuty ${key.slice(0, 8)}`,
  url: null,
  state,
  closedAs: state === 'closed' ? 'done' : null,
  version: null,
  changedAt: null,
});

/** https://support.pagerduty.com/docs/pd-cef: details are shown as text, whatever is in them. */
function triggerOf({ settings }: PagerDutyConnection, content: TicketContent): object {
  const link = webLink(content.link);
  const follows = content.follows === null ? {} : { follows: line(content.follows.reference, 200) };
  return {
    payload: {
      summary: line(content.title, 1_024) || 'Mothball',
      source: settings.source,
      severity: settings.severities[content.severity],
      ...(settings.component === undefined ? {} : { component: settings.component }),
      group: line(content.owner ?? 'no owner', 255),
      class: 'unused credentials',
      custom_details: {
        text: content.text.map((words) => line(words, 2_000)).join('\n\n'),
        findings: content.findings.map(({ title, why }) => line(`${title}: ${why}`, 800)),
        total: content.findings.length + content.more,
        remediation: content.remediation.map((step) => line(step, 1_000)),
        ...follows,
      },
    },
    client: 'Mothball',
    ...(link === null ? {} : { client_url: link, links: [{ href: link, text: 'See it in Mothball' }] }),
  };
}
