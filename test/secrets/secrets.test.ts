import type { WithExternalId } from '../../src/accounts/external-ids.service';
import { newId } from '../../src/ids';
import { Secrets } from '../../src/tenancy/secrets/secrets.service';
import { sealedColumns } from '../../src/tenancy/secrets/sealed-columns';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { connectAdmin, masterKey, startSecrets } from './secrets';

jest.setTimeout(60_000);

let database: TestDatabase;
let admin: ReturnType<typeof connectAdmin>;
beforeEach(async () => {
  database = await createTestDatabase();
  admin = connectAdmin(database);
});
afterEach(async () => {
  await admin.end();
  await database.drop();
});

const accounts = () => admin.rows<WithExternalId>('SELECT * FROM accounts ORDER BY id');

describe('external ids', () => {
  it('that an earlier release left plain can be read at once, and are sealed by the next start', async () => {
    const before = await startSecrets(database);
    const tenantId = await before.createTenant();
    const ids = await admin.addPlain(tenantId, 1_201);
    const [first] = await accounts();
    if (!first) throw new Error('There is no account.');
    expect(first).toMatchObject({ external_id: `plain-${ids[0]}`, external_id_sealed: null });
    expect(await before.externalIds.of(first)).toBe(`plain-${ids[0]}`);
    await before.stop();

    const after = await startSecrets(database);
    const rows = await accounts();
    expect(rows.filter((row) => row.external_id !== null || row.external_id_sealed === null)).toEqual([]);
    for (const row of rows) expect(await after.externalIds.of(row)).toBe(`plain-${row.id}`);
    expect(rows).toHaveLength(1_201);
    expect(await admin.rows('SELECT 1 FROM data_keys')).toHaveLength(1);
    await after.stop();
  });

  it('of an account that is assigned to another tenant still open, and in the row of another account never', async () => {
    const service = await startSecrets(database);
    const [from, to] = [await service.createTenant(), await service.createTenant()];
    const [id, other] = await admin.addPlain(from, 2);
    await service.stop();
    const again = await startSecrets(database);
    await admin.rows(`UPDATE accounts SET status = 'owned'`);
    await again.tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query('SELECT assign_accounts($1, $2)', [[id], to]),
    );
    const rows = await accounts();
    const [moved, stayed] = [rows.find((row) => row.id === id), rows.find((row) => row.id === other)];
    if (!moved || !stayed) throw new Error('An account is missing.');
    expect(moved.tenant_id).toBe(to);
    expect(await again.externalIds.of(moved)).toBe(`plain-${id}`);
    await expect(
      again.externalIds.of({ ...stayed, external_id_sealed: moved.external_id_sealed }),
    ).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await again.stop();
  });
});

describe('a sealed value', () => {
  it('is bound to its tenant, its row and its purpose', async () => {
    const service = await startSecrets(database);
    const secrets = service.get(Secrets);
    const tenant = await service.createTenant();
    const binding = { purpose: 'test.secret', object: newId(), tenant };
    const large = Buffer.alloc(3_000_000, 5);
    const [small, big] = await service.tenants.inTenant(tenant, async (manager) => [
      await secrets.seal(manager, binding, 'for tenant A'),
      await secrets.seal(manager, binding, large),
    ]);
    expect(await secrets.open(binding, small)).toBe('for tenant A');
    expect((await secrets.openBytes(binding, big)).equals(large)).toBe(true);
    for (const other of [{ tenant: newId() }, { object: newId() }, { purpose: 'test.other' }]) {
      await expect(secrets.open({ ...binding, ...other }, small)).rejects.toMatchObject({
        code: 'SECRET_UNREADABLE',
        message: expect.not.stringContaining('for tenant A') as string,
      });
    }
    await expect(secrets.open(binding, Buffer.from('nonsense'))).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await service.stop();
  });

  it('can be opened inside a transaction by a process with one connection that has not seen its key', async () => {
    const writer = await startSecrets(database);
    const tenant = await writer.createTenant();
    const binding = { purpose: 'test.secret', object: newId(), tenant };
    const sealed = await writer.tenants.inTenant(tenant, (manager) => writer.get(Secrets).seal(manager, binding, 'x'));
    const reader = await startSecrets(database, { databasePoolSize: 1 });
    expect(await reader.tenants.inTenant(tenant, () => reader.get(Secrets).open(binding, sealed))).toBe('x');
    await Promise.all([writer.stop(), reader.stop()]);
  });

  it('lies in a column that rotation knows', async () => {
    const found = await admin.rows<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'mothball' AND column_name LIKE '%\\_sealed' ORDER BY 1`,
    );
    expect(found.map(({ name }) => name)).toEqual(
      sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
    );
  });
});

describe('a process whose keys do not fit the database does not start', () => {
  const refused = async (encryptionKeys: string) =>
    startSecrets(database, { encryptionKeys }).then(
      async (service) => {
        await service.stop();
        return 'started';
      },
      (error: unknown) => error,
    );

  it('when the master key is missing, or another one has its id', async () => {
    await (await startSecrets(database, { encryptionKeys: masterKey('one', 1) })).stop();
    expect(await refused(masterKey('two', 2))).toMatchObject({
      code: 'ENCRYPTION_KEY_MISSING',
      message: expect.stringContaining('"one"') as string,
      remedy: expect.stringContaining('Put "one" back') as string,
    });
    expect(await refused(masterKey('one', 3))).toMatchObject({ code: 'ENCRYPTION_KEY_WRONG' });
    // The positive control: in whatever place, as long as it is there.
    expect(await refused(`${masterKey('two', 2)},${masterKey('one', 1)}`)).toBe('started');
  });

  it('and many that start at once on a new database share one data key', async () => {
    const services = await Promise.all([1, 2, 3, 4].map(() => startSecrets(database)));
    expect(await admin.rows('SELECT 1 FROM data_keys')).toHaveLength(1);
    await Promise.all(services.map((service) => service.stop()));
  });
});
