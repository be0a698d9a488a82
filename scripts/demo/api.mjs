import { Failure } from '../lib/failure.mjs';

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
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const text = await answer.text();
  const body = parse(text);
  if (body?.errors || !body?.data) {
    const reasons = body?.errors?.map((/** @type {{ message: string }} */ { message }) => message).join('\n  ');
    throw new Failure(`The GraphQL API refused a request (${answer.status}):\n  ${reasons ?? text}\n${query}`);
  }
  return body.data;
};

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
