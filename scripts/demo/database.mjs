import { randomBytes } from 'node:crypto';
import { withClient } from '../lib/database-client.mjs';
import { newEncryptionKey } from '../lib/encryption-keys.mjs';
import { openDatabase } from '../lib/database.mjs';
import { migrate } from '../lib/migrate.mjs';
import { provision } from '../lib/provision.mjs';

/**
 * The demo's own database, thrown away in the end: an embedded PostgreSQL, or one more database on DATABASE_URL's server.
 * What `npm start` keeps is never touched.
 * @returns {Promise<import('../lib/database.mjs').Database>}
 */
export async function openDemoDatabase() {
  const adminUrl = process.env.DATABASE_URL;
  if (!adminUrl) return openDatabase({ name: 'demo', ephemeral: true, durable: false });
  const name = `mothball_demo_${randomBytes(4).toString('hex')}`;
  const stop = () =>
    withClient(adminUrl, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    });
  try {
    const urls = await provision({ adminUrl, database: name });
    await migrate(urls.owner);
    return { urls, encryptionKeys: newEncryptionKey('demo'), stop, ended: new Promise(() => {}) };
  } catch (error) {
    // What could not be reached has nothing to drop either; the first error is the one to tell.
    await stop().catch(() => {});
    throw error;
  }
}
