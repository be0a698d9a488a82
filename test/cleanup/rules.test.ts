import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { defaultRules } from '../../src/cleanup/rules/cleanup-rules';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import type { RulesSetBy, ShownRules } from '../../src/cleanup/rules/shown-rules';
import { type Pipeline, startPipeline } from '../harness/pipeline';

jest.setTimeout(60_000);

let pipeline: Pipeline;
let tenantId: string;

beforeAll(async () => {
  pipeline = await startPipeline({ simulator: { accounts: 1, usersPerAccount: 0, rolesPerAccount: 0 } });
});
afterAll(() => pipeline.stop());
beforeEach(async () => {
  tenantId = await pipeline.createTenant();
  await save({}, 'platform', PLATFORM_TENANT_ID);
});

const save = (rules: unknown, setBy: RulesSetBy = 'tenant', of = tenantId) =>
  pipeline.tenants.inTenant(of, (manager) => pipeline.get(RulesService).save(manager, of, setBy, { rules, by: 'Eve' }));
const shown = (of = tenantId): Promise<ShownRules> =>
  pipeline.tenants.inTenant(of, (manager) => pipeline.get(RulesService).shown(manager, of));

test('the defaults hold where nobody has said anything', async () => {
  expect(await shown()).toEqual({ effective: defaultRules, bound: defaultRules, own: null, grant: null });
});

test('a tenant may be stricter, and not looser: the field and the bound are named', async () => {
  expect(await save({ graceDays: { role: 60 }, automatic: { most: 3 } })).toEqual({
    ...defaultRules,
    graceDays: { ...defaultRules.graceDays, role: 60 },
    automatic: { ...defaultRules.automatic, most: 3 },
  });
  await expect(save({ graceDays: { role: 34 } })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/^graceDays\.role: must be at least 35/) as string,
  });
  expect((await shown()).effective.graceDays.role).toBe(60);
  await save({});
  expect(await shown()).toMatchObject({ effective: defaultRules, own: null });
});

test('the platform may be looser for one tenant or for everyone, and what it says for one counts for that one only', async () => {
  const other = await pipeline.createTenant();
  await save({ approved: { perExecution: 100 } }, 'platform', PLATFORM_TENANT_ID);
  await save({ approved: { perExecution: 400 }, graceDays: { role: 7 } }, 'platform');
  expect((await shown()).effective).toMatchObject({ approved: { perExecution: 400 }, graceDays: { role: 7 } });
  expect((await shown(other)).effective).toMatchObject({ approved: { perExecution: 100 }, graceDays: { role: 35 } });
  await save({ approved: { perExecution: 300 } });
  expect((await shown()).effective.approved.perExecution).toBe(300);
  await expect(save({ approved: { perExecution: 401 } })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test('what was saved before the platform became stricter counts as strict as that', async () => {
  await save({ automatic: { most: 20 }, managedAsCode: { tags: ['own'] } });
  await save({ automatic: { most: 5 }, managedAsCode: { tags: ['theirs'] } }, 'platform', PLATFORM_TENANT_ID);
  const { effective, own } = await shown();
  expect(effective.automatic.most).toBe(5);
  expect(effective.managedAsCode.tags).toEqual(['theirs', 'own']);
  expect(own?.rules).toEqual({ automatic: { most: 20 }, managedAsCode: { tags: ['own'] } });
});

test('each change is in the audit log, with what was before', async () => {
  await save({ silenceHours: 48 });
  await save({ silenceHours: 72 });
  const notes = await pipeline.rows<{ before: unknown; after: unknown }>(
    `SELECT before, after FROM audit_entries WHERE tenant_id = $1 AND action = 'cleanup-rules.saved' ORDER BY seq`,
    [tenantId],
  );
  expect(JSON.stringify(notes.map(({ before }) => before))).toContain('48');
  expect(notes).toHaveLength(2);
});

test('the platform’s own tenant has none of a tenant’s', async () => {
  await expect(save({ silenceHours: 48 }, 'tenant', PLATFORM_TENANT_ID)).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
