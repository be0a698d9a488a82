import { Transfers } from '../../src/accounts/transfers.service';
import { ActionContexts } from '../../src/cleanup/execution/action-contexts.service';
import type { PlanItemRow } from '../../src/cleanup/items/plan-item';
import { Restores } from '../../src/cleanup/restores/restores.service';
import { newId } from '../../src/ids';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import type { CleanUpAccount } from './aws-account';
import { askFor, CLEANUP_ROLE } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** What is in quarantine hangs on its snapshot, on what was sent for it, and on its account staying where it is. */
jest.setTimeout(180_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
  await shortenGrace(world);
});
afterAll(() => world.stop());

beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const aws = () => account.awsAccountId;
const addRole = (name: string) =>
  world.control.createRole(aws(), {
    ...{ name, createdAt: daysAgo(world.clock.now(), 500), lastUse: usedAt(daysAgo(world.clock.now(), 200)) },
    attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'],
  });
const putAway = async (): Promise<string> => {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  await world.settle();
  return planId;
};
const writes = () => world.control.writes({ accountId: aws(), by: CLEANUP_ROLE });

const LOST = {
  missing: 'DELETE FROM snapshots WHERE tenant_id = $1 AND item_id = $2',
  'of another hash': "UPDATE snapshots SET content_hash = repeat('0', 64) WHERE tenant_id = $1 AND item_id = $2",
  'sealed with a key that is lost': `UPDATE snapshots SET content_sealed =
     overlay(content_sealed placing decode(md5('lost'), 'hex') FROM 2 FOR 16) WHERE tenant_id = $1 AND item_id = $2`,
} as const;
const lose = async (how: keyof typeof LOST, planId: string, name: string): Promise<void> => {
  const item = (await itemsOf(world, planId)).find((one) => one.name === name);
  await world.pipeline.rows(LOST[how], [tenantId, item?.id]);
};
const codeOf = (how: keyof typeof LOST): string => (how === 'missing' ? 'SNAPSHOT_MISSING' : 'SNAPSHOT_UNREADABLE');

describe.each(Object.keys(LOST) as (keyof typeof LOST)[])('a snapshot that is %s', (how) => {
  test('halts the deletion before anything is touched, and keeps no other from its own', async () => {
    addFullUser(world.pipeline.simulator, aws(), 'ann', world.clock.now());
    addFullUser(world.pipeline.simulator, aws(), 'bob', world.clock.now());
    const planId = await putAway();
    await waitOut(world, tenantId);
    await world.pipeline.rows("UPDATE plan_items SET stage = 'deleting' WHERE plan_id = $1", [planId]);
    await lose(how, planId, 'ann');
    const describedAnn = (): string => world.control.describe({ accountId: aws(), userName: 'ann' });
    const before = describedAnn();
    await world.after({ hours: 50 }, tenantId);
    const items = await itemsOf(world, planId);
    expect(items.find(({ name }) => name === 'ann')).toMatchObject({
      ...{ stage: 'halted', code: codeOf(how), losses: [] },
      reason: expect.stringMatching(/^What was saved of it before it was touched /) as string,
      remedy: expect.stringContaining('backup') as string,
    });
    expect(items.find(({ name }) => name === 'bob')).toMatchObject({ stage: 'deleted' });
    expect(describedAnn()).toBe(before);
  });

  test('halts giving back, touches nothing, and lets it be given back once it is there again', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', world.clock.now());
    const planId = await putAway();
    const saved = await world.pipeline.rows<{ row: object }>(
      'SELECT to_jsonb(s) AS row FROM snapshots s WHERE tenant_id = $1',
      [tenantId],
    );
    await lose(how, planId, 'job');
    const before = writes().length;
    const [item] = await itemsOf(world, planId);
    await world.pipeline.tenants.inTenant(tenantId, (manager) =>
      world.pipeline.get(Restores).request(manager, tenantId, [item?.id ?? ''], someone(tenantId)),
    );
    await world.turn(tenantId);
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'halted', code: codeOf(how) }]);
    expect(writes().length).toBe(before);
    await world.pipeline.rows('DELETE FROM snapshots WHERE tenant_id = $1', [tenantId]);
    await world.pipeline.rows('INSERT INTO snapshots SELECT (jsonb_populate_record(NULL::snapshots, $1::jsonb)).*', [
      JSON.stringify(saved[0]?.row),
    ]);
    await world.after({ days: 1, hours: 1 }, tenantId);
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'restored' }]);
  });
});

test('what was sent for the items that an item goes on from is known to it, however many plans that were', async () => {
  addRole('held');
  await world.scan(tenantId);
  const first = await world.agree(tenantId, { goal: 'quarantine' });
  await world.settle();
  await world.after({ days: 10 }, tenantId);
  await world.scan(tenantId);
  const second = await world.agree(tenantId, { goal: 'deletion' });
  await world.settle();
  expect(await stagesOf(world, first)).toEqual({ 'held role': 'handed-over HANDED_OVER' });
  const [item] = await world.pipeline.rows<PlanItemRow>('SELECT * FROM plan_items WHERE plan_id = $1', [second]);
  if (!item) throw new Error('There is no second item.');
  // A third plan's, which has sent nothing itself.
  const third: PlanItemRow = { ...item, id: newId(), stage: 'waiting', began_at: null, continues_item_id: item.id };
  const { intended } = await world.pipeline.get(ActionContexts).of(tenantId, third, world.clock.now());
  expect(intended).toMatchObject([{ action: 'iam:PutRolePermissionsBoundary', outcome: 'done' }]);
});

test('an account that holds something in quarantine is not handed to another tenant before that has come to its end', async () => {
  addRole('held');
  const planId = await putAway();
  const other = await world.newTenant();
  const request = await askFor(world.pipeline, account, other);
  const accept = () =>
    world.pipeline.tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
      world.pipeline.get(Transfers).decide(manager, request, true),
    );
  const owners = () =>
    world.pipeline.rows<{ tenant_id: string; status: string }>(
      'SELECT tenant_id, status FROM accounts WHERE aws_account_id = $1 ORDER BY created_at',
      [aws()],
    );
  await expect(accept()).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(`${aws()} still holds`) as string,
    remedy: expect.stringContaining('restore them') as string,
  });
  expect(await owners()).toEqual([
    { tenant_id: tenantId, status: 'owned' },
    { tenant_id: other, status: 'pending' },
  ]);
  const [item] = await itemsOf(world, planId);
  await world.pipeline.tenants.inTenant(tenantId, (manager) =>
    world.pipeline.get(Restores).request(manager, tenantId, [item?.id ?? ''], someone(tenantId)),
  );
  await world.turn(tenantId);
  expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'restored' }]);
  expect(await accept()).toMatchObject({ state: 'accepted' });
  expect(await owners()).toEqual([
    { tenant_id: tenantId, status: 'left' },
    { tenant_id: other, status: 'owned' },
  ]);
});
