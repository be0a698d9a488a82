import { RegistrationService } from '../../src/accounts/registration.service';
import { AccountQueries } from '../../src/accounts/account-queries';
import { ExternalIds } from '../../src/accounts/external-ids.service';
import { accountTemplate } from '../../src/roles/templates/cloudformation';
import { AccountRoles } from '../../src/roles/verification/account-roles.service';
import { reverifyAccount, reverifyAccounts } from '../../src/roles/verification/reverification.definitions';
import { verifyAccount } from '../../src/roles/verification/verify-account.task';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { evaluateTemplate, roleOf } from './evaluate-template';

/** Every day each account is looked at again; one that cannot be read any more is shown as such and loses nothing. */
jest.setTimeout(60_000);

const ONE_YEAR_MS = 365 * 86_400_000;

let pipeline: Pipeline;
let tenantId: string;
let lastAccount = 333_444_555_000;

beforeAll(async () => {
  pipeline = await startPipeline({
    aws: { pacing: unpaced },
    simulator: {
      seed: 9,
      accounts: 4,
      usersPerAccount: 5,
      rolesPerAccount: 8,
      switches: { report: { pendingPolls: 0 } },
    },
  });
  tenantId = await pipeline.createTenant();
});
afterAll(() => pipeline.stop());

const enqueue = async (payload: { accountId: string }, task: typeof verifyAccount | typeof reverifyAccount) => {
  await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(TaskQueue).enqueue(manager, { tenantId, task, payload }),
  );
  await pipeline.settle();
};

async function account(): Promise<{ id: string; awsAccountId: string; deploy(): void; remove(): void }> {
  const awsAccountId = String((lastAccount += 1));
  pipeline.simulator.control.addAccount({ accountId: awsAccountId, name: 'single' });
  pipeline.simulator.control.createUser(awsAccountId, { name: 'idle', keys: [{}] });

  const row = await pipeline.tenants.inTenant(tenantId, async (manager) => {
    const id = await pipeline.get(RegistrationService).register(manager, tenantId, { awsAccountId, name: 'Mine' });
    return pipeline.get(AccountRoles).account(manager, tenantId, id);
  });
  const externalId = await pipeline.get(ExternalIds).of(row);
  const role = roleOf(
    evaluateTemplate(accountTemplate(), {
      accountId: awsAccountId,
      parameters: {
        ExternalIdPrefix: externalId.slice(0, -`-${awsAccountId}`.length),
        MothballPrincipals: pipeline.simulator.credentials.userArn,
      },
    }),
    'ScanRole',
  );
  return {
    id: row.id,
    awsAccountId,
    deploy: () =>
      pipeline.simulator.control.deployRole({
        roleName: role.RoleName,
        trustedPrincipalArn: pipeline.simulator.credentials.userArn,
        trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
        policyDocument: JSON.stringify(role.Policies[0]?.PolicyDocument),
        accounts: [awsAccountId],
      }),
    remove: () => pipeline.simulator.control.deleteRole(awsAccountId, role.RoleName),
  };
}

const externalIdOf = async (id: string): Promise<string> =>
  pipeline
    .get(ExternalIds)
    .of(
      await pipeline.tenants.inTenant(tenantId, (manager) => pipeline.get(AccountRoles).account(manager, tenantId, id)),
    );

const shown = (id: string) =>
  pipeline.tenants.inTenant(tenantId, (manager) => pipeline.get(AccountQueries).byId({ manager, tenantId }, id));
const events = async (id: string): Promise<string[]> =>
  (
    await pipeline.rows<{ type: string }>(
      `SELECT type FROM events WHERE object_id = $1 AND type LIKE 'account.%' ORDER BY at, id`,
      [id],
    )
  ).map(({ type }) => type);
const openFindings = async (id: string): Promise<number> =>
  (
    await pipeline.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM findings WHERE account_id = $1 AND status <> 'resolved'`,
      [id],
    )
  )[0]?.n ?? 0;

test('an account that loses its role is shown so, keeps its findings, and heals by itself', async () => {
  const one = await account();
  one.deploy();
  pipeline.simulator.control.travel(ONE_YEAR_MS);
  pipeline.simulator.control.expireReports(one.awsAccountId);
  await enqueue({ accountId: one.id }, verifyAccount);
  expect(await shown(one.id)).toMatchObject({ coverage: 'complete', access_lost_at: null, problem: null });
  const found = await openFindings(one.id);
  expect(found).toBeGreaterThan(0);

  one.remove();
  await enqueue({ accountId: one.id }, reverifyAccount);
  const lost = await shown(one.id);
  expect(lost).toMatchObject({ coverage: 'no_access', status: 'owned' });
  expect(lost.access_lost_at).not.toBeNull();
  expect(lost.problem).toContain(`arn:aws:iam::${one.awsAccountId}:role/mothball-scan`);
  expect(lost.remedy).toContain('external id');
  expect(await openFindings(one.id)).toBe(found);
  // Seen again as lost, it says so once, and since when it is.
  await enqueue({ accountId: one.id }, reverifyAccount);
  expect((await shown(one.id)).access_lost_at).toEqual(lost.access_lost_at);
  expect(await events(one.id)).toEqual(['account.verified', 'account.lost-access']);

  one.deploy();
  await enqueue({ accountId: one.id }, reverifyAccount);
  expect(await shown(one.id)).toMatchObject({
    coverage: 'complete',
    access_lost_at: null,
    problem: null,
    remedy: null,
  });
  expect(await events(one.id)).toEqual(['account.verified', 'account.lost-access', 'account.regained-access']);
  // And was read at once.
  const scans = await pipeline.rows<{ n: number }>('SELECT count(*)::int AS n FROM scans WHERE account_id = $1', [
    one.id,
  ]);
  expect(scans[0]?.n).toBe(2);
  expect(await openFindings(one.id)).toBe(found);
});

test('a scan whose role cannot be assumed any more has the account looked at at once, and once', async () => {
  const one = await account();
  one.deploy();
  await enqueue({ accountId: one.id }, verifyAccount);
  // The day's own look is hours away: it is the one that is brought forward.
  await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(TaskQueue).enqueue(manager, {
      tenantId,
      task: reverifyAccount,
      payload: { accountId: one.id },
      dedupeKey: one.id,
      dueAt: new Date(Date.now() + 8 * 3_600_000),
    }),
  );
  const looks = () =>
    pipeline.rows<{ state: string; lane: string | null }>(
      `SELECT state, lane FROM tasks WHERE kind = 'reverify-account' AND payload ->> 'accountId' = $1`,
      [one.id],
    );
  await pipeline.sweep(tenantId);
  await pipeline.settle();
  expect(await looks()).toMatchObject([{ state: 'waiting' }]);

  one.remove();
  await pipeline.sweep(tenantId);
  await pipeline.settle();
  expect(await shown(one.id)).toMatchObject({ coverage: 'no_access' });
  expect((await shown(one.id)).access_lost_at).not.toBeNull();
  expect(await looks()).toMatchObject([{ state: 'done' }]);
  // Known to be lost, it is not looked at again for each scan that fails: that is for the next day.
  await pipeline.sweep(tenantId);
  await pipeline.settle();
  expect(await looks()).toMatchObject([{ state: 'done' }]);
  expect((await events(one.id)).filter((type) => type === 'account.lost-access')).toHaveLength(1);
});

test('a scan that was refused its reads has the account’s permissions looked at, in its lane', async () => {
  const one = await account();
  one.deploy();
  await enqueue({ accountId: one.id }, verifyAccount);
  pipeline.simulator.control.deployRole({
    roleName: 'mothball-scan',
    trustedPrincipalArn: pipeline.simulator.credentials.userArn,
    externalId: await externalIdOf(one.id),
    accounts: [one.awsAccountId],
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
    }),
  });
  await pipeline.sweep(tenantId);
  await pipeline.settle();
  expect(await shown(one.id)).toMatchObject({ coverage: 'failed', access_lost_at: null });
  const [look, ...more] = await pipeline.rows<{ state: string; lane: string }>(
    `SELECT state, lane FROM tasks WHERE kind = 'reverify-account' AND payload ->> 'accountId' = $1`,
    [one.id],
  );
  expect([look, more]).toEqual([{ state: 'done', lane: `aws:aws:${one.awsAccountId}` }, []]);
  const [check] = await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(AccountRoles).checksOf({ manager, tenantId }, [one.id]),
  );
  expect(check).toMatchObject({ outcome: 'ok' });
  expect(check?.permissions.filter(({ state }) => state === 'missing').length).toBeGreaterThan(0);
});

test('a scan that has read something since shows before the next verification that access is back', async () => {
  const one = await account();
  one.deploy();
  await enqueue({ accountId: one.id }, verifyAccount);
  one.remove();
  await enqueue({ accountId: one.id }, reverifyAccount);
  expect(await shown(one.id)).toMatchObject({ coverage: 'no_access' });
  one.deploy();
  await pipeline.sweep(tenantId);
  await pipeline.settle();
  expect(await shown(one.id)).toMatchObject({ coverage: 'complete' });
});

test('an account whose role anybody may assume by now is not read, and says why', async () => {
  const one = await account();
  one.deploy();
  await enqueue({ accountId: one.id }, verifyAccount);
  pipeline.simulator.control.deployRole({
    roleName: 'mothball-scan',
    trustedPrincipalArn: pipeline.simulator.credentials.userArn,
    accounts: [one.awsAccountId],
    managedPolicyArns: ['arn:aws:iam::aws:policy/SecurityAudit'],
  });
  await enqueue({ accountId: one.id }, reverifyAccount);
  const seen = await shown(one.id);
  expect(seen.problem).toContain('without an external id');
  expect(seen.access_lost_at).toBeNull();
  const [check] = await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(AccountRoles).checksOf({ manager, tenantId }, [one.id]),
  );
  expect(check).toMatchObject({ kind: 'scan', outcome: 'assumable-without-external-id', permissions: [] });
});

describe('every day', () => {
  const schedules = (of: string) =>
    pipeline.rows<{ cron: string; payload: object }>(
      `SELECT cron, payload FROM schedules WHERE tenant_id = $1 AND kind = 'reverify-accounts'`,
      [of],
    );

  test('each account of a tenant has a task of its own in its lane, spread over the day', async () => {
    const tenant = await pipeline.createTenant();
    expect(await schedules(tenant)).toEqual([]);
    await pipeline.connectOrganization();
    const ids = [...pipeline.simulator.world.organization.accounts.keys()];
    await pipeline.assign(tenant, ids);
    await pipeline.settle();
    // From the first account on.
    expect(await schedules(tenant)).toEqual([{ cron: 'H H * * *', payload: {} }]);

    const before = Date.now();
    for (let time = 0; time < 2; time++) {
      await pipeline.tenants.inTenant(tenant, (manager) =>
        pipeline.get(TaskQueue).enqueue(manager, { tenantId: tenant, task: reverifyAccounts, payload: {} }),
      );
      await made(tenant);
    }
    const tasks = await pipeline.rows<{ lane: string; due_at: Date; priority: number }>(
      `SELECT lane, due_at, priority FROM tasks WHERE tenant_id = $1 AND kind = 'reverify-account'`,
      [tenant],
    );
    expect(tasks.map(({ lane }) => lane).sort()).toEqual(ids.map((id) => `aws:aws:${id}`).sort());
    const times = tasks.map(({ due_at }) => due_at.getTime() - before);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(-1_000);
    expect(Math.max(...times)).toBeLessThan(86_400_000 + 60_000);
    expect(new Set(times).size).toBe(ids.length);
    expect(new Set(tasks.map(({ priority }) => priority))).toEqual(new Set([2]));
  });

  /** Until the day's tasks are made; those wait. */
  async function made(tenant: string): Promise<void> {
    for (;;) {
      const [open] = await pipeline.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM tasks WHERE tenant_id = $1 AND kind = 'reverify-accounts'
           AND state IN ('waiting', 'admitted', 'running')`,
        [tenant],
      );
      if (open?.n === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  test('the platform’s own unassigned accounts are left alone', async () => {
    expect(await schedules(PLATFORM_TENANT_ID)).toEqual([]);
  });
});
