import { Webhook } from 'standardwebhooks';

/**
 * @typedef {object} Asked
 * @property {string} method
 * @property {string} path
 * @property {URLSearchParams} query
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} body
 *
 * @typedef {{ status: number, json: object }} Answered
 */

/** Takes messages that are signed with the secret of their path, each once, whatever is sent twice. */
export class Mailbox {
  /** @type {Map<string, Webhook>} */
  #verifiers = new Map();
  /** @type {Set<string>} */
  #taken = new Set();
  #refused = 0;

  /**
   * @param {string} path
   * @param {string} secret as the API has shown it
   */
  expect(path, secret) {
    this.#verifiers.set(path, new Webhook(secret));
  }

  counts() {
    return { taken: this.#taken.size, refused: this.#refused };
  }

  /**
   * @param {Asked} asked
   * @returns {Answered}
   */
  answer({ method, path, headers, body }) {
    const verifier = this.#verifiers.get(path);
    if (method !== 'POST' || !verifier) return this.#refuse(404, 'There is nothing here.');
    try {
      verifier.verify(body, /** @type {Record<string, string>} */ (headers));
    } catch (error) {
      // In the demo the clocks are put ahead one after the other: what came in between is wanted again.
      if (error.message.startsWith('Message timestamp')) return { status: 503, json: { error: error.message } };
      return this.#refuse(401, error.message);
    }
    this.#taken.add(`${path} ${headers['webhook-id']}`);
    return { status: 200, json: {} };
  }

  /**
   * @param {number} status
   * @param {string} error
   */
  #refuse(status, error) {
    this.#refused += 1;
    return { status, json: { error } };
  }
}
