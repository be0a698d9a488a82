import { step, say } from './progress.mjs';
import { startEmbeddedPostgres } from './postgres.mjs';
import { encryptionKeysFor } from './encryption-keys.mjs';
import { provision } from './provision.mjs';
import { migrate } from './migrate.mjs';

/**
 * @typedef {object} Database
 * @property {import('./provision.mjs').LoginUrls} urls
 * @property {string | null} encryptionKeys the master key that is kept beside an embedded database
 * @property {() => Promise<void>} stop
 * @property {Promise<string>} ended resolves with the reason when the database ends by itself
 */

/**
 * A database ready to serve: DATABASE_URL's, or one of the checkout's own; with logins, at the present schema.
 * @param {object} options
 * @param {string} options.name which of the checkout's own databases
 * @param {boolean} [options.ephemeral]
 * @param {boolean} [options.durable]
 * @returns {Promise<Database>}
 */
export async function openDatabase({ name, ephemeral = false, durable = true }) {
  const given = process.env.DATABASE_URL;
  const server = given
    ? { adminUrl: given, encryptionKeys: null, stop: async () => {}, ended: new Promise(() => {}) }
    : await step('Starting PostgreSQL', () =>
        startEmbeddedPostgres({ name, ephemeral, durable, log: (text) => say(`  ${text}`) }),
      );
  try {
    const urls = await provision({ adminUrl: server.adminUrl, ...(given ? {} : { database: 'mothball' }) });
    const migrated = await migrate(urls.owner);
    if (migrated) say(migrated);
    return { urls, encryptionKeys: server.encryptionKeys, stop: server.stop, ended: server.ended };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * The environment of a process that serves: its own four logins; neither the administrator's address nor the owner's,
 * nor what their passwords derive from.
 * @param {import('./provision.mjs').LoginUrls} urls
 * @param {string | null} encryptionKeys the embedded database's
 * @returns {NodeJS.ProcessEnv}
 */
export function servingEnvironment(urls, encryptionKeys) {
  const { DATABASE_URL, MOTHBALL_SECRET, MOTHBALL_OWNER_DATABASE_URL, PGPASSWORD, ...rest } = process.env;
  return { ...rest, ...servingUrls(urls), ...encryptionKeysFor(encryptionKeys) };
}

/** @param {import('./provision.mjs').LoginUrls} urls */
export function servingUrls(urls) {
  return {
    MOTHBALL_APP_DATABASE_URL: urls.app,
    MOTHBALL_DISPATCHER_DATABASE_URL: urls.dispatcher,
    MOTHBALL_PLATFORM_DATABASE_URL: urls.platform,
    MOTHBALL_QUEUE_DATABASE_URL: urls.queue,
  };
}
