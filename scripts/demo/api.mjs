import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../lib/failure.mjs';

/** "Try again soon", the API says when its database does not answer: so often, and so long between. */
const tries = 5;
const pauseMs = 500;

/**
 * Sends one request to the GraphQL API and answers with its data.
 * @callback Ask
 * @param {string} query
 * @param {Record<string, unknown>} [variables]
 * @returns {Promise<any>}
 */

/**
 * @param {string} url
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {Ask}
 */
export const apiClient = (url, token, signal) => async (query, variables) => {
  for (let attempt = 1; ; attempt += 1) {
    const { status, text, body } = await send({ url, token, signal }, { query, variables });
    if (body?.data && !body.errors) return body.data;
    /** @type {{ message: string, extensions?: { code?: string } }[]} */
    const errors = body?.errors ?? [{ message: text }];
    const passing = errors.every(({ extensions }) => extensions?.code === 'UNAVAILABLE');
    if (!passing || query.startsWith('mutation') || attempt === tries) {
      const reasons = errors.map(({ message }) => message).join('\n  ');
      throw new Failure(`The GraphQL API refused a request (${status}):\n  ${reasons}\n${query}`);
    }
    await sleep(pauseMs, undefined, { signal });
  }
};

/**
 * @param {{ url: string, token: string, signal: AbortSignal }} api
 * @param {object} request
 */
async function send({ url, token, signal }, request) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
    signal,
  });
  const text = await answer.text();
  return { status: answer.status, text, body: parse(text) };
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * All nodes of a connection, page by page.
 * @param {Ask} ask
 * @param {string} query takes `$after` and has the connection as `page`, with `nodes` and `pageInfo`
 * @param {Record<string, unknown>} [variables]
 * @returns {AsyncGenerator<any[]>}
 */
export async function* pages(ask, query, variables = {}) {
  for (let after = null; ;) {
    const { page } = await ask(query, { ...variables, after });
    yield page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
}
