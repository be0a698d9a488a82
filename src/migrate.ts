import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations';

/** Migrating twice at once is excluded by this advisory lock. */
const LOCK = 7_662_811;

/**
 * Brings a database to the present schema, each migration in a transaction of its own. Connects as the owner
 * (`MOTHBALL_OWNER_DATABASE_URL`), the one login that owns tables; no serving process ever has that address.
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const guard = new Client({ connectionString: ownerUrl });
  await guard.connect();
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const source = new DataSource({
      type: 'postgres',
      url: ownerUrl,
      schema: 'mothball',
      migrations,
      migrationsTableName: 'schema_history',
      migrationsTransactionMode: 'each',
    });
    await source.initialize();
    try {
      return (await source.runMigrations()).map((migration) => migration.name);
    } finally {
      await source.destroy();
    }
  } finally {
    await guard.end();
  }
}

async function main(): Promise<void> {
  const ownerUrl = process.env['MOTHBALL_OWNER_DATABASE_URL'];
  if (!ownerUrl)
    throw new Error('Set MOTHBALL_OWNER_DATABASE_URL to the address of the owner login (`npm start` does).');
  for (const name of await migrate(ownerUrl)) process.stdout.write(`migrated ${name}\n`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`Migration failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
