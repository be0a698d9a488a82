import { randomInt } from 'node:crypto';
import { AssignmentsService } from '../../src/accounts/assignments.service';
import { Transfers } from '../../src/accounts/transfers.service';
import { newId } from '../../src/ids';
import { actingAs } from '../../src/tenancy/actor';
import { AuditLog } from '../../src/tenancy/audit-log.service';
import { readEntries, readFrame, type Statements } from '../../src/tenancy/audit-log/chain-reader';
import { verifyChain } from '../../src/tenancy/audit-log/chain-verifier';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { startPipeline, type Pipeline } from '../harness/pipeline';
import { somebody } from './log-database';

/** What the platform does with a tenant's account stands in that tenant's log, in the transaction that does it. */
jest.setTimeout(60_000);

let pipeline: Pipeline;
let statements: Statements;

beforeAll(async () => {
  pipeline = await startPipeline({ config: { role: 'api', databasePoolSize: 12 } });
  statements = { query: async <T>(text: string, values?: unknown[]) => (await pipeline.rows(text, values)) as T };
});
afterAll(() => pipeline.stop());

const account = async (tenantId: string, awsAccountId: string, status = 'owned'): Promise<string> => {
  const id = newId();
  await pipeline.rows(
    `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, created_at)
     VALUES ($1, $2, 'aws', $3, 'Payments', 'registered', 'arn', 'x', $4, now())`,
    [tenantId, id, awsAccountId, status],
  );
  return id;
};
const aNumber = (): string => String(randomInt(100_000_000_000, 999_999_999_999));
const entriesOf = (tenantId: string) => readEntries(statements, tenantId, { after: 0, limit: 10_000 });
const isWhole = async (tenantId: string): Promise<void> => {
  const verified = await verifyChain(await readFrame(statements, tenantId), await entriesOf(tenantId));
  expect(verified.broken).toBeNull();
};
const assign = (ids: readonly string[], to: string): Promise<string[]> =>
  pipeline.get(AssignmentsService).assignList(ids, to);

test('an account that is assigned away leaves an entry with the tenant that loses it and the one that gains it', async () => {
  const [loser, gainer] = [await pipeline.createTenant(), await pipeline.createTenant()];
  const awsAccountId = aNumber();
  const id = await account(loser, awsAccountId);
  const person = somebody({ name: 'Petra of the platform' });
  await actingAs(person, () => assign([id], gainer));

  const who = { actorKind: 'person', actorId: person.id, actorName: person.name, actorTenantId: PLATFORM_TENANT_ID };
  const lost = await entriesOf(loser);
  expect(lost).toMatchObject([
    { ...who, action: 'account.handed-over', objectType: 'account', objectId: id, after: null },
  ]);
  expect(JSON.parse(lost[0]?.before ?? '')).toEqual({ partition: 'aws', awsAccountId });
  const gained = await entriesOf(gainer);
  expect(gained[0]).toMatchObject({ ...who, action: 'account.received', objectId: id, before: null });
  expect(JSON.parse(gained[0]?.after ?? '')).toEqual({ partition: 'aws', awsAccountId, name: 'Payments' });
  // One request, one decision; neither tenant is told of the other.
  const decided = (await entriesOf(PLATFORM_TENANT_ID)).filter(({ actorId }) => actorId === person.id);
  expect(decided).toMatchObject([{ action: 'accounts.assigned', objectId: gainer, requestId: lost[0]?.requestId }]);
  expect(JSON.stringify(lost)).not.toContain(gainer);
  expect(JSON.stringify(gained)).not.toContain(loser);
  for (const tenantId of [loser, gainer, PLATFORM_TENANT_ID]) await isWhole(tenantId);
});

test('an account that was nobody’s yet says so to its first tenant only', async () => {
  const gainer = await pipeline.createTenant();
  const id = await account(PLATFORM_TENANT_ID, aNumber());
  const person = somebody();
  await actingAs(person, () => assign([id], gainer));
  expect((await entriesOf(gainer)).map(({ action }) => action)).toEqual(['account.received', 'account.assigned']);
  const platform = (await entriesOf(PLATFORM_TENANT_ID)).filter(({ actorId }) => actorId === person.id);
  expect(platform.map(({ action }) => action)).toEqual(['accounts.assigned']);
});

test('an accepted transfer leaves an entry with both tenants', async () => {
  const [loser, gainer] = [await pipeline.createTenant(), await pipeline.createTenant()];
  const awsAccountId = aNumber();
  const [held, asking] = [await account(loser, awsAccountId), await account(gainer, awsAccountId, 'pending')];
  const request = newId();
  await pipeline.rows(
    `INSERT INTO transfer_requests (tenant_id, id, partition, aws_account_id, from_tenant_id, to_tenant_id, to_account_id)
     VALUES ($1, $2, 'aws', $3, $4, $5, $6)`,
    [PLATFORM_TENANT_ID, request, awsAccountId, loser, gainer, asking],
  );
  const person = somebody();
  const decided = await actingAs(person, () =>
    pipeline.tenants.inTenant(PLATFORM_TENANT_ID, (manager) => pipeline.get(Transfers).decide(manager, request, true)),
  );
  expect(decided.state).toBe('accepted');
  const [lost, gained] = [await entriesOf(loser), await entriesOf(gainer)];
  expect(lost).toMatchObject([{ actorId: person.id, action: 'account.handed-over', objectId: held }]);
  expect(gained).toMatchObject([{ actorId: person.id, action: 'account.received', objectId: asking }]);
  expect(lost[0]?.before).toContain(awsAccountId);
  expect(gained[0]?.after).toContain(awsAccountId);
});

test('what is rolled back is in no log', async () => {
  const [loser, gainer] = [await pipeline.createTenant(), await pipeline.createTenant()];
  const id = await account(loser, aNumber());
  await expect(assign([id, newId()], gainer)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect([await entriesOf(loser), await entriesOf(gainer)]).toEqual([[], []]);
});

test('no tenant writes in the log of another', async () => {
  const [one, other] = [await pipeline.createTenant(), await pipeline.createTenant()];
  const forged = pipeline.tenants.inTenant(one, async (manager) =>
    pipeline.get(AuditLog).noteIn(manager, other, { action: 'forged', object: null }),
  );
  await expect(forged).rejects.toThrow('only the platform');
  expect(await entriesOf(other)).toEqual([]);
});

test('accounts that go back and forth at once, while their tenants work, cause no deadlock and no broken chain', async () => {
  const tenantIds = await Promise.all([1, 2, 3].map(() => pipeline.createTenant()));
  const ids = await Promise.all(tenantIds.flatMap((id) => [1, 2, 3].map(() => account(id, aNumber()))));
  const pick = (): string => tenantIds[randomInt(3)] ?? '';
  let handovers = 0;
  const hand = async (some: readonly string[]): Promise<void> => {
    const shuffled = [...some].sort(() => randomInt(2) - 0.5);
    const moved = await assign(shuffled, pick());
    handovers += moved.length;
  };
  /** Of these no two wait for the same accounts: they meet at the heads of the logs. */
  const apart = [0, 1, 2].map((part) => ids.filter((_, index) => index % 3 === part));
  /** Locks the tenant's accounts first and its log last, as everything does. */
  const work = (): Promise<void> => {
    const tenantId = pick();
    return pipeline.tenants.inTenant(tenantId, async (manager) => {
      await manager.query('SELECT 1 FROM accounts WHERE tenant_id = $1 ORDER BY id FOR UPDATE', [tenantId]);
      pipeline.get(AuditLog).note(manager, { action: 'worked', object: null });
    });
  };
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      [...apart, ...(round % 2 === 0 ? [] : [ids, ids])].map(hand).concat(work(), work(), work(), work()),
    );
  }
  expect(handovers).toBeGreaterThan(20);
  const entries = (await Promise.all(tenantIds.map(entriesOf))).flat();
  for (const action of ['account.handed-over', 'account.received']) {
    expect(entries.filter((entry) => entry.action === action).length).toBe(handovers);
  }
  for (const tenantId of [...tenantIds, PLATFORM_TENANT_ID]) await isWhole(tenantId);
});
