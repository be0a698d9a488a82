import { randomBytes } from 'node:crypto';

/**
 * @typedef {import('./mailbox.mjs').Asked} Asked
 * @typedef {import('./mailbox.mjs').Answered} Answered
 * @typedef {{ id: string, number: string, key: string, title: string, text: string, state: 'open' | 'closed', comments: string[] }} Ticket
 */

const ticketFields = ['key', 'title', 'text'];

/** A small ticketing system: it knows exactly these requests, and refuses every other one. */
export class Tracker {
  /** Whoever has it may do everything. */
  token = randomBytes(16).toString('base64url');
  /** @type {Map<string, Ticket>} */
  #tickets = new Map();

  counts() {
    const tickets = [...this.#tickets.values()];
    const keys = new Set(tickets.map(({ key }) => key));
    return { made: tickets.length, keys: keys.size, closed: tickets.filter(({ state }) => state === 'closed').length };
  }

  /**
   * @param {Asked} asked
   * @returns {Answered}
   */
  answer({ method, path, query, headers, body }) {
    if (headers.authorization !== `Bearer ${this.token}`) return refused(401, 'Who is there?');
    const [, , kind, id, part, ...rest] = path.split('/');
    if (kind !== 'tickets' || rest.length > 0) return refused(404, 'There is nothing here.');
    if (method === 'GET' && !id) return { status: 200, json: { tickets: this.#withKey(query.get('key')) } };
    const given = method === 'GET' ? {} : parsed(body);
    if (given === null) return refused(400, 'The body is not an object.');
    if (method === 'POST' && !id) return this.#make(given);
    const ticket = this.#tickets.get(id ?? '');
    if (!ticket) return refused(404, `There is no ticket ${id}.`);
    switch (`${method} ${part ?? ''}`) {
      case 'GET ':
        return { status: 200, json: ticket };
      case 'PATCH ':
        return change(ticket, given, ['title', 'text'], () => Object.assign(ticket, given));
      case 'POST comments':
        return change(ticket, given, ['text'], () => ticket.comments.push(String(given.text)));
      case 'POST state':
        return change(ticket, given, ['state', 'comment'], () => {
          ticket.state = given.state === 'closed' ? 'closed' : 'open';
          ticket.comments.push(String(given.comment));
        });
      default:
        return refused(405, 'That cannot be done.');
    }
  }

  /** @param {string | null} key */
  #withKey(key) {
    return [...this.#tickets.values()].filter((ticket) => ticket.key === key);
  }

  /** @param {Record<string, unknown>} given */
  #make(given) {
    const id = randomBytes(6).toString('hex');
    const number = `OPS-${this.#tickets.size + 1}`;
    /** @type {any} */
    const ticket = { id, number, state: 'open', comments: [] };
    return change(ticket, given, ticketFields, () => this.#tickets.set(id, Object.assign(ticket, given)), 201);
  }
}

/**
 * @param {Ticket} ticket
 * @param {Record<string, unknown>} given
 * @param {string[]} fields all of which must be there, as text, and no other
 * @param {() => void} apply
 */
function change(ticket, given, fields, apply, status = 200) {
  const names = Object.keys(given).sort();
  if (names.join() !== [...fields].sort().join() || names.some((name) => typeof given[name] !== 'string')) {
    return refused(400, `Wanted: ${fields.join(', ')}.`);
  }
  apply();
  return { status, json: ticket };
}

/**
 * @param {number} status
 * @param {string} error
 */
const refused = (status, error) => ({ status, json: { error } });

/** @param {string} body */
function parsed(body) {
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
