import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WithExternalId } from '../../src/accounts/external-ids.service';
import { newId } from '../../src/ids';
import { Resealing } from '../../src/tenancy/secrets/resealing.service';
import { Secrets } from '../../src/tenancy/secrets/secrets.service';
import { keyIdOf } from '../../src/tenancy/secrets/sealing';
import { createTestDatabase, TEST_KEYS, type TestDatabase } from '../harness/database';
import { connectAdmin, masterKey, startSecrets } from './secrets';

jest.setTimeout(120_000);

/** Compiled by `npm test` before it runs. */
const COMMAND = join(__dirname, '..', '..', 'dist', 'src', 'rotate-secrets.js');

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

/** The command of `npm run secrets:rotate`, as a process of its own. */
function rotate(keys = TEST_KEYS) {
  const child = fork(COMMAND, {
    env: {
      PATH: process.env['PATH'],
      MOTHBALL_APP_DATABASE_URL: database.urls.app,
      MOTHBALL_DISPATCHER_DATABASE_URL: database.urls.dispatcher,
      MOTHBALL_PLATFORM_DATABASE_URL: database.urls.platform,
      MOTHBALL_QUEUE_DATABASE_URL: database.urls.queue,
      MOTHBALL_ENCRYPTION_KEYS: keys,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output, ended: once(child, 'close') as Promise<[number | null, string | null]> };
}

async function completed(keys?: string): Promise<string> {
  const { ended, output } = rotate(keys);
  const [code] = await ended;
  if (code !== 0) throw new Error(`The rotation ended with ${code}: ${output()}`);
  return output();
}

const accounts = () => admin.rows<WithExternalId>('SELECT * FROM accounts ORDER BY id');
/** How many external ids each data key has sealed. */
async function sealedBy(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { external_id_sealed: sealed } of await accounts()) {
    const key = sealed === null ? 'plain' : (keyIdOf(sealed) ?? 'none');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
const dataKeys = () =>
  admin.rows<{ id: string; master_key_id: string; retired: boolean; spread: boolean }>(
    `SELECT id, master_key_id, retired_at IS NOT NULL AS retired, spread_at IS NOT NULL AS spread FROM data_keys ORDER BY created_at, id`,
  );

async function populate(count: number): Promise<string> {
  const service = await startSecrets(database);
  const tenants = [await service.createTenant(), await service.createTenant()];
  for (const tenantId of tenants) await admin.addPlain(tenantId, count / 2);
  await service.get(Resealing).sealPlain();
  await service.stop();
  return tenants[0] ?? '';
}

async function untilRotationWaits(): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const waiting = await admin.rows(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE data_keys%'`,
    );
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The rotation does not wait.');
}

async function allOpen(): Promise<void> {
  const service = await startSecrets(database);
  for (const row of await accounts()) expect(await service.externalIds.of(row)).toBe(`plain-${row.id}`);
  await service.stop();
}

describe('rotation', () => {
  it('seals everything anew with a new data key, says how much, and notes it', async () => {
    await populate(1_300);
    const output = await completed();
    const [old, current] = await dataKeys();
    expect(old).toMatchObject({ retired: true, spread: true });
    expect(current).toMatchObject({ retired: false, spread: true });
    expect(await sealedBy()).toEqual({ [current?.id ?? '']: 1_300 });
    expect(output).toMatch(/^Rotated: .*\n {2}accounts\.external_id_sealed: 1300$/m);
    expect(output).not.toMatch(/plain-/);
    await allOpen();
    const [entry] = await admin.rows<{ action: string }>(
      `SELECT action FROM audit_entries WHERE action = 'secrets.rotated'`,
    );
    expect(entry).toBeDefined();
  });

  it('that is killed in the middle goes on with the same key, and does the rest only', async () => {
    await populate(3_000);
    const killed = rotate();
    for (const stream of [killed.child.stdout])
      for await (const text of stream ?? []) if (/sealed anew/.test(String(text))) break;
    killed.child.kill('SIGKILL');
    await killed.ended;
    const [old, current, ...others] = await dataKeys();
    if (!old || !current) throw new Error('There is no second data key.');
    expect(others).toEqual([]);
    expect(current).toMatchObject({ retired: false, spread: false });
    const half = await sealedBy();
    expect(half[old.id]).toBeGreaterThan(0);
    expect(half[current.id]).toBeGreaterThan(0);
    await allOpen();

    const output = await completed();
    expect(output).toMatch(/^Went on with a rotation that was cut short/m);
    expect(output).toMatch(new RegExp(`external_id_sealed: ${half[old.id]}$`, 'm'));
    expect(await sealedBy()).toEqual({ [current.id]: 3_000 });
    expect(await dataKeys()).toMatchObject([{ id: old.id }, { id: current.id, spread: true }]);
    await allOpen();
  });

  it('leaves nothing under the old key, whatever others write, move and read meanwhile', async () => {
    const tenantId = await populate(2_000);
    const writers = await Promise.all([startSecrets(database), startSecrets(database)]);
    let done = false;
    let written = 0;
    const write = async ({ tenants, externalIds }: (typeof writers)[number]): Promise<void> => {
      while (!done) {
        const id = newId();
        const number = String(200_000_000_000 + (written += 1));
        await tenants.inTenant(tenantId, async (manager) => {
          const sealed = await externalIds.sealNew(manager, { tenant_id: tenantId, id }, number);
          // As long as this is open, its key must not be retired unseen.
          await manager.query('SELECT pg_sleep(0.005)');
          await manager.query(
            `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, created_at)
             VALUES ($1, $2, 'aws', $3, 'b', 'registered', 'arn', $4, 'pending', now())`,
            [tenantId, id, number, sealed],
          );
        });
        const [row] = await admin.rows<WithExternalId>('SELECT * FROM accounts WHERE id = $1', [id]);
        if (row) expect(await externalIds.of(row)).toContain(number);
      }
    };
    const writing = writers.map(write);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([completed(), completed()]);
      const newest = (await dataKeys()).at(-1)?.id ?? '';
      expect(Object.keys(await sealedBy())).toEqual([newest]);
    }
    done = true;
    await Promise.all(writing);
    expect(written).toBeGreaterThan(50);
    await Promise.all(writers.map((writer) => writer.stop()));
  });

  it('waits for whoever is sealing with the old key, and finds what that leaves behind', async () => {
    const tenantId = await populate(2);
    const writer = await startSecrets(database);
    const id = newId();
    let rotation: Promise<string> | undefined;
    let ended = false;
    await writer.tenants.inTenant(tenantId, async (manager) => {
      const sealed = await writer.externalIds.sealNew(manager, { tenant_id: tenantId, id }, '300000000001');
      rotation = completed().finally(() => (ended = true));
      await untilRotationWaits();
      await manager.query(
        `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, created_at)
         VALUES ($1, $2, 'aws', '300000000001', 'b', 'registered', 'arn', $3, 'pending', now())`,
        [tenantId, id, sealed],
      );
      expect(ended).toBe(false);
    });
    await rotation;
    expect(await sealedBy()).toEqual({ [(await dataKeys()).at(-1)?.id ?? '']: 3 });
    await writer.stop();
  });

  it('to another master key: the new one first, rotate, and the old one may go', async () => {
    await populate(10);
    const [old, fresh] = [TEST_KEYS, masterKey('fresh', 2)];
    // Too early: refused with what to do, and nothing is changed.
    const before = await dataKeys();
    const early = rotate(fresh);
    expect((await early.ended)[0]).toBe(1);
    expect(early.output()).toMatch(/not rotated.*master key "test".*Put "test" back/);
    expect(await dataKeys()).toEqual(before);

    expect(await completed(`${fresh},${old}`)).toMatch(/1 data keys were put under the first master key/);
    expect((await dataKeys()).map((row) => row.master_key_id)).toEqual(['fresh', 'fresh']);
    const service = await startSecrets(database, { encryptionKeys: fresh });
    for (const row of await accounts()) expect(await service.externalIds.of(row)).toBe(`plain-${row.id}`);
    await service.stop();
    // The old one alone opens nothing any more.
    await expect(startSecrets(database, { encryptionKeys: old })).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY_MISSING',
    });
  });

  it('names what it cannot open, does the rest, and ends with a status that is not 0', async () => {
    await populate(20);
    const [broken] = await accounts();
    await admin.rows(
      `UPDATE accounts SET external_id_sealed = set_byte(external_id_sealed, 60, 255 - get_byte(external_id_sealed, 60)) WHERE id = $1`,
      [broken?.id],
    );
    const { ended, output } = rotate();
    expect((await ended)[0]).toBe(1);
    expect(output()).toContain(`accounts ${broken?.id}`);
    expect(Object.values(await sealedBy()).sort((a, b) => a - b)).toEqual([1, 19]);
  });

  it('is heard of by a process that runs: what was sealed after it opens there', async () => {
    const reader = await startSecrets(database);
    const tenant = await reader.createTenant();
    await completed();
    const writer = await startSecrets(database);
    const binding = { purpose: 'test.secret', object: newId(), tenant };
    const sealed = await writer.tenants.inTenant(tenant, (manager) => writer.get(Secrets).seal(manager, binding, 'x'));
    expect(keyIdOf(sealed)).toBe((await dataKeys())[1]?.id);
    expect(await reader.get(Secrets).open(binding, sealed)).toBe('x');
    await Promise.all([reader.stop(), writer.stop()]);
  });
});
