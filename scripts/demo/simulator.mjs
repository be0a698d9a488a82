import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { dist } from '../lib/paths.mjs';
import { cleanEnvironment } from './environment.mjs';

/**
 * @typedef {object} Simulator
 * @property {string} url
 * @property {{ accessKeyId: string, secretAccessKey: string, userArn: string }} credentials
 * @property {string} managementAccountId
 * @property {number} accounts
 * @property {(path: string, body?: object) => Promise<any>} control its control API: POST with a body, else GET
 */

/**
 * @typedef {object} Counters what reached AWS, throttled requests included
 * @property {number} total
 * @property {number} throttled
 * @property {Record<string, { calls: number, throttled: number, errors: number }>} byAction
 */

/**
 * @param {import('./crew.mjs').Crew} crew
 * @param {import('./options.mjs').Options['sizes']} sizes
 * @param {AbortSignal} signal
 * @returns {Promise<Simulator>}
 */
export async function startSimulator(crew, sizes, signal) {
  const ready = await crew.start('AWS simulator', join(dist, 'aws-simulator', 'main.js'), {
    args: ['--json', ...Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    env: cleanEnvironment(),
    leashed: true,
    ready: ({ line }) => (line?.startsWith('{"url"') ? JSON.parse(line) : undefined),
  });
  const control = async (/** @type {string} */ path, /** @type {object} */ body) => {
    const request = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await fetch(`${ready.controlUrl}/${path}`, { ...request, signal });
    if (!answer.ok) throw new Failure(`The simulator refused ${path}: ${await answer.text()}`);
    return answer.json();
  };
  const { url, credentials, managementAccountId, accounts } = ready;
  return { url, credentials, managementAccountId, accounts, control };
}

/**
 * What was asked between two looks at the counters.
 * @param {Counters} before
 * @param {Counters} after
 */
export const callsBetween = (before, after) => after.total - before.total;
