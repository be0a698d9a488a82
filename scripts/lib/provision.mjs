import { Failure } from './failure.mjs';
import { lockedTransaction, withClient } from './database-client.mjs';
import { derivePasswords, logins, parseAdminUrl, roleOf, schemaOf, withParts } from './database-logins.mjs';
import { provisionRoles } from './provision-roles.mjs';

/**
 * @typedef {import('./database-logins.mjs').Login} Login
 * @typedef {Record<Login, string>} LoginUrls
 */

/**
 * Prepares a database: the five logins, what each may do, their schemas. Needs no superuser: a login that owns the
 * database and has CREATEROLE will do, PostgreSQL 15 or newer. Changes nothing when all is as it should be, so any
 * number of hosts may do it at any time.
 * @param {object} options
 * @param {string} options.adminUrl
 * @param {string} [options.database] default: the one that the address names; created when it does not exist
 * @param {string | undefined} [options.secret] see `derivePasswords`
 * @returns {Promise<LoginUrls>}
 * @throws {Failure} which says what the administrator must do
 */
export async function provision({ adminUrl, database, secret = process.env.MOTHBALL_SECRET || undefined }) {
  const admin = parseAdminUrl(adminUrl);
  const name = database ?? admin.database;
  const passwords = derivePasswords(admin.password, secret);
  if (name !== admin.database) await withClient(adminUrl, (client) => ensureDatabase(client, name));
  await withClient(withParts(adminUrl, { database: name }), async (client) => {
    await checkAdministrator(client, name);
    await lockedTransaction(client, () => provisionRoles(client, passwords));
    await lockedTransaction(client, () => grantDatabase(client, name));
  });
  const urls = /** @type {LoginUrls} */ (
    Object.fromEntries(
      logins.map((login) => [
        login,
        withParts(adminUrl, { database: name, user: roleOf(login), password: passwords[login] }),
      ]),
    )
  );
  await withClient(urls.owner, (client) => createSchema(client, 'owner', ['app', 'dispatcher', 'platform']));
  await withClient(urls.queue, (client) => createSchema(client, 'queue', []));
  return urls;
}

/**
 * @param {import('pg').Client} client
 * @param {string} name
 */
async function ensureDatabase(client, name) {
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (found.rowCount) return;
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    // 42P04 and 23505: another start created it meanwhile.
    if (!['42P04', '23505'].includes(error.code)) throw error;
  }
}

/**
 * @param {import('pg').Client} client
 * @param {string} database
 */
async function checkAdministrator(client, database) {
  const { rows } = await client.query(`
    SELECT current_setting('server_version_num')::int / 10000 AS major, current_user AS user_name,
           r.rolsuper OR r.rolcreaterole AS creates_roles,
           r.rolsuper OR pg_has_role(d.datdba, 'USAGE') AS owns_database
    FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`);
  const { major, user_name: user, creates_roles: createsRoles, owns_database: ownsDatabase } = rows[0];
  const quoted = (/** @type {string} */ name) => client.escapeIdentifier(name);
  if (major < 15)
    throw new Failure(`Mothball needs PostgreSQL 15 or newer; DATABASE_URL leads to PostgreSQL ${major}.`);
  if (!createsRoles) {
    throw new Failure(
      `The user ${user} in DATABASE_URL may not create the service logins. Have an administrator run: ALTER ROLE ${quoted(user)} CREATEROLE;`,
    );
  }
  if (!ownsDatabase) {
    throw new Failure(
      `The user ${user} in DATABASE_URL does not own the database ${database}. ` +
        `Have an administrator run: ALTER DATABASE ${quoted(database)} OWNER TO ${quoted(user)};`,
    );
  }
}

/**
 * Who may connect, and who may create schemas. A copy of a template database does not inherit these grants.
 * @param {import('pg').Client} client
 * @param {string} database
 */
async function grantDatabase(client, database) {
  const name = client.escapeIdentifier(database);
  // BullMQ's migrations run CREATE SCHEMA IF NOT EXISTS, which wants CREATE even when the schema is there.
  await client.query(`GRANT CONNECT, CREATE ON DATABASE ${name} TO mothball_owner, mothball_queue`);
  await client.query(`GRANT CONNECT ON DATABASE ${name} TO mothball_app, mothball_dispatcher, mothball_platform`);
  // Every tool of a cluster connects to `postgres` first: what is shared with others stays open to them.
  if (database !== 'postgres') await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}

/**
 * @param {import('pg').Client} client connected as that login, which becomes the schema's owner
 * @param {Login} login
 * @param {Login[]} users
 */
async function createSchema(client, login, users) {
  const schema = schemaOf(login);
  await lockedTransaction(client, async () => {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    const { rows } = await client.query(
      'SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = $1',
      [schema],
    );
    if (rows[0].owner !== roleOf(login)) {
      throw new Failure(
        `The schema ${schema} belongs to ${rows[0].owner} instead of ${roleOf(login)}: rename or drop it.`,
      );
    }
    if (users.length > 0) await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${users.map(roleOf).join(', ')}`);
  });
}
