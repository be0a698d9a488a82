import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { FakeServer, problemsOf, type FakeAnswer, type FakeRequest } from './fake-server';

export interface FakeHelpdeskTicket {
  readonly id: string;
  subject: string;
  description: string;
  priority: number;
  externalKey: string;
  status: 'new' | 'solved' | 'rejected';
  version: number;
  updated: Date;
  readonly notes: string[];
}

const creation = z.strictObject({
  subject: z.string().min(1).max(250),
  description: z.string().max(30_000),
  priority: z.number().int(),
  externalKey: z.string(),
});

/** Some ticketing system with an HTTP API, that nobody has written a file for. */
export class FakeHelpdesk extends FakeServer {
  readonly token = 'helpdesk-practice-token';
  readonly tickets: FakeHelpdeskTicket[] = [];
  reopens = true;

  ticket(id: string): FakeHelpdeskTicket {
    const found = this.tickets.find((one) => one.id === id);
    if (found === undefined) throw new Error(`No ticket ${id}.`);
    return found;
  }

  edit(id: string, change: Partial<Omit<FakeHelpdeskTicket, 'id' | 'notes'>>): void {
    const ticket = this.ticket(id);
    Object.assign(ticket, change, { version: ticket.version + 1, updated: this.now() });
  }

  remove(id: string): void {
    this.tickets.splice(this.tickets.indexOf(this.ticket(id)), 1);
  }

  /** Signed by Standard Webhooks. */
  message(id: string, secret: string, at = this.now()) {
    const body = JSON.stringify({ type: 'ticket.changed', timestamp: at.toISOString(), data: { id } });
    const messageId = `msg_${randomUUID()}`;
    return {
      headers: {
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(messageId, at, body),
      },
      body: Buffer.from(body),
    };
  }

  /** The settings that go with it. */
  settings(): Record<string, unknown> {
    return {
      base: `${this.origin}/api`,
      create: {
        method: 'POST',
        path: '/tickets',
        headers: { 'idempotency-key': '{{key}}' },
        body: { subject: '{{title}}', description: '{{text}}', priority: '{{map.priority}}', externalKey: '{{key}}' },
        answer: '/ticket',
      },
      find: { method: 'GET', path: '/tickets?externalKey={{key}}', answer: '/tickets', key: '/externalKey' },
      read: { method: 'GET', path: '/tickets/{{id}}', answer: '/ticket' },
      update: { method: 'PATCH', path: '/tickets/{{id}}', body: { subject: '{{title}}', description: '{{text}}' } },
      comment: { method: 'POST', path: '/tickets/{{id}}/notes', form: { note: '{{comment}}' } },
      close: { method: 'PATCH', path: '/tickets/{{id}}', body: { status: 'solved' } },
      reopen: { method: 'PATCH', path: '/tickets/{{id}}', body: { status: 'new' } },
      answers: {
        ...{ id: '/id', state: '/status', reference: '/id', url: '/url', version: '/version', changedAt: '/updated' },
        ...{ title: '/subject', text: '/description' },
      },
      states: { closed: ['solved', 'rejected'], wontDo: ['rejected'] },
      maps: { priority: { low: 4, medium: 3, high: 2, critical: 1 } },
    };
  }

  get credential(): Record<string, unknown> {
    return { headers: { authorization: `Bearer ${this.token}` } };
  }

  protected handle(request: FakeRequest): FakeAnswer {
    const { method, path, query } = request;
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, json: { error: 'unauthorized' } };
    if (path === '/api/tickets' && method === 'GET') {
      const found = this.tickets.filter((ticket) => ticket.externalKey === query.get('externalKey'));
      return { status: 200, json: { tickets: found.map((ticket) => this.shown(ticket)) } };
    }
    if (path === '/api/tickets' && method === 'POST') return this.create(request.json);
    const [, id, notes] = /^\/api\/tickets\/([^/]+)(\/notes)?$/.exec(path) ?? [];
    const ticket = this.tickets.find((one) => one.id === id);
    if (ticket === undefined) return { status: 404, json: { error: 'not found' } };
    if (method === 'GET') return { status: 200, json: { ticket: this.shown(ticket) } };
    return notes === undefined ? this.change(ticket, request) : this.say(ticket, request);
  }

  private create(json: unknown): FakeAnswer {
    const errors = problemsOf(creation, json);
    if (Object.keys(errors).length > 0) return { status: 422, json: { errors } };
    const id = String(this.tickets.length + 1);
    const ticket: FakeHelpdeskTicket = {
      ...creation.parse(json),
      id,
      status: 'new',
      version: 1,
      updated: this.now(),
      notes: [],
    };
    this.tickets.push(ticket);
    return { status: 201, json: { ticket: this.shown(ticket) } };
  }

  private change(ticket: FakeHelpdeskTicket, { method, json }: FakeRequest): FakeAnswer {
    const change = creation.extend({ status: z.enum(['new', 'solved', 'rejected']) }).partial();
    const errors = method === 'PATCH' ? problemsOf(change, json) : { method: 'is not known here' };
    if (Object.keys(errors).length > 0) return { status: 422, json: { errors } };
    const wanted = change.parse(json);
    if (wanted.status === 'new' && !this.reopens) return { status: 200, json: { ticket: this.shown(ticket) } };
    Object.assign(ticket, wanted, { version: ticket.version + 1, updated: this.now() });
    return { status: 200, json: { ticket: this.shown(ticket) } };
  }

  private say(ticket: FakeHelpdeskTicket, { method, headers, text }: FakeRequest): FakeAnswer {
    const note = new URLSearchParams(text).get('note') ?? '';
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
    if (method !== 'POST' || !isForm || note === '') return { status: 422, json: { errors: { note: 'is missing' } } };
    ticket.notes.push(note);
    return { status: 204 };
  }

  private shown(ticket: FakeHelpdeskTicket): object {
    const { notes: _, ...rest } = ticket;
    return { ...rest, url: `https://helpdesk.example.com/t/${ticket.id}` };
  }
}
