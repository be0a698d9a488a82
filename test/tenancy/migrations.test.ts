import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { newId } from '../../src/ids';
import { migrate } from '../../src/migrate';
import { asAdmin, createTestDatabase, type TestDatabase } from '../harness/database';
import { readCatalogue } from './catalogue';
import { violations } from './rules';
import { SampleRows } from './sample-rows';

jest.setTimeout(60_000);

describe('migrations', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  /** As on a new server: the schema is there, and empty. */
  const emptySchema = () =>
    asAdmin(database.adminUrl, async (client) => {
      await client.query('DROP SCHEMA mothball CASCADE');
      await client.query('CREATE SCHEMA mothball AUTHORIZATION mothball_owner');
      await client.query('GRANT USAGE ON SCHEMA mothball TO mothball_app, mothball_dispatcher, mothball_platform');
    });
  const migrateFirst = async (count: number): Promise<void> => {
    const source = await new DataSource({
      type: 'postgres',
      url: database.urls.owner,
      schema: 'mothball',
      migrations: migrations.slice(0, count),
      migrationsTableName: 'schema_history',
      migrationsTransactionMode: 'each',
    }).initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  };
  /** Fills every tenant table that there is, and returns what is in each. */
  const fill = (tenantId: string) =>
    asAdmin(database.adminUrl, async (client) => {
      await client.query('SET search_path = mothball');
      await (await SampleRows.of(client, await readCatalogue(client))).fill(tenantId);
    });
  const contents = () =>
    asAdmin(database.adminUrl, async (client) => {
      await client.query('SET search_path = mothball');
      const { tables } = await readCatalogue(client);
      const counts: Record<string, number> = {};
      for (const { name } of tables) {
        const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
        counts[name] = rows[0]?.n ?? 0;
      }
      return counts;
    });

  test.each(migrations.map((migration, index) => ({ name: migration.name, count: index + 1 })))(
    'go forward from $name with rows in every table, and lose none',
    async ({ count }) => {
      await emptySchema();
      await migrateFirst(count);
      await fill(newId());
      const before = await contents();
      expect(await migrate(database.urls.owner)).toEqual(migrations.slice(count).map(({ name }) => name));
      const { schema_history: _, ...rows } = before;
      expect(Object.keys(rows).length).toBeGreaterThan(2);
      expect(await contents()).toMatchObject(rows);
      const after = await asAdmin(database.adminUrl, readCatalogue);
      expect(violations(after)).toEqual([]);
      // And the tables that came later can be used for a tenant that was there before.
      await fill(newId());
    },
  );

  test('run a second time, or twice at once, do nothing more', async () => {
    await fill(newId());
    const before = await contents();
    expect(await migrate(database.urls.owner)).toEqual([]);
    expect(await contents()).toEqual(before);
    await emptySchema();
    const both = await Promise.all([migrate(database.urls.owner), migrate(database.urls.owner)]);
    expect(both.flat().sort()).toEqual(migrations.map(({ name }) => name).sort());
  });

  test('may change rows in tables under forced row-level security: the owner sees all tenants', async () => {
    const tenants = [newId(), newId()];
    for (const tenantId of tenants) await fill(tenantId);
    const source = await new DataSource({ type: 'postgres', url: database.urls.owner }).initialize();
    try {
      const [, changed] = await source.query<[unknown[], number]>('UPDATE mothball.accounts SET name = upper(name)');
      expect(changed).toBe(tenants.length);
    } finally {
      await source.destroy();
    }
  });
});
