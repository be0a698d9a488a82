import { Failure } from './failure.mjs';
import { logins, roleOf, schemaOf, scramVerifier, settingsOf } from './database-logins.mjs';

/**
 * Creates the logins, or brings them back to what they must be. Inside a transaction.
 * @param {import('pg').Client} client
 * @param {Record<import('./database-logins.mjs').Login, string>} passwords
 */
export async function provisionRoles(client, passwords) {
  const found = await readRoles(client);
  for (const login of logins) {
    const role = roleOf(login);
    const present = found.get(role);
    if (!present) {
      await client.query(
        `CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT`,
      );
    }
    if (present) await harmless(client, present);
    await setPassword(client, role, passwords[login]);
    const wanted = [`search_path=${schemaOf(login)}`, ...settingsOf(login)];
    for (const setting of wanted.filter((each) => !present?.settings.includes(each))) {
      const [name, value] = setting.split('=');
      await client.query(`ALTER ROLE ${role} SET ${name} = ${client.escapeLiteral(value)}`);
    }
  }
}

/**
 * @typedef {object} Role
 * @property {string} name
 * @property {boolean} above a superuser, or one that row-level security does not hold
 * @property {boolean} strays may do more than log in
 * @property {string[]} memberOf
 * @property {string[]} settings
 * @property {boolean} mine the administrator may alter it
 */

/**
 * @param {import('pg').Client} client
 * @returns {Promise<Map<string, Role>>}
 */
async function readRoles(client) {
  const { rows } = await client.query(
    `SELECT r.rolname AS name, r.rolsuper OR r.rolbypassrls OR r.rolreplication AS above,
            NOT r.rolcanlogin OR r.rolinherit OR r.rolcreaterole OR r.rolcreatedb AS strays,
            coalesce(r.rolconfig, '{}') AS settings,
            ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid) AS "memberOf",
            me.rolsuper OR current_setting('server_version_num')::int < 160000
              OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.roleid = r.oid AND m.admin_option
                         AND pg_has_role(m.member, 'USAGE')) AS mine
     FROM pg_roles r, pg_roles me
     WHERE me.rolname = current_user AND r.rolname = ANY ($1)`,
    [logins.map(roleOf)],
  );
  return new Map(rows.map((role) => [role.name, role]));
}

/**
 * Tenants are kept apart by row-level security, so a login that escapes it must never be used.
 * @param {import('pg').Client} client
 * @param {Role} role
 */
async function harmless(client, role) {
  if (role.above) {
    throw new Failure(
      `The login ${role.name} must not be above row-level security. ` +
        `Have a superuser run: ALTER ROLE ${role.name} NOSUPERUSER NOBYPASSRLS NOREPLICATION;`,
    );
  }
  if (role.memberOf.length > 0) {
    throw new Failure(
      `The login ${role.name} must not be a member of other roles. Run: REVOKE ${role.memberOf.join(', ')} FROM ${role.name};`,
    );
  }
  if (!role.mine) {
    throw new Failure(
      `The login ${role.name} was created by another administrator. ` +
        `Have that one run, for each of ${logins.map(roleOf).join(', ')}: GRANT ${role.name} TO <the user in DATABASE_URL> WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;`,
    );
  }
  // NOSUPERUSER and NOBYPASSRLS cannot even be said here without being a superuser.
  if (role.strays) await client.query(`ALTER ROLE ${role.name} LOGIN NOINHERIT NOCREATEROLE NOCREATEDB`);
}

/**
 * @param {import('pg').Client} client
 * @param {string} role
 * @param {string} password
 */
async function setPassword(client, role, password) {
  await client.query('SAVEPOINT password');
  try {
    await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(scramVerifier(password))}`);
  } catch (error) {
    if (/concurrently/.test(error.message)) throw error;
    // Some managed databases want to see the password itself.
    await client.query('ROLLBACK TO SAVEPOINT password');
    await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
  }
}
