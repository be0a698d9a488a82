import { Client } from 'pg';
import { newId } from '../../src/ids';
import { createTestDatabase, type TestDatabase } from '../harness/database';

export interface TaskDatabase extends TestDatabase {
  /** Runs as the owner, who sees every row. */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Runs as the administrator of the server, in this database. */
  admin<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  createTenant(): Promise<string>;
}

/** A database of one test file's own, and the ways around the service's doors that its tests need. */
export async function createTaskDatabase(): Promise<TaskDatabase> {
  const database = await createTestDatabase();
  const owner = new Client({ connectionString: database.urls.owner });
  const admin = new Client({ connectionString: database.adminUrl });
  await Promise.all([owner.connect(), admin.connect()]);
  const run =
    (client: Client) =>
    async <T>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
      (await client.query(sql, [...values])).rows as T[];
  return {
    ...database,
    query: run(owner),
    admin: run(admin),
    createTenant: async () => {
      const id = newId();
      await owner.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [id, `tenant ${id}`]);
      return id;
    },
    drop: async () => {
      await Promise.all([owner.end(), admin.end()]);
      await database.drop();
    },
  };
}
