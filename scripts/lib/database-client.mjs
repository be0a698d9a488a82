import { setTimeout as sleep } from 'node:timers/promises';
import { logins, roleOf } from './database-logins.mjs';
import { Failure } from './failure.mjs';

/** @typedef {import('pg').Client} Client */

/**
 * Connects, does the work, closes. What the database refuses becomes a sentence that says what to do.
 * @template T
 * @param {string} url
 * @param {(client: Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withClient(url, work) {
  // Not at the top: this file is loaded before packages are installed.
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'mothball setup',
  });
  // A connection that breaks later fails its query; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw explain(error, url);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * A transaction that holds an advisory lock of this database. Repeated when a start on another database of the same
 * cluster changed a role at the same moment, which that lock does not exclude.
 * @param {Client} client
 * @param {() => Promise<void>} work
 */
export async function lockedTransaction(client, work) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(7662812)');
      await work();
      await client.query('COMMIT');
      return;
    } catch (error) {
      await client.query('ROLLBACK');
      const collided = error.code === '23505' || /concurrently (updated|deleted)/.test(error.message);
      if (!collided || attempt === 20) throw error;
      await sleep(25 + Math.random() * 100);
    }
  }
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
]);

/**
 * @param {any} error
 * @param {string} address
 */
function explain(error, address) {
  if (error instanceof Failure) return error;
  const { hostname, port, pathname, username } = new URL(address);
  const where = `${hostname}:${port || 5432}`;
  const user = decodeURIComponent(username);
  const code = error.code ?? error.errors?.[0]?.code;
  if (unreachable.has(code) || /timeout expired|terminated/i.test(error.message)) {
    return new Failure(
      `No PostgreSQL answers at ${where} (${code ?? error.message}). Is it running, and is the address in DATABASE_URL right?`,
    );
  }
  if (code === '28P01' || code === '28000') {
    return new Failure(
      logins.map(roleOf).includes(user)
        ? `The database at ${where} refuses the login ${user}: ${error.message}. ` +
            'Was it set up from another DATABASE_URL password or MOTHBALL_SECRET at the same moment? Otherwise look at its pg_hba.conf.'
        : `The database at ${where} refuses the user ${user}: ${error.message}. Check the user and password in DATABASE_URL.`,
    );
  }
  if (code === '3D000')
    return new Failure(`At ${where} there is no database ${pathname.slice(1)}. Create it, or correct DATABASE_URL.`);
  if (code === '53300')
    return new Failure(`The database at ${where} has no connection left: ${error.message}. Raise max_connections.`);
  if (code === '42501')
    return new Failure(`The user ${user} in DATABASE_URL may not prepare the database: ${error.message}${hint(error)}`);
  return new Failure(`The database at ${where} could not be prepared: ${error.message}${hint(error)}`);
}

const hint = (/** @type {any} */ error) =>
  [error.detail, error.hint]
    .filter(Boolean)
    .map((text) => `\n  ${text}`)
    .join('');
