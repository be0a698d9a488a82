import type { Client } from 'pg';
import { newId } from '../../src/ids';
import type { ChainEntry } from '../../src/tenancy/audit-log/chain';
import { readEntries, readFrame } from '../../src/tenancy/audit-log/chain-reader';
import { verifyChain } from '../../src/tenancy/audit-log/chain-verifier';
import { verifyStored } from '../../src/tenancy/audit-log/verification';
import { type LogDatabase, somebody, startLog } from './log-database';
import { type Chain, randomOf, tamper, type Tampered } from './tampering';

jest.setTimeout(120_000);

const IN_MEMORY = 1_000;
const IN_SQL = 200;

describe('the audit log', () => {
  let log: LogDatabase;
  let chain: Chain;

  beforeAll(async () => {
    log = await startLog();
    chain = await makeChain(log);
  });
  afterAll(() => log.stop());

  it('verifies as it is', async () => {
    expect(chain.entries).toHaveLength(24);
    expect(chain.frame.checkpoints).toHaveLength(2);
    expect(await verifyChain(chain.frame, chain.entries, chain.anchors)).toEqual({ broken: null, entries: 24 });
    expect(await verifyStoredBy(log.admin, chain)).toEqual({ broken: null, entries: 24, upTo: 60, complete: true });
  });

  it(`tells each of ${IN_MEMORY} random tamperings, and the first entry that is not as it was`, async () => {
    const seed = Date.now() % 2 ** 31;
    const random = randomOf(seed);
    const met = new Set<string>();
    for (let round = 0; round < IN_MEMORY; round += 1) {
      const tampered = tamper(chain, random);
      const { broken } = await verifyChain(tampered.frame, tampered.entries, tampered.anchors);
      expect({ seed, round, what: tampered.what, ...place(broken) }).toEqual({
        seed,
        round,
        what: tampered.what,
        ...tampered.expected,
      });
      met.add(broken?.fault ?? '');
    }
    expect([...met].sort()).toEqual([
      'altered',
      'checkpoint-broken',
      'cut-tail',
      'head-mismatch',
      'missing',
      'reordered',
    ]);
  });

  it(`tells each of ${IN_SQL} that a superuser does to the tables, with triggers switched off`, async () => {
    const seed = Date.now() % 2 ** 31;
    const random = randomOf(seed);
    for (let round = 0; round < IN_SQL; round += 1) {
      const tampered = tamper(chain, random);
      await log.admin.query('BEGIN');
      try {
        await log.admin.query('SET LOCAL session_replication_role = replica');
        await apply(log.admin, chain, tampered);
        const { broken } = await verifyStoredBy(log.admin, tampered);
        expect({ seed, round, what: tampered.what, ...place(broken) }).toEqual({
          seed,
          round,
          what: tampered.what,
          ...tampered.expected,
        });
      } finally {
        await log.admin.query('ROLLBACK');
      }
    }
    expect((await verifyStoredBy(log.admin, chain)).broken).toBeNull();
  });

  it.each([
    ['UPDATE audit_entries SET action = action', '42501'],
    ['DELETE FROM audit_entries', '42501'],
    ['TRUNCATE audit_entries', '42501'],
    ['UPDATE audit_checkpoints SET seq = seq', '42501'],
    ['DELETE FROM audit_checkpoints', '42501'],
    ['TRUNCATE audit_checkpoints', '42501'],
    ['UPDATE audit_heads SET seq = seq - 1', '42501'],
    ['DELETE FROM audit_heads', '42501'],
    ['TRUNCATE audit_heads', '42501'],
  ])('refuses to everybody but a superuser: %s', async (statement, code) => {
    await expect(log.owner.query(statement)).rejects.toMatchObject({ code });
    const asApp = log.tenants.inTenant(chain.frame.tenantId, (manager) => manager.query(statement));
    await expect(asApp).rejects.toMatchObject({ driverError: { code } });
  });

  it.each([
    `INSERT INTO audit_entries SELECT * FROM audit_entries`,
    `INSERT INTO audit_heads SELECT * FROM audit_heads`,
    `INSERT INTO audit_checkpoints SELECT * FROM audit_checkpoints`,
    `SELECT extend_audit_chain(current_setting('mothball.tenant_id')::uuid, '[]')`,
    `SELECT prune_audit_entries(current_setting('mothball.tenant_id')::uuid, now(), '{}')`,
  ])('lets the app write by its one function only, not by: %s', async (statement) => {
    const asApp = log.tenants.inTenant(chain.frame.tenantId, (manager) => manager.query(statement));
    await expect(asApp).rejects.toMatchObject({ driverError: { code: '42501' } });
  });
});

const place = (broken: { seq: number; fault: string } | null) => ({ seq: broken?.seq, fault: broken?.fault });

/** 60 entries of all shapes, 36 of them pruned in two goes, with an anchor now and then. */
async function makeChain(log: LogDatabase): Promise<Chain> {
  const tenantId = await log.createTenant();
  const statements = log.statementsOf(log.admin);
  const write = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made += 1) {
      const actor = made % 3 === 0 ? somebody({ role: null, sourceAddress: null, kind: 'service' }) : somebody();
      const object = made % 2 === 0 ? { type: 'policy', id: newId() } : null;
      const note = { action: 'policy.saved', object, before: { days: made, name: 'ü\u0000"' }, after: { days: 90 } };
      await log.note(tenantId, [note], actor);
    }
  };
  const prune = async (): Promise<void> => {
    await log.owner.query('SELECT prune_audit_entries($1, now(), $2)', [
      tenantId,
      JSON.stringify({ id: newId(), actor_kind: 'service', actor_id: 'x', actor_name: 'x', actor_stands_for: 'x' }),
    ]);
  };
  await write(20);
  await prune();
  await write(15);
  await prune();
  await write(23);
  const frame = await readFrame(statements, tenantId);
  const entries = await readEntries(statements, tenantId, { after: 0, limit: 1_000 });
  const anchors = entries.filter(({ seq }) => seq % 7 === 0 || seq === frame.head?.seq);
  return { frame, entries, anchors: anchors.map(({ seq, hash }) => ({ seq, hash })) };
}

function verifyStoredBy(client: Client, { frame, anchors }: Chain) {
  const query = async <T>(statement: string, values: unknown[] = []) =>
    (await client.query(statement, values)).rows as T;
  return verifyStored((work) => work({ query }), frame.tenantId, { anchors });
}

/** Brings the stored rows from one state to the other. */
async function apply(client: Client, from: Chain, to: Tampered): Promise<void> {
  const { tenantId } = from.frame;
  const texts = (entries: readonly ChainEntry[]) => new Set(entries.map((entry) => JSON.stringify(entry)));
  const [before, after] = [texts(from.entries), texts(to.entries)];
  const gone = from.entries.filter((entry) => !after.has(JSON.stringify(entry)));
  const come = to.entries.filter((entry) => !before.has(JSON.stringify(entry)));
  await client.query('DELETE FROM audit_entries WHERE tenant_id = $1 AND seq = ANY ($2)', [
    tenantId,
    gone.map(({ seq }) => seq),
  ]);
  await client.query(
    `INSERT INTO audit_entries (tenant_id, seq, id, at, actor_kind, actor_id, actor_name, actor_tenant_id, actor_role,
       actor_stands_for, action, object_type, object_id, before, after, request_id, source_address, previous_hash, hash)
     SELECT "tenantId", seq, id, at, "actorKind", "actorId", "actorName", "actorTenantId", "actorRole", "actorStandsFor",
       action, "objectType", "objectId", before, after, "requestId", "sourceAddress", decode("previousHash", 'hex'),
       decode(hash, 'hex')
     FROM jsonb_to_recordset($1::jsonb) AS r ("tenantId" uuid, seq bigint, id uuid, at timestamptz, "actorKind" text,
       "actorId" text, "actorName" text, "actorTenantId" uuid, "actorRole" text, "actorStandsFor" text, action text,
       "objectType" text, "objectId" text, before text, after text, "requestId" text, "sourceAddress" text,
       "previousHash" text, hash text)`,
    [JSON.stringify(come)],
  );
  const { head, checkpoints } = to.frame;
  if (head === null) await client.query('DELETE FROM audit_heads WHERE tenant_id = $1', [tenantId]);
  await client.query(`UPDATE audit_heads SET seq = $2, hash = decode($3, 'hex') WHERE tenant_id = $1`, [
    tenantId,
    head?.seq,
    head?.hash,
  ]);
  await client.query('DELETE FROM audit_checkpoints WHERE tenant_id = $1', [tenantId]);
  await client.query(
    `INSERT INTO audit_checkpoints (tenant_id, number, seq, entry_hash, at, previous_hash, hash)
     SELECT "tenantId", number, seq, decode("entryHash", 'hex'), at, decode("previousHash", 'hex'), decode(hash, 'hex')
     FROM jsonb_to_recordset($1::jsonb) AS r ("tenantId" uuid, number integer, seq bigint, "entryHash" text,
       at timestamptz, "previousHash" text, hash text)`,
    [JSON.stringify(checkpoints)],
  );
}
