import { z } from 'zod';
import type { OpenConnection, RemoteTicket } from '../../ticket-system';
import { failureOf, readAs, type TicketAnswer, type TicketHttp } from '../parts/ticket-http';
import { webLink } from '../parts/ticket-words';
import type { PagerDutyCredential, PagerDutySettings } from './pagerduty-settings';

export type PagerDutyConnection = OpenConnection<PagerDutySettings, PagerDutyCredential>;

const incident = z.object({
  id: z.string().regex(/^[A-Z0-9]{1,40}$/),
  incident_number: z.number().int(),
  html_url: z.string(),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  last_status_change_at: z.string().nullish(),
});

export type PagerDutyIncident = z.infer<typeof incident>;

const problem = z.object({ error: z.object({ message: z.string(), errors: z.array(z.string()).optional() }) });

/** The REST API, for connections that have a key of it: https://developer.pagerduty.com/docs/rest-api-overview */
export class PagerDutyIncidents {
  constructor(private readonly http: TicketHttp) {}

  /**
   * The newest incident of a dedup key; undefined without a token.
   * https://developer.pagerduty.com/api-reference/9d0b4b12e36f9-list-incidents
   */
  async newest(connection: PagerDutyConnection, key: string): Promise<PagerDutyIncident | null | undefined> {
    if (connection.credential.apiToken === undefined) return undefined;
    const query = `incident_key=${encodeURIComponent(key)}&date_range=all&sort_by=created_at%3Adesc&limit=1`;
    const answer = await this.send(connection, 'GET', `/incidents?${query}`);
    const doing = 'reading the incident';
    const { incidents } = readAs(must(answer, 200, doing), z.object({ incidents: z.array(incident) }), doing);
    return incidents[0] ?? null;
  }

  /** `POST /incidents/{id}/notes`: https://developer.pagerduty.com/api-reference/ */
  async note(connection: PagerDutyConnection, id: string, content: string): Promise<void> {
    must(await this.send(connection, 'POST', `/incidents/${id}/notes`, { note: { content } }), 201, 'writing the note');
  }

  async send(
    { settings, credential }: PagerDutyConnection,
    method: 'GET' | 'POST',
    path: string,
    json?: object,
  ): Promise<TicketAnswer> {
    return this.http.send({
      system: 'PagerDuty',
      method,
      url: `${settings.api}${path}`,
      headers: {
        accept: 'application/vnd.pagerduty+json;version=2',
        authorization: `Token token=${credential.apiToken ?? ''}`,
        ...(settings.from === undefined ? {} : { from: settings.from }),
      },
      secrets: [credential.routingKey, credential.apiToken ?? ''],
      ...(json === undefined ? {} : { json }),
    });
  }
}

export function must(answer: TicketAnswer, status: number, doing: string): TicketAnswer {
  if (answer.status === status) return answer;
  const { data } = problem.safeParse(answer.json);
  const said = data === undefined ? null : [data.error.message, ...(data.error.errors ?? [])].join('; ');
  throw failureOf(answer, doing, said);
}

export function incidentTicket(key: string, found: PagerDutyIncident): RemoteTicket {
  const closed = found.status === 'resolved';
  const time = new Date(found.last_status_change_at ?? '');
  return {
    id: key,
    reference: `#${found.incident_number}`,
    url: webLink(found.html_url),
    state: closed ? 'closed' : 'open',
    // PagerDuty has no "won't do".
    closedAs: closed ? 'done' : null,
    version: null,
    changedAt: Number.isNaN(time.getTime()) ? null : time,
  };
}
