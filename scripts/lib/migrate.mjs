import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { dist } from './paths.mjs';
import { runToEnd } from './supervisor.mjs';

/**
 * Brings a database to the present schema. A process of its own: no process that serves ever has the owner's address.
 * @param {string} ownerUrl
 * @returns {Promise<string>} what was done, a line each
 */
export async function migrate(ownerUrl) {
  const { PATH, SystemRoot, NODE_EXTRA_CA_CERTS } = process.env;
  const env = { PATH, SystemRoot, NODE_EXTRA_CA_CERTS, MOTHBALL_OWNER_DATABASE_URL: ownerUrl };
  const { code, output } = await runToEnd(join(dist, 'src', 'migrate.js'), { env });
  if (code !== 0) throw new Failure(output || `Migration failed with status ${code}.`);
  return output;
}
