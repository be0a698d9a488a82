import { Client } from 'pg';
import type { ConfigValues } from '../../src/config';
import { newId } from '../../src/ids';
import { type Actor, actingAs } from '../../src/tenancy/actor';
import { AuditLog, type AuditNote } from '../../src/tenancy/audit-log.service';
import type { Statements } from '../../src/tenancy/audit-log/chain-reader';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import { createTestDatabase } from '../harness/database';

/** The doors to the database and the log, without the rest of the service. */
export async function startLog(settings: Partial<ConfigValues> = {}) {
  const database = await createTestDatabase();
  const log = new AuditLog();
  const tenants = new TenantDatabase(database.config(settings), log);
  await tenants.onModuleInit();
  const [admin, owner] = [database.adminUrl, database.urls.owner].map((url) => new Client({ connectionString: url }));
  if (!admin || !owner) throw new Error('There are two clients.');
  await Promise.all([admin.connect(), owner.connect()]);
  await Promise.all([admin, owner].map((client) => client.query('SET search_path = mothball')));
  return {
    database,
    tenants,
    log,
    /** Whom neither row-level security nor a trigger holds. */
    admin,
    owner,
    createTenant: async (): Promise<string> => {
      const id = newId();
      await owner.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [id, `tenant ${id}`]);
      return id;
    },
    note: (tenantId: string, notes: readonly AuditNote[], actor: Actor = somebody()): Promise<void> =>
      actingAs(actor, () =>
        tenants.inTenant(tenantId, async (manager) => notes.forEach((note) => log.note(manager, note))),
      ),
    /** As the platform's read-only login, or whichever is given, would. */
    statementsOf: (client: Client): Statements => ({
      query: async <T>(statement: string, values: unknown[] = []) => (await client.query(statement, values)).rows as T,
    }),
    stop: async () => {
      await Promise.all([admin.end(), owner.end()]);
      await tenants.onApplicationShutdown();
      await database.drop();
    },
  };
}

export type LogDatabase = Awaited<ReturnType<typeof startLog>>;

export const somebody = (change: Partial<Actor> = {}): Actor => ({
  kind: 'person',
  id: newId(),
  name: 'Zoë Ångström',
  tenantId: PLATFORM_TENANT_ID,
  role: 'admin',
  standsFor: 'https://issuer.example|zoe',
  requestId: newId(),
  sourceAddress: '192.0.2.7',
  ...change,
});
