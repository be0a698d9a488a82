import { createHash } from 'node:crypto';
import { newId } from '../../src/ids';
import { actingAs } from '../../src/tenancy/actor';
import { readEntries, readFrame } from '../../src/tenancy/audit-log/chain-reader';
import { LARGEST_VALUE } from '../../src/tenancy/audit-log/canonical-json';
import { verifyChain } from '../../src/tenancy/audit-log/chain-verifier';
import { verifyStored } from '../../src/tenancy/audit-log/verification';
import { type LogDatabase, somebody, startLog } from './log-database';

jest.setTimeout(120_000);

const TENANTS = 4;
const WRITERS = 50;
const ROUNDS = 12;

describe('writing the audit log', () => {
  let log: LogDatabase;

  beforeAll(async () => void (log = await startLog({ databasePoolSize: 20 })));
  afterAll(() => log.stop());

  const entriesOf = (tenantId: string) =>
    readEntries(log.statementsOf(log.admin), tenantId, { after: 0, limit: 10_000 });

  it('keeps who did what to what, in order, with the database’s time and hashes', async () => {
    const tenantId = await log.createTenant();
    const actor = somebody({ kind: 'token', role: 'approver' });
    const object = { type: 'policy', id: newId() };
    const began = Date.now();
    await log.note(
      tenantId,
      [
        { action: 'policy.saved', object, before: { b: 1, a: [2, { d: 3, c: null }] }, after: { days: 45 } },
        { action: 'policy.deleted', object, before: { days: 45 }, after: null },
      ],
      actor,
    );
    const [saved, deleted, ...rest] = await entriesOf(tenantId);
    expect(rest).toEqual([]);
    expect(saved).toMatchObject({
      tenantId,
      seq: 1,
      actorKind: 'token',
      actorId: actor.id,
      actorName: actor.name,
      actorTenantId: actor.tenantId,
      actorRole: 'approver',
      actorStandsFor: actor.standsFor,
      action: 'policy.saved',
      objectType: 'policy',
      objectId: object.id,
      before: '{"a":[2,{"c":null,"d":3}],"b":1}',
      after: '{"days":45}',
      requestId: actor.requestId,
      sourceAddress: '192.0.2.7',
      previousHash: '00'.repeat(32),
    });
    expect(deleted).toMatchObject({ seq: 2, after: null, previousHash: saved?.hash });
    expect(Math.abs(Date.parse(saved?.at ?? '') - began)).toBeLessThan(10_000);
  });

  it('takes any text there is, and keeps of a large value the beginning and the hash of the whole', async () => {
    const tenantId = await log.createTenant();
    const large = { text: 'ä€😀'.repeat(4_000) };
    const odd = 'half \ud83d zero \u0000 quote " backslash \\ line\nend';
    await log.note(
      tenantId,
      [
        { action: 'odd', object: { type: 'odd', id: odd }, before: { odd }, after: large },
        { action: 'long', object: { type: 'odd', id: 'x'.repeat(5_000) } },
      ],
      somebody({ name: odd }),
    );
    const [first, second] = await entriesOf(tenantId);
    expect(JSON.parse(first?.before ?? '')).toEqual({ odd });
    const whole = JSON.stringify(large);
    expect(JSON.parse(first?.after ?? '')).toMatchObject({
      cut: true,
      bytes: Buffer.byteLength(whole),
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    expect(Buffer.byteLength(first?.after ?? '')).toBeLessThan(LARGEST_VALUE);
    expect(second?.objectId).toHaveLength(500);
    const frame = await readFrame(log.statementsOf(log.admin), tenantId);
    expect((await verifyChain(frame, await entriesOf(tenantId))).broken).toBeNull();
  });

  it('goes together with the change: what is rolled back leaves no entry, and no gap', async () => {
    const tenantId = await log.createTenant();
    await log.note(tenantId, [{ action: 'kept', object: null }]);
    const undone = log.tenants.inTenant(tenantId, async (manager) => {
      log.log.note(manager, { action: 'undone', object: null });
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await log.note(tenantId, [{ action: 'kept', object: null }]);
    expect((await entriesOf(tenantId)).map(({ seq, action }) => [seq, action])).toEqual([
      [1, 'kept'],
      [2, 'kept'],
    ]);
  });

  it('sends no statement for a transaction that notes nothing', async () => {
    const tenantId = await log.createTenant();
    const statements = await log.tenants.counter.during(() => log.tenants.inTenant(tenantId, async () => {}));
    expect(statements.filter((statement) => statement.includes('audit'))).toEqual([]);
  });

  it(`stays whole under ${WRITERS} writers in ${TENANTS} tenants that lock the same rows, without a deadlock`, async () => {
    const tenantIds: string[] = [];
    while (tenantIds.length < TENANTS) tenantIds.push(await log.createTenant());
    for (const tenantId of tenantIds) {
      await log.owner.query(
        `INSERT INTO idempotency_keys (tenant_id, key, operation, request_hash)
         SELECT $1, k::text, 'x', 'x' FROM generate_series(1, 3) k`,
        [tenantId],
      );
    }
    let undone = 0;
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const tenantId = tenantIds[(writer + round) % TENANTS] ?? '';
        const fails = (writer + round) % 5 === 0;
        const work = actingAs(somebody(), () =>
          log.tenants.inTenant(tenantId, async (manager) => {
            // Noted before the row is locked: the lock on the chain is taken after it all the same.
            log.log.note(manager, { action: 'one', object: null, after: { writer, round } });
            await manager.query('UPDATE idempotency_keys SET operation = $3 WHERE tenant_id = $1 AND key = $2', [
              tenantId,
              String(1 + ((writer + round) % 3)),
              `writer ${writer}`,
            ]);
            log.log.note(manager, { action: 'two', object: null });
            if (fails) throw new Error('on purpose');
          }),
        );
        if (!fails) await work;
        else {
          await expect(work).rejects.toThrow('on purpose');
          undone += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    let entries = 0;
    for (const tenantId of tenantIds) {
      const verified = await verifyStored((work) => work(log.statementsOf(log.admin)), tenantId);
      expect(verified).toMatchObject({ broken: null, complete: true });
      const actions = (await entriesOf(tenantId)).map(({ action }) => action);
      // What one transaction noted stands together.
      expect(actions).toEqual(actions.map((_, place) => (place % 2 === 0 ? 'one' : 'two')));
      entries += verified.entries;
    }
    expect(undone).toBeGreaterThan(50);
    expect(entries).toBe(2 * (WRITERS * ROUNDS - undone));
  });

  it('is verified while it is written, and pruned while both go on', async () => {
    // Also from before there is anything.
    const tenantId = await log.createTenant();
    const writing = (async () => {
      for (let round = 0; round < 150; round += 1) await log.note(tenantId, [{ action: 'x', object: null }]);
    })();
    const note = { actor_kind: 'service', actor_id: 'x', actor_name: 'x', actor_stands_for: 'x' };
    let verifications = 0;
    let over = false;
    void writing.finally(() => (over = true));
    while (!over) {
      const values = [tenantId, JSON.stringify({ ...note, id: newId() })];
      if (verifications % 4 === 3) {
        await log.owner.query(`SELECT prune_audit_entries($1, now() - interval '50 ms', $2)`, values);
      }
      const { broken } = await verifyStored((work) => work(log.statementsOf(log.admin)), tenantId);
      expect(broken).toBeNull();
      verifications += 1;
    }
    await writing;
    const frame = await readFrame(log.statementsOf(log.admin), tenantId);
    expect(frame.checkpoints.length).toBeGreaterThan(0);
    expect(verifications).toBeGreaterThan(4);
  });
});
