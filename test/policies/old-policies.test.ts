import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { defaultPolicy } from '../../src/findings/policy';
import { newId } from '../../src/ids';
import { migrate } from '../../src/migrate';
import { builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { asAdmin, createTestDatabase, type TestDatabase } from '../harness/database';

jest.setTimeout(60_000);

/** What was released when a tenant had one policy only. */
const RELEASED = 5;

let database: TestDatabase;
let app: TestApp | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await app?.stop();
  await database.drop();
});

test('the one policy of before is the first of several, with its versions, and judges as it did', async () => {
  const tenantId = newId();
  const old = {
    ...defaultPolicy,
    checks: { ...defaultPolicy.checks, 'unused-role': { enabled: true, idleDays: 60 } },
    rolePatternWhitelist: '/breakglass-role|/security-*',
  };
  await asAdmin(database.adminUrl, async (client) => {
    await client.query('DROP SCHEMA mothball CASCADE');
    await client.query('CREATE SCHEMA mothball AUTHORIZATION mothball_owner');
    await client.query('GRANT USAGE ON SCHEMA mothball TO mothball_app, mothball_dispatcher, mothball_platform');
  });
  const released = await new DataSource({
    type: 'postgres',
    url: database.urls.owner,
    schema: 'mothball',
    migrations: migrations.slice(0, RELEASED),
    migrationsTableName: 'schema_history',
    migrationsTransactionMode: 'each',
  }).initialize();
  await released.runMigrations();
  await released.query(`INSERT INTO mothball.tenants (id, name) VALUES ($1, 'old')`, [tenantId]);
  for (const [version, settings] of [
    [1, defaultPolicy],
    [2, old],
  ] as const) {
    await released.query(
      `INSERT INTO mothball.policies (tenant_id, id, name, version, settings, created_at)
       VALUES ($1, $2, 'default', $3, $4, now())`,
      [tenantId, newId(), version, JSON.stringify(settings)],
    );
  }
  await released.destroy();
  await migrate(database.urls.owner);

  app = await startTestApp({ database });
  const token = await builders(app.app).token(tenantId);
  const read = `{ policies { nodes { name position version agreement clamped settings versions { nodes { version yaml savedBy } } } } }`;
  const { policies } = await app.get<{
    policies: { nodes: { settings: unknown; versions: { nodes: { version: number; yaml: string }[] } }[] };
  }>(token, read);
  expect(policies.nodes).toHaveLength(1);
  expect(policies.nodes[0]).toMatchObject({
    ...{ name: 'default', position: 1, version: 2, agreement: 'NOT_NEEDED', clamped: [] },
    settings: old,
    versions: { nodes: [{ version: 2, savedBy: expect.stringContaining('unknown') as string }, { version: 1 }] },
  });
  // As a document it can be checked, and applied again: the next version of the same policy.
  const yaml = policies.nodes[0]?.versions.nodes[0]?.yaml ?? '';
  const apply =
    'mutation ($d: JSON!) { policyApply(documents: $d, mode: REPLACE) { accounts changes { name change version } } }';
  await app.get(token, apply, { d: yaml.replace('idleDays: 60', 'idleDays: 61') });
  const after = await app.get<{ policies: { nodes: { version: number; settings: typeof old }[] } }>(token, read);
  expect(after.policies.nodes.map(({ version }) => version)).toEqual([3]);
  expect(after.policies.nodes[0]?.settings).toEqual({
    ...old,
    checks: { ...old.checks, 'unused-role': { enabled: true, idleDays: 61 } },
  });
});
