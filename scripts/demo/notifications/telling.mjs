import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../lib/failure.mjs';
import { apiClient } from '../api.mjs';
import { cleanEnvironment } from '../environment.mjs';
import { counted } from '../wording.mjs';

const name = 'receiver';
const pauseMs = 200;
/** Longer than any delivery takes to a receiver that is there. */
const longestMs = 120_000;

/** What is done in AWS is told at once, each by itself; what scans find is told together. */
const endpoints = [
  { path: 'acts', sends: 'SINGLE', types: ['plan.*', 'identity.*', 'account.*'] },
  { path: 'everything', sends: 'BATCH', types: null },
];

/** A ticket for each unused user: the clean-up deletes some of them, and their tickets are closed. */
const ticketed = { oneFor: 'FINDING', filter: { checks: ['unused-user'] } };

/**
 * @typedef {import('../stage.mjs').Tenant} Tenant
 *
 * @typedef {object} Counts of `--json`
 * @property {number} events
 * @property {number} delivered
 * @property {number} failed
 * @property {number} pending
 * @property {{ opened: number, closed: number }} tickets
 *
 * @typedef {object} Heard by the receiver's own account
 * @property {number} taken messages, each once
 * @property {number} refused
 * @property {{ made: number, keys: number, closed: number }} tracker
 */

/** Somebody who is told: a receiver that verifies signatures, and a small ticketing system. */
export class Telling {
  #crew;
  #signal;
  #api;
  #receiver = { url: '', tracker: '' };
  /** @type {{ ask: import('../api.mjs').Ask, connection: string }[]} */
  #tenants = [];

  /**
   * @param {import('../crew.mjs').Crew} crew
   * @param {string} api
   * @param {AbortSignal} signal
   */
  constructor(crew, api, signal) {
    this.#crew = crew;
    this.#api = api;
    this.#signal = signal;
  }

  /** @param {Tenant[]} tenants each of which gets endpoints, and a connection whose test ticket is under way */
  async begin(tenants) {
    this.#receiver = await this.#crew.start(name, fileURLToPath(new URL('listener.mjs', import.meta.url)), {
      env: cleanEnvironment(),
      leashed: true,
      ready: ({ line }) => (line?.startsWith('{"url"') ? JSON.parse(line) : undefined),
    });
    for (const [number, { token }] of tenants.entries()) {
      const ask = apiClient(this.#api, token, this.#signal);
      for (const endpoint of endpoints) await this.#makeEndpoint(ask, `/${endpoint.path}/${number}`, endpoint);
      this.#tenants.push({ ask, connection: await this.#makeConnection(ask) });
    }
  }

  /** Tickets are opened from now on. */
  async activate() {
    for (const { ask, connection } of this.#tenants) {
      await this.#until('the test ticket', async () => {
        const { ticketConnection } = await ask(
          'query ($id: ID!) { ticketConnection(id: $id) { test { state steps { step ok said } } } }',
          { id: connection },
        );
        const { state, steps } = ticketConnection.test ?? {};
        if (state === 'FAILED') throw new Failure(`The test ticket failed: ${JSON.stringify(steps)}`);
        return state === 'PASSED';
      });
      await ask('mutation ($id: ID!) { activateTicketConnection(id: $id) { id } }', { id: connection });
    }
  }

  /**
   * Waits until everybody has been told of everything.
   * @returns {Promise<Counts>}
   */
  async end() {
    let counts = await this.#count();
    await this.#until('the last delivery', async () => {
      counts = await this.#count();
      return counts.pending === 0 && !(await this.#isAtWork());
    });
    return counts;
  }

  /**
   * In words.
   * @param {Counts} counts
   */
  async told({ events, delivered, failed, tickets }) {
    /** @type {Heard} */
    const { taken, refused, tracker } = await this.#crew.tell(name, { type: 'count' }, ({ message }) =>
      message?.type === 'count' ? message : undefined,
    );
    if (refused > 0) throw new Failure(`The receiver refused ${counted(refused, 'message')}.`);
    if (taken !== delivered) throw new Failure(`The receiver has ${counted(taken, 'message')}, and not ${delivered}.`);
    return [
      `${counted(events, 'event')}, told in ${counted(delivered, 'message')}` +
        (failed > 0 ? `; ${counted(failed, 'message')} failed.` : '. The receiver has verified the signature of each.'),
      `${counted(tickets.opened, 'ticket')} opened, one for each unused user, and ${tickets.closed} of them closed ` +
        `when the finding was gone. The ticketing system counts ${counted(tracker.keys, 'key')} in ${counted(tracker.made, 'ticket')}, its test tickets included.`,
    ].join('\n  ');
  }

  /**
   * @param {import('../api.mjs').Ask} ask
   * @param {string} path
   * @param {typeof endpoints[number]} endpoint
   */
  async #makeEndpoint(ask, path, { path: kind, sends, types }) {
    const input = {
      name: kind,
      to: { webhook: { url: `${this.#receiver.url}${path}` } },
      sends,
      ...(types ? { filter: { types } } : {}),
    };
    const { createEndpoint } = await ask(
      'mutation ($input: EndpointInput!) { createEndpoint(input: $input) { secret } }',
      {
        input,
      },
    );
    await this.#crew.tell(name, { type: 'expect', path, secret: createEndpoint.secret }, () => true);
  }

  /** @param {import('../api.mjs').Ask} ask */
  async #makeConnection(ask) {
    const template = {
      ...tracker,
      base: `${this.#receiver.url}/tracker`,
      credential: { headers: { authorization: `Bearer ${this.#receiver.tracker}` } },
    };
    const { createTicketConnection } = await ask(
      'mutation ($input: TicketConnectionInput!) { createTicketConnection(input: $input) { connection { id } } }',
      { input: { name: 'OPS', system: { template }, ...ticketed, dailyCap: 1_000 } },
    );
    const { id } = createTicketConnection.connection;
    await ask('mutation ($id: ID!) { testTicketConnection(id: $id) { id } }', { id });
    return id;
  }

  async #count() {
    const sums = { events: 0, delivered: 0, failed: 0, pending: 0, tickets: { opened: 0, closed: 0 } };
    for (const { ask } of this.#tenants) {
      const answer = await ask(countQuery);
      sums.events += answer.events.totalCount;
      sums.delivered += answer.delivered.totalCount;
      sums.failed += answer.failed.totalCount;
      sums.pending += answer.pending.totalCount;
      sums.tickets.opened += answer.opened.totalCount;
      sums.tickets.closed += answer.closed.totalCount;
    }
    return sums;
  }

  /** Whether anybody is about to be told of something. What waits for another day, such as a ticket, does not count. */
  async #isAtWork() {
    const soon = Date.now() + pauseMs;
    for (const { ask } of this.#tenants) {
      const { tasks } = await ask(tasksQuery);
      if (tasks.nodes.some(({ state, dueAt }) => state !== 'WAITING' || Date.parse(dueAt) < soon)) return true;
    }
    return false;
  }

  /**
   * @param {string} what
   * @param {() => Promise<boolean>} isThere
   */
  async #until(what, isThere) {
    for (const end = performance.now() + longestMs; !(await isThere());) {
      if (performance.now() > end) throw new Failure(`Waited in vain for ${what}.`);
      await sleep(pauseMs, undefined, { signal: this.#signal });
    }
  }
}

const countQuery = `{
  events { totalCount }
  delivered: deliveries(filter: { states: [DELIVERED] }) { totalCount }
  failed: deliveries(filter: { states: [FAILED, CANCELLED] }) { totalCount }
  pending: deliveries(filter: { states: [WAITING, GATHERING] }) { totalCount }
  opened: tickets(filter: { states: [OPEN, CLOSED, FOLLOWED] }) { totalCount }
  closed: tickets(filter: { states: [CLOSED] }) { totalCount }
}`;

const tasksQuery = `{
  tasks(first: 50, filter: { state: [WAITING, ADMITTED, RUNNING], kind: ["publish-events", "deliver", "sync-tickets"] }) {
    nodes { state dueAt }
  }
}`;

/** How the ticketing system wants to be asked. */
const tracker = {
  create: { method: 'POST', path: '/tickets', body: { key: '{{key}}', title: '{{title}}', text: '{{text}}' } },
  find: { method: 'GET', path: '/tickets?key={{key}}', answer: '/tickets', key: '/key' },
  read: { method: 'GET', path: '/tickets/{{id}}' },
  update: { method: 'PATCH', path: '/tickets/{{id}}', body: { title: '{{title}}', text: '{{text}}' } },
  comment: { method: 'POST', path: '/tickets/{{id}}/comments', body: { text: '{{comment}}' } },
  close: { method: 'POST', path: '/tickets/{{id}}/state', body: { state: 'closed', comment: '{{comment}}' } },
  reopen: { method: 'POST', path: '/tickets/{{id}}/state', body: { state: 'open', comment: '{{comment}}' } },
  answers: { id: '/id', state: '/state', reference: '/number', title: '/title', text: '/text' },
  states: { closed: ['closed'] },
};
