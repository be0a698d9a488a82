import { randomBytes } from 'node:crypto';
import { withClient } from './database-client.mjs';
import { Failure } from './failure.mjs';

/**
 * The name of a new database that the tests copy. On a server that others use too, runs must not meet.
 * @param {string} adminUrl
 * @returns {Promise<{ name: string, drop: () => Promise<void> }>} `drop` removes it and the copies that were left
 */
export async function createTemplate(adminUrl) {
  await withClient(adminUrl, mustBeSuperuser);
  const name = `mothball_template_${randomBytes(4).toString('hex')}`;
  const drop = () =>
    withClient(adminUrl, async (client) => {
      const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [name]);
      for (const { datname } of rows) {
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`);
      }
    });
  return { name, drop };
}

/**
 * The tests look behind row-level security; the service itself never needs that.
 * @param {import('pg').Client} client
 */
async function mustBeSuperuser(client) {
  const { rows } = await client.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  if (rows[0]?.rolsuper) return;
  throw new Failure(
    'The tests need a superuser in DATABASE_URL. Leave it unset, and they bring a PostgreSQL of their own.',
  );
}
