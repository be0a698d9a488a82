import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.mjs';

/** A master key for secrets, as MOTHBALL_ENCRYPTION_KEYS has it. */
export const newEncryptionKey = (/** @type {string} */ name) =>
  `${name}-${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`;

/**
 * The master key of an embedded database: made once, and kept beside the data, readable by who runs this only. It has
 * the disk's life, as the data has.
 * @param {string} file
 */
export function keptEncryptionKey(file) {
  try {
    // Whoever comes first makes it; never one over another.
    writeFileSync(file, `${newEncryptionKey('embedded')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

/**
 * A database elsewhere outlives this disk: a key that was made up here would be lost before it, and every secret in it.
 * @throws {Failure} which says how to make one
 */
export function mustHaveEncryptionKeys() {
  const { DATABASE_URL, MOTHBALL_ENCRYPTION_KEYS, MOTHBALL_ENCRYPTION_KEYS_FILE } = process.env;
  if (!DATABASE_URL || MOTHBALL_ENCRYPTION_KEYS || MOTHBALL_ENCRYPTION_KEYS_FILE) return;
  throw new Failure(
    'Secrets in the database at DATABASE_URL need a key. Make one with `openssl rand -base64 32` or\n' +
      '`node -p "crypto.randomBytes(32).toString(\'base64\')"`, keep a copy away from the database, and set\n' +
      'MOTHBALL_ENCRYPTION_KEYS=<a name for it>:<the key>, the same on every host.',
  );
}

/**
 * What a process that serves is given: the environment's keys, then, to open what it sealed, the embedded database's.
 * @param {string | null} kept
 * @returns {NodeJS.ProcessEnv}
 */
export function encryptionKeysFor(kept) {
  const { MOTHBALL_ENCRYPTION_KEYS: given, MOTHBALL_ENCRYPTION_KEYS_FILE: file } = process.env;
  if (!kept || file) return {};
  return { MOTHBALL_ENCRYPTION_KEYS: given ? `${given},${kept}` : kept };
}
