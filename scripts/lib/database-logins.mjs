import { createHash, createHmac, pbkdf2Sync, scryptSync } from 'node:crypto';
import { Failure } from './failure.mjs';

/** The five logins; none may do another's work and none is a member of another. */
export const logins = /** @type {const} */ (['owner', 'app', 'dispatcher', 'platform', 'queue']);

/** @typedef {(typeof logins)[number]} Login */

export const roleOf = (/** @type {Login} */ login) => `mothball_${login}`;

export const schemaOf = (/** @type {Login} */ login) => (login === 'queue' ? 'mothball_queue' : 'mothball');

/** Settings of each role, besides the `search_path`. */
export const settingsOf = (/** @type {Login} */ login) => (login === 'platform' ? ['statement_timeout=30s'] : []);

/**
 * The logins' passwords: derived, so that every host with the same DATABASE_URL knows them and no host's start locks
 * another out. From MOTHBALL_SECRET when that is set: then the administrator's password may change freely.
 * @param {string} adminPassword
 * @param {string | undefined} secret
 * @returns {Record<Login, string>}
 */
export function derivePasswords(adminPassword, secret) {
  if (secret !== undefined && secret.length < 16) {
    throw new Failure('MOTHBALL_SECRET must have at least 16 characters; `openssl rand -hex 32` makes a good one.');
  }
  if (!secret && !adminPassword) {
    throw new Failure(
      'DATABASE_URL has no password to derive the passwords of the service logins from. ' +
        'Set MOTHBALL_SECRET to a random text, the same on every host; `openssl rand -hex 32` makes one.',
    );
  }
  const key = scryptSync(secret || adminPassword, 'mothball database logins v1', 32, { N: 16_384, r: 8, p: 1 });
  const password = (/** @type {Login} */ login) => createHmac('sha256', key).update(login).digest('base64url');
  return /** @type {Record<Login, string>} */ (Object.fromEntries(logins.map((login) => [login, password(login)])));
}

/**
 * What Postgres stores for a password (RFC 5803), so that the password itself never passes through the server's log
 * of statements. The salt follows from the password, so that setting it again changes nothing.
 * @param {string} password
 */
export function scramVerifier(password) {
  const iterations = 4096;
  const salt = createHmac('sha256', password).update('salt').digest().subarray(0, 16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (/** @type {string} */ text) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}

/**
 * @param {string} adminUrl
 * @param {{ database?: string, user?: string, password?: string }} change
 */
export function withParts(adminUrl, { database, user, password }) {
  const url = new URL(adminUrl);
  if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}

/**
 * @param {string} adminUrl
 * @returns {{ url: URL, database: string, password: string }}
 * @throws {Failure} when it is not the address of a Postgres database
 */
export function parseAdminUrl(adminUrl) {
  const form = 'postgres://user:password@host:5432/database';
  if (!URL.canParse(adminUrl)) throw new Failure(`DATABASE_URL is not an address; it looks like ${form}.`);
  const url = new URL(adminUrl);
  if (!/^postgres(ql)?:$/.test(url.protocol))
    throw new Failure(`DATABASE_URL must begin with postgres://, as in ${form}.`);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (!url.hostname || !url.username || !database) {
    throw new Failure(
      `DATABASE_URL lacks its ${!url.hostname ? 'host' : !url.username ? 'user' : 'database'}: ${form}.`,
    );
  }
  return { url, database, password: decodeURIComponent(url.password) || process.env.PGPASSWORD || '' };
}
