import { aRole, AT, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;
let platform: string;

beforeAll(async () => {
  app = await startTestApp({ config: { role: 'all' } });
  build = builders(app.app);
  platform = await build.platformToken();
});
afterAll(() => app.stop());

const SAVE =
  'mutation ($d: JSON!, $v: Int) { saveBaseline(document: $d, expectedVersion: $v) { version yaml maxExemptionDays } }';
const APPLY = 'mutation ($d: JSON!) { policyApply(documents: $d) { accounts } }';
const policy = (rest: object = {}) => ({ apiVersion: 'mothball/v1', kind: 'Policy', name: 'all', ...rest });
const baseline = (rest: object = {}) => ({ apiVersion: 'mothball/v1', kind: 'Baseline', ...rest });

const tenantWithRole = async (): Promise<BuiltTenant> => {
  const tenant = await build.tenant();
  const account = await build.account(tenant.id);
  await build.inventory(account, { at: AT, roles: [aRole({ name: 'old', uniqueId: 'AROAOLD', lastUsed: used(120) })] });
  return tenant;
};
const roleFinding = async ({ token }: BuiltTenant): Promise<string | undefined> => {
  const { findings } = await app.get<{ findings: { nodes: { status: string; severity: string }[] } }>(
    token,
    '{ findings(filter: { check: ["unused-role"] }) { nodes { status severity } } }',
  );
  const [only] = findings.nodes;
  return only && `${only.status} ${only.severity}`;
};
const eventually = async (what: () => Promise<unknown>, wanted: unknown): Promise<void> => {
  for (let round = 0; round < 100; round++) {
    if ((await what()) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await what()).toEqual(wanted);
};

test('the baseline binds every tenant: looser policies are refused, older ones count as strict', async () => {
  const [one, other] = [await tenantWithRole(), await tenantWithRole()];
  await app.get(one.token, APPLY, { d: policy({ checks: { 'unused-role': { idleDays: 300 } } }) });
  await eventually(() => roleFinding(one), 'RESOLVED MEDIUM');
  await app.get(other.token, APPLY, { d: policy({ checks: { 'unused-role': { enabled: false } } }) });
  await eventually(() => roleFinding(other), 'RESOLVED MEDIUM');

  const strict = baseline({
    checks: { 'unused-role': { required: true, maxIdleDays: 100, minSeverity: 'high' } },
    exclusions: { users: [] },
    maxActionMode: 'propose',
    maxExemptionDays: 30,
  });
  const { errors } = await app.ask(one.token, SAVE, { d: strict });
  expect(errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
  expect(await app.get(platform, SAVE, { d: strict, v: 0 })).toMatchObject({
    saveBaseline: { version: 1, maxExemptionDays: 30 },
  });
  // Both are judged again, at least as strictly, by nobody's doing but the platform's.
  await eventually(() => roleFinding(one), 'OPEN HIGH');
  await eventually(() => roleFinding(other), 'OPEN HIGH');
  const { policies } = await app.get<{
    policies: { nodes: { version: number; clamped: string[]; settings: object }[] };
  }>(one.token, '{ policies { nodes { version clamped settings } } baseline { version maxActionMode } }');
  expect(policies.nodes[0]).toMatchObject({
    version: 1,
    settings: { checks: { 'unused-role': { enabled: true, idleDays: 100, severity: 'high' } } },
  });
  expect(policies.nodes[0]?.clamped.map((line) => line.split(':')[0])).toEqual([
    'checks.unused-role.idleDays',
    'checks.unused-role.severity',
  ]);

  const refusal = await app.ask(one.token, APPLY, {
    d: policy({
      checks: { 'unused-role': { enabled: false, idleDays: 101, severity: 'low' } },
      exclusions: { users: ['/ci-*'] },
      action: { mode: 'automatic-quarantine' },
    }),
  });
  expect(refusal.errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
  for (const field of [
    ...['checks.unused-role.enabled', 'checks.unused-role.idleDays', 'checks.unused-role.severity'],
    ...['exclusions.users', 'action.mode'],
  ]) {
    expect(refusal.errors[0]?.message).toContain(`all: ${field}: `);
  }
  const { policyValidate } = await app.get<{ policyValidate: { valid: boolean } }>(
    one.token,
    'query ($d: JSON!) { policyValidate(documents: $d) { valid } }',
    { d: policy({ checks: { 'unused-role': { idleDays: 101, severity: 'high' } } }) },
  );
  expect(policyValidate.valid).toBe(false);
  await app.get(one.token, APPLY, { d: policy({ checks: { 'unused-role': { idleDays: 99, severity: 'high' } } }) });
  // A tenant without any policy is bound, too.
  const third = await tenantWithRole();
  expect(await roleFinding(third)).toBe('OPEN HIGH');

  expect((await app.ask(platform, SAVE, { d: baseline(), v: 0 })).errors[0]?.extensions?.['code']).toBe('CONFLICT');
  await app.get(platform, SAVE, { d: 'apiVersion: mothball/v1\nkind: Baseline\n', v: 1 });
  // Set free again: as the policies themselves say.
  await eventually(() => roleFinding(other), 'RESOLVED HIGH');
  await eventually(() => roleFinding(third), 'OPEN MEDIUM');
});

test('a baseline that is misspelt is refused by name', async () => {
  const { errors } = await app.ask(platform, SAVE, { d: baseline({ checks: { 'unused-role': { maxIdledays: 3 } } }) });
  expect(errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
  expect(errors[0]?.message).toContain('checks.unused-role.maxIdledays');
});
