import { Client } from 'pg';
import { Manifests } from '../../src/cleanup/plans/manifest';
import { PlanDrafts } from '../../src/cleanup/plans/plan-drafts.service';
import { PlanItemQueries } from '../../src/cleanup/plans/plan-item-queries';
import { PlanQueries } from '../../src/cleanup/plans/plan-queries';
import { newId } from '../../src/ids';
import { Pruning } from '../../src/tasks/pruning.service';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import type { BuiltAccount } from '../builders';
import { idleRole, type PlanningWorld, startPlanning, usedDaysAgo } from './planning-world';

jest.setTimeout(60_000);

let world: PlanningWorld;
let tenantId: string;
let account: BuiltAccount;

beforeAll(async () => {
  world = await startPlanning();
});
afterAll(() => world.stop());

/** Two idle roles, one of which is managed as code. */
beforeEach(async () => {
  tenantId = (await world.build.tenant()).id;
  account = await world.account(tenantId);
  await world.build.inventory(account, {
    roles: [idleRole(account), idleRole(account, { name: 'stack', tags: { terraform: 'true' } })],
  });
});

const inTenant = <T>(
  work: (manager: Parameters<Parameters<PlanningWorld['build']['database']['inTenant']>[1]>[0]) => Promise<T>,
) => world.build.database.inTenant(tenantId, work);
const mustBeAsApproved = (planId: string, itemIds?: string[]): Promise<void> =>
  inTenant((manager) => world.get(Manifests).mustBeAsApproved(manager, tenantId, planId, itemIds));

/** As the service's own login, within the tenant, past all of the service's code. */
async function asApp(statement: string, values: unknown[]): Promise<number> {
  const client = new Client({ connectionString: world.urls.app });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [tenantId]);
    await client.query('SET search_path = mothball');
    const { rowCount } = await client.query(statement, values);
    await client.query('COMMIT');
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}

describe('proposing', () => {
  test('fixes what is not refused, under a hash that reading it again gives, too', async () => {
    const planId = await world.draft(tenantId);
    const hash = await world.propose(tenantId, planId);
    expect(await world.plan(planId)).toMatchObject({ state: 'proposed', manifest_hash: hash, approvals_needed: 1 });
    expect(await world.told(planId)).toEqual(['role reporting: waiting', 'role stack: refused MANAGED_AS_CODE']);
    expect(await inTenant((manager) => world.get(Manifests).hashOf(manager, tenantId, planId))).toBe(hash);
    await mustBeAsApproved(planId);
    const [item] = await world.items(planId);
    await mustBeAsApproved(planId, [item?.id ?? '']);
    await expect(mustBeAsApproved(planId, [newId()])).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
  });

  test('tells of it in an event and in the audit log', async () => {
    const planId = await world.draft(tenantId);
    await world.propose(tenantId, planId);
    const [event] = await world.rows<{ type: string; data: object }>(
      'SELECT type, data FROM events WHERE object_id = $1',
      [planId],
    );
    expect(event).toMatchObject({ type: 'plan.proposed', data: { planId, by: 'Ann', items: 1, refused: 1 } });
    const notes = await world.rows<{ action: string }>(
      'SELECT action FROM audit_entries WHERE object_id = $1 ORDER BY seq',
      [planId],
    );
    expect(notes.map(({ action }) => action)).toEqual(['plan.drafted', 'plan.proposed']);
  });

  test('works the draft out again, and takes in nothing that the draft did not', async () => {
    const planId = await world.draft(tenantId);
    const [before] = await world.items(planId);
    await world.build.inventory(account, {
      roles: [idleRole(account, { uniqueId: before?.principal_id ?? '', tags: { team: 'b' } })],
    });
    await world.propose(tenantId, planId);
    const [item, ...others] = await world.items(planId);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ id: before?.id, approved: { tags: { team: 'b' } } });
  });

  test('is refused where all of it has come into use, or the draft is over an hour old', async () => {
    const used = await world.draft(tenantId);
    const old = await world.draft(tenantId);
    const [item] = await world.items(used);
    await world.build.inventory(account, {
      roles: [idleRole(account, { uniqueId: item?.principal_id ?? '', lastUsed: usedDaysAgo(1) })],
    });
    await expect(world.propose(tenantId, used)).rejects.toMatchObject({
      message: expect.stringContaining('all of its items are refused') as string,
    });
    await world.rows(`UPDATE plans SET created_at = created_at - interval '61 minutes' WHERE id = $1`, [old]);
    await expect(world.propose(tenantId, old)).rejects.toMatchObject({
      message: expect.stringContaining('over an hour old') as string,
    });
  });

  test('of anything but a dry run needs clean-up to be switched on; a dry run begins at once', async () => {
    await inTenant((manager) => world.get(TenantSettings).setCleanup(manager, tenantId, { enabled: false }));
    await expect(world.propose(tenantId, await world.draft(tenantId))).rejects.toMatchObject({ code: 'CONFLICT' });
    const planId = await world.draft(tenantId, { dryRun: true });
    const hash = await world.propose(tenantId, planId);
    expect(await world.plan(planId)).toMatchObject({ state: 'approved', approvals_needed: 0, manifest_hash: hash });
  });

  test('is what a draft is for once', async () => {
    const planId = await world.draft(tenantId);
    await world.propose(tenantId, planId);
    await expect(world.propose(tenantId, planId)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(inTenant((manager) => world.get(PlanDrafts).discard(manager, tenantId, planId))).rejects.toMatchObject(
      { code: 'BAD_INPUT' },
    );
  });
});

describe('what was proposed', () => {
  const FROZEN = { code: '55000' };

  test.each([
    ["title = 'x'"],
    ["note = 'x'"],
    ["goal = 'quarantine'"],
    ['dry_run = true'],
    ["terms = '{}'"],
    ["selection = '{}'"],
    ['approvals_needed = 0'],
    ["stands_for = 'x'"],
    ["manifest_hash = repeat('0', 64)"],
    ["state = 'draft', manifest_hash = NULL"],
  ])('is not changed by the service’s own login: plans.%s', async (change) => {
    const [planId, draft] = [await world.draft(tenantId), await world.draft(tenantId)];
    await world.propose(tenantId, planId);
    await expect(asApp(`UPDATE plans SET ${change} WHERE id = $1`, [planId])).rejects.toMatchObject(FROZEN);
    // Of a draft it is.
    if (!change.includes('manifest_hash')) {
      expect(await asApp(`UPDATE plans SET ${change} WHERE id = $1`, [draft])).toBe(1);
    }
  });

  test.each([
    ['principal_id', "'AROAOTHER'"],
    ['access_key_id', "'AKIAOTHER'"],
    ['name', "'admin'"],
    ['arn', "'x'"],
    ['approved', "'{}'"],
    ['course', "'user'"],
    ['position', '99'],
    ['finding_ids', "'{}'"],
    ['references_found', "'[{}]'"],
    ['content_hash', "'x'"],
    ['continues_item_id', 'id'],
  ])('is not changed by the service’s own login: plan_items.%s', async (column, value) => {
    const planId = await world.draft(tenantId);
    await world.propose(tenantId, planId);
    await expect(
      asApp(`UPDATE plan_items SET ${column} = ${value} WHERE plan_id = $1`, [planId]),
    ).rejects.toMatchObject(FROZEN);
    expect(
      await asApp(`UPDATE plan_items SET stage = 'halted' WHERE plan_id = $1 AND stage = 'waiting'`, [planId]),
    ).toBe(1);
  });

  test('loses no item, gains none, and what was refused stays so', async () => {
    const planId = await world.draft(tenantId);
    await world.propose(tenantId, planId);
    await expect(asApp('DELETE FROM plan_items WHERE plan_id = $1', [planId])).rejects.toMatchObject(FROZEN);
    await expect(asApp('DELETE FROM plans WHERE id = $1', [planId])).rejects.toBeDefined();
    const copy = `INSERT INTO plan_items (tenant_id, id, plan_id, position, account_id, aws_account_id, partition, identity_id,
        course, principal_id, name, path, arn, finding_ids, check_ids, approved, content_hash, stage, stage_at)
      SELECT tenant_id, $2, plan_id, 99, account_id, aws_account_id, partition, identity_id, course, 'AROAOTHER', name, path,
        arn, finding_ids, check_ids, approved, content_hash, 'waiting', stage_at
      FROM plan_items WHERE plan_id = $1 LIMIT 1`;
    await expect(asApp(copy, [planId, newId()])).rejects.toMatchObject(FROZEN);
    await expect(
      asApp(`UPDATE plan_items SET stage = 'waiting' WHERE plan_id = $1 AND stage = 'refused'`, [planId]),
    ).rejects.toMatchObject(FROZEN);
  });

  test.each([
    ['the plan’s terms', `UPDATE plans SET terms = jsonb_set(terms, '{rules,graceDays,role}', '1') WHERE id = $1`],
    ['an item', `UPDATE plan_items SET principal_id = 'AROAOTHER' WHERE plan_id = $1`],
    ['what a refused item is', `UPDATE plan_items SET stage = 'waiting' WHERE plan_id = $1`],
    ['how many items there are', `DELETE FROM plan_items WHERE plan_id = $1`],
  ])('is proven by its hash where the administrator changed %s past the triggers', async (_, change) => {
    const planId = await world.draft(tenantId);
    await world.propose(tenantId, planId);
    for (const toggle of ['DISABLE', 'ENABLE']) {
      await world.rows(`ALTER TABLE plans ${toggle} TRIGGER USER`);
      await world.rows(`ALTER TABLE plan_items ${toggle} TRIGGER USER`);
      if (toggle === 'DISABLE') await world.rows(change, [planId]);
    }
    await expect(mustBeAsApproved(planId)).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
  });
});

test('a draft can be thrown away, and is forgotten after a week; what was proposed never is', async () => {
  const [first, old, kept] = [await world.draft(tenantId), await world.draft(tenantId), await world.draft(tenantId)];
  await inTenant((manager) => world.get(PlanDrafts).discard(manager, tenantId, first));
  await world.propose(tenantId, kept);
  await world.rows(`UPDATE plans SET created_at = now() - interval '8 days' WHERE id = $1`, [old]);
  while (await world.get(Pruning).prune());
  const left = await world.rows<{ id: string }>('SELECT id FROM plans WHERE tenant_id = $1', [tenantId]);
  expect(left).toEqual([{ id: kept }]);
  expect(await world.rows('SELECT 1 FROM plan_items WHERE plan_id = $1', [old])).toEqual([]);
});

test('plans and items are listed, filtered and counted for their tenant', async () => {
  const planId = await world.draft(tenantId, { title: 'Of March' });
  await world.draft(tenantId, { dryRun: true, goal: 'quarantine' });
  await world.propose(tenantId, planId);
  const plans = world.get(PlanQueries);
  const items = world.get(PlanItemQueries);
  await inTenant(async (manager) => {
    const reader = { manager, tenantId };
    expect((await plans.page(reader, {}, {})).rows.map(({ state }) => state)).toEqual(['draft', 'proposed']);
    expect((await plans.page(reader, { states: ['proposed'], text: 'march' }, {})).rows[0]?.id).toBe(planId);
    expect(await plans.count(reader, { dryRun: true, accountIds: [account.id] })).toBe(1);
    expect(await plans.count(reader, { accountIds: [newId()] })).toBe(0);
    expect(await plans.stageCounts(reader, [planId])).toEqual(
      expect.arrayContaining([
        { plan_id: planId, stage: 'waiting', count: 1 },
        { plan_id: planId, stage: 'refused', count: 1 },
      ]),
    );
    expect((await plans.history(reader, [planId])).map(({ type }) => type)).toEqual(['plan.proposed']);
    const inOrder = await items.page(reader, { planId }, 'POSITION', {});
    expect(inOrder.rows.map(({ name }) => name)).toEqual(['reporting', 'stack']);
    const filter = { planId, codes: ['MANAGED_AS_CODE'], stages: ['refused' as const], text: 'STACK', dryRun: false };
    expect(await items.count(reader, filter)).toBe(1);
    expect(await items.count(reader, { planId, to: new Date(0) })).toBe(0);
  });
  const other = (await world.build.tenant()).id;
  await world.build.database.inTenant(other, async (manager) => {
    expect(await plans.count({ manager, tenantId: other }, {})).toBe(0);
    await expect(plans.byId({ manager, tenantId: other }, planId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
