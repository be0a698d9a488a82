import { fileURLToPath } from 'node:url';
import { people } from '../issuer/people.mjs';
import { cleanEnvironment } from './environment.mjs';

/**
 * @typedef {object} Issuer
 * @property {string} url
 * @property {object} settings what the service is told about it
 * @property {{ name: string, what: string }[]} people who can sign in
 */

/**
 * Somebody who says who somebody is, so that signing in can be tried.
 * @param {import('./crew.mjs').Crew} crew
 * @returns {Promise<Issuer>}
 */
export async function startIssuer(crew) {
  const ready = await crew.start('issuer', fileURLToPath(new URL('../issuer.mjs', import.meta.url)), {
    args: ['--json', '--port', '0'],
    env: cleanEnvironment(),
    leashed: true,
    ready: ({ line }) => (line?.startsWith('{"issuer"') ? JSON.parse(line) : undefined),
  });
  return { url: ready.issuer, settings: ready.settings, people: people.map(({ id, what }) => ({ name: id, what })) };
}
