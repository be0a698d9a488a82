import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FakeServer, problemsOf, type FakeAnswer, type FakeRequest } from './fake-server';

export interface FakeIncident {
  readonly id: string;
  readonly number: number;
  readonly key: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
  /** The summary and details of each trigger. */
  readonly triggers: { readonly summary: string; readonly severity: string; readonly custom_details?: unknown }[];
  readonly notes: string[];
  changed: Date;
}

const link = z.strictObject({ href: z.url(), text: z.string().optional() });
const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string(),
    event_action: z.literal('trigger'),
    dedup_key: z.string().max(255).optional(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.string().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
    links: z.array(link).optional(),
    client: z.string().optional(),
    client_url: z.url().optional(),
  }),
  z.strictObject({
    routing_key: z.string(),
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  }),
]);

/**
 * PagerDuty: the Events API v2 (https://developer.pagerduty.com/docs/send-alert-event) and, of the REST API, incidents
 * and their notes; both on one address here.
 */
export class FakePagerDuty extends FakeServer {
  readonly routingKey = 'e93facc04764012d7bfb002500d5d1a6';
  readonly apiToken = 'pagerduty-practice-token';
  readonly incidents: FakeIncident[] = [];
  /** Events that are still taken before it says 429: https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/05-Rate-Limits.md */
  allowance = Infinity;

  /** Whether messages have the dedup key: incidents of grouped alerts may have none. */
  tellsKeys = true;

  newest(key: string): FakeIncident | undefined {
    return this.incidents.filter((incident) => incident.key === key).at(-1);
  }

  /** What people do. */
  resolve(key: string): void {
    this.turn(key, 'resolved');
  }

  /** https://developer.pagerduty.com/docs/webhooks-overview and https://developer.pagerduty.com/docs/verifying-webhook-signatures */
  message(key: string, secrets: readonly string[], eventType = 'incident.resolved', occurredAt = this.now()) {
    const incident = this.newest(key);
    const body = Buffer.from(
      JSON.stringify({
        event: {
          id: randomUUID(),
          event_type: eventType,
          resource_type: 'incident',
          occurred_at: occurredAt.toISOString(),
          agent: null,
          client: null,
          data: {
            id: incident?.id ?? 'P0',
            type: 'incident',
            html_url: `https://acme.pagerduty.com/incidents/${incident?.id ?? 'P0'}`,
            incident_key: this.tellsKeys ? key : null,
            status: incident?.status,
          },
        },
      }),
    );
    const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`);
    return { headers: { 'x-pagerduty-signature': signatures.join(',') }, body };
  }

  protected handle(request: FakeRequest): FakeAnswer {
    if (request.path === '/v2/enqueue' && request.method === 'POST') return this.enqueue(request.json);
    if (request.headers.authorization !== `Token token=${this.apiToken}`) return { status: 401, text: '' };
    // https://developer.pagerduty.com/docs/versioning
    if (request.headers.accept !== 'application/vnd.pagerduty+json;version=2')
      return problem(400, 'Unsupported version');
    if (request.path === '/incidents' && request.method === 'GET') return this.list(request.query);
    const id = /^\/incidents\/(\w+)\/notes$/.exec(request.path)?.[1];
    return id === undefined ? problem(404, 'Not Found') : this.note(id, request);
  }

  private enqueue(json: unknown): FakeAnswer {
    const errors = Object.entries(problemsOf(event, json)).map(([field, why]) => `'${field}' ${why}`);
    if (errors.length > 0) return invalid(errors);
    const said = event.parse(json);
    if (!/^[A-Za-z0-9]{32}$/.test(said.routing_key)) return invalid(['Invalid routing key']);
    if (this.allowance-- <= 0) return { status: 429, text: 'Request Limit Exceeded' };
    const key = said.dedup_key ?? randomUUID();
    // A key that nobody has is taken, and its events go nowhere.
    if (said.routing_key === this.routingKey) {
      if (said.event_action === 'trigger') this.trigger(key, said.payload);
      else this.turn(key, said.event_action === 'resolve' ? 'resolved' : 'acknowledged');
    }
    return { status: 202, json: { status: 'success', message: 'Event processed', dedup_key: key } };
  }

  private trigger(key: string, payload: FakeIncident['triggers'][number]): void {
    const open = this.newest(key);
    if (open !== undefined && open.status !== 'resolved') {
      open.triggers.push(payload);
      return;
    }
    const number = this.incidents.length + 1;
    this.incidents.push({
      id: `P${number}QX`,
      number,
      key,
      status: 'triggered',
      triggers: [payload],
      notes: [],
      changed: this.now(),
    });
  }

  private turn(key: string, status: FakeIncident['status']): void {
    const incident = this.newest(key);
    if (incident !== undefined && incident.status !== 'resolved')
      Object.assign(incident, { status, changed: this.now() });
  }

  private list(query: URLSearchParams): FakeAnswer {
    const key = query.get('incident_key');
    const found = this.incidents.filter((incident) => key === null || incident.key === key).reverse();
    const incidents = found
      .slice(0, Number(query.get('limit') ?? 25))
      .map(({ id, number, key: of, status, changed }) => ({
        id,
        type: 'incident',
        incident_number: number,
        incident_key: of,
        html_url: `https://acme.pagerduty.com/incidents/${id}`,
        status,
        last_status_change_at: changed.toISOString(),
      }));
    return { status: 200, json: { incidents, limit: 25, offset: 0, more: false } };
  }

  private note(id: string, { method, headers, json }: FakeRequest): FakeAnswer {
    const incident = this.incidents.find((one) => one.id === id);
    if (incident === undefined) return problem(404, 'Not Found');
    if (headers.from === undefined) return problem(400, 'Requester User Not Found');
    const note = z.strictObject({ note: z.strictObject({ content: z.string().min(1) }) }).safeParse(json);
    if (method !== 'POST' || !note.success) return problem(400, 'Invalid Input Provided');
    incident.notes.push(note.data.note.content);
    return { status: 201, json: { note: { id: 'N1', content: note.data.note.content } } };
  }
}

const problem = (status: number, message: string): FakeAnswer => ({ status, json: { error: { message, code: 2001 } } });
const invalid = (errors: readonly string[]): FakeAnswer => ({
  status: 400,
  json: { status: 'invalid event', message: 'Event object is invalid', errors },
});
