import { Client } from 'pg';
import { TenantDatabase } from '../../src/tenancy/tenant-database';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

const READ_MS = 400;
let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;
let admin: Client;

beforeAll(async () => {
  app = await startTestApp({ config: { readTimeoutMs: READ_MS } });
  build = builders(app.app);
  tenant = await build.tenant();
  await build.account(tenant.id);
  admin = new Client({ connectionString: app.database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await app.stop();
});

const settings = (door: TenantDatabase, limits?: { statementTimeoutMs: number }) =>
  door.inTenant(
    tenant.id,
    async (manager) => {
      const [row] = await manager.query<{ statement: string; idle: string }[]>(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle`,
      );
      return row;
    },
    limits,
  );

describe('a read that does not come to an end', () => {
  const accounts = '{ accounts(first: 5) { nodes { name } } }';

  it.each(['a tenant’s', 'the platform’s'])(
    'is ended with TIMEOUT, for %s people, and leaves nothing behind',
    async (whose) => {
      const token = whose === 'a tenant’s' ? tenant.token : await build.platformToken();
      await admin.query('BEGIN');
      await admin.query('LOCK TABLE mothball.accounts IN ACCESS EXCLUSIVE MODE');
      const startedAt = performance.now();
      const { errors } = await app.ask(token, accounts).finally(() => admin.query('ROLLBACK'));
      expect(errors).toMatchObject([
        { message: expect.stringContaining('too long') as string, extensions: { code: 'TIMEOUT' } },
      ]);
      expect(JSON.stringify(errors)).not.toMatch(/SELECT|statement timeout/);
      expect(performance.now() - startedAt).toBeGreaterThan(READ_MS * 0.9);
      expect(performance.now() - startedAt).toBeLessThan(READ_MS + 10_000);
      expect(await app.get(token, accounts)).toMatchObject({ accounts: { nodes: [expect.anything()] } });
    },
  );
});

describe('what a statement may take', () => {
  it('is more for work in the background than for a read, and a limit ends with its transaction', async () => {
    const door = app.app.get(TenantDatabase, { strict: false });
    for (let turn = 0; turn < 12; turn += 1) {
      expect(await settings(door, { statementTimeoutMs: 300 })).toEqual({ statement: '300ms', idle: '1min' });
      expect(await settings(door)).toEqual({ statement: '2min', idle: '1min' });
    }
  });
});
