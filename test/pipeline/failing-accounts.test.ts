import type { SimRole } from '../../aws-simulator/world/model';
import { ExternalIds, type WithPrefix } from '../../src/accounts/external-ids.service';
import { syncOrganization } from '../../src/accounts/sync-organization.definition';
import { DAY_MS } from '../../src/clock';
import { IdentityQueries } from '../../src/scans/identity-queries';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { differences, findingsOf } from './comparison';

/** Everything that can be wrong with one account, beside others that are well. */
jest.setTimeout(120_000);

const SCAN_ACTIONS = [
  'iam:GenerateCredentialReport',
  'iam:GetCredentialReport',
  'iam:GetAccountAuthorizationDetails',
  'iam:ListUsers',
  'iam:ListAccessKeys',
  'iam:GetAccessKeyLastUsed',
  'iam:ListSSHPublicKeys',
  'iam:ListServiceSpecificCredentials',
];
const REPORT = ['iam:GenerateCredentialReport', 'iam:GetCredentialReport'];

interface ScanRow {
  outcome: string;
  reason: string | null;
  remedy: string | null;
  not_read: { what: string; reason: string }[];
}

describe('one account that fails does not touch the others', () => {
  let pipeline: Pipeline;
  let tenantId: string;
  let organizationId: string;
  let forgotten: SimRole | undefined;
  const since = new Date();
  const ids: Record<string, string> = {};

  const control = () => pipeline.simulator.control;
  const account = (name: string): string => ids[name] ?? '';
  const lastScan = async (name: string): Promise<ScanRow | undefined> =>
    (
      await pipeline.rows<ScanRow>(
        `SELECT s.outcome, s.reason, s.remedy, s.not_read FROM scans s JOIN accounts a ON a.id = s.account_id
         WHERE a.aws_account_id = $1 ORDER BY s.created_at DESC LIMIT 1`,
        [account(name)],
      )
    )[0];
  const foundIn = async (name: string): Promise<string[]> =>
    (await findingsOf(pipeline))
      .filter((row) => row.aws_account_id === account(name))
      .map((row) => `${row.check_id} ${row.unique_id} ${row.access_key_id ?? ''}`)
      .sort();
  const idleCredentialsIn = async (name: string): Promise<number> =>
    pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(IdentityQueries).count(
        { manager, tenantId },
        {
          kinds: ['access-key', 'password'],
          account: { awsAccountIds: [account(name)] },
          lastUsed: { olderThanDays: 1, includeNeverUsed: true },
        },
      ),
    );
  const truthOf = (name: string) =>
    control()
      .truth(90, account(name))
      .flatMap(({ items }) => items);
  const unknownIn = (name: string) =>
    pipeline.rows<{ check_id: string; reason: string }>(
      `SELECT u.check_id, u.reason FROM unknown_verdicts u JOIN accounts a ON a.id = u.account_id WHERE a.aws_account_id = $1`,
      [account(name)],
    );
  /** The scan role of that account, without these permissions. */
  const deny = async (name: string, denied: readonly string[]): Promise<void> => {
    const [organization] = await pipeline.rows<WithPrefix>('SELECT * FROM organizations');
    if (!organization) throw new Error('There is no organization.');
    const Action = SCAN_ACTIONS.filter((action) => !denied.includes(action));
    control().deployRole({
      roleName: 'mothball-scan',
      trustedPrincipalArn: pipeline.simulator.credentials.userArn,
      externalIdPrefix: await pipeline.get(ExternalIds).prefixOf(organization),
      policyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
      }),
      accounts: [account(name)],
    });
  };
  const scanAll = async (): Promise<void> => {
    control().expireReports();
    await pipeline.sweep(tenantId);
    await pipeline.settle({ timeoutMs: 90_000 });
  };

  beforeAll(async () => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced, maxAttempts: 2 },
      config: { workerConcurrency: 12 },
      simulator: {
        seed: 21,
        accounts: 12,
        usersPerAccount: 12,
        rolesPerAccount: 16,
        shape: { invitedAccounts: 0, delegatedAdministrators: 0 },
        switches: { report: { pendingPolls: 0 } },
      },
    });
    const { organization, missingRoleAccountIds } = pipeline.simulator.world;
    tenantId = await pipeline.createTenant();
    organizationId = await pipeline.connectOrganization();
    const all = [...organization.accounts.values()];
    ids['suspended'] = all.find(({ state }) => state === 'SUSPENDED')?.accountId ?? '';
    ids['without role'] = [...missingRoleAccountIds][0] ?? '';
    const usable = all.map(({ accountId }) => accountId).filter((id) => !Object.values(ids).includes(id));
    const names = [
      'no report',
      'no users',
      'no details',
      'no ssh',
      'no keys',
      'throttled',
      'well',
      'later',
      'leaving',
      'moving',
    ];
    names.forEach((name, index) => (ids[name] = usable[index] ?? ''));
    const createdAt = pipeline.simulator.world.now() - 300 * DAY_MS;
    forgotten = control().createRole(account('later'), { name: 'forgotten', createdAt });
    await deny('no report', REPORT);
    await deny('no users', ['iam:ListUsers']);
    await deny('no details', ['iam:GetAccountAuthorizationDetails']);
    await deny('no ssh', ['iam:ListSSHPublicKeys']);
    await deny('no keys', ['iam:ListAccessKeys']);
    const forever = { kind: 'error-before-effect', code: 'Throttling', status: 400, times: 1e9 } as const;
    control().addFault({ service: 'iam', accountId: account('throttled'), ...forever });
    control().resetCounters();
    await pipeline.assign(tenantId, [...organization.accounts.keys()]);
    await pipeline.settle({ timeoutMs: 90_000 });
    control().clearFaults();
  });
  afterAll(() => pipeline.stop());

  test('the well ones are read completely, and their findings are the truth', async () => {
    for (const name of ['well', 'later', 'leaving', 'moving'])
      expect(await lastScan(name)).toMatchObject({ outcome: 'complete' });
    const { differing } = await differences(pipeline, 90, since);
    // Two accounts are read completely by the scan itself, but their look-ups are denied.
    const lookups = ['no ssh', 'no keys'].flatMap((name) => truthOf(name)).map(({ uniqueId }) => uniqueId);
    expect(differing.filter((line) => !lookups.some((id) => line.includes(id)))).toEqual([]);
  });

  test('a suspended one is not called, and no failure', async () => {
    expect(await lastScan('suspended')).toBeUndefined();
    expect(control().counters().byAccount[account('suspended')]).toBeUndefined();
  });

  test('a missing role is a failed scan that says what to do', async () => {
    const scan = await lastScan('without role');
    expect(scan).toMatchObject({ outcome: 'failed' });
    expect(scan?.reason).toContain(`arn:aws:iam::${account('without role')}:role/mothball-scan`);
    expect(scan?.remedy).toContain('external id');
  });

  test('one that is throttled without end fails, and says so', async () => {
    const scan = await lastScan('throttled');
    expect(scan).toMatchObject({ outcome: 'failed' });
    expect(scan?.reason).toMatch(/throttl|too many/i);
    expect(await foundIn('throttled')).toEqual([]);
  });

  test('without the report nothing is "never used": its checks are unknown, with the reason', async () => {
    const scan = await lastScan('no report');
    expect(scan).toMatchObject({ outcome: 'partial' });
    expect(scan?.not_read.map(({ what }) => what)).toEqual(['the credential report']);
    expect(scan?.reason).toMatch(/iam:(Generate|Get)CredentialReport/);
    const roles = truthOf('no report').filter(({ check }) => check === 'unused-role');
    expect(await foundIn('no report')).toEqual(roles.map(({ check, uniqueId }) => `${check} ${uniqueId} `).sort());
    const unknown = await unknownIn('no report');
    expect(new Set(unknown.map(({ check_id }) => check_id))).toEqual(
      new Set([
        'unused-access-key',
        'unused-password',
        'unused-user',
        'access-key-not-rotated',
        'second-active-key',
        'inactive-access-key',
      ]),
    );
    for (const { reason } of unknown) expect(reason).toMatch(/report/i);
    const keys = await pipeline.rows(
      `SELECT 1 FROM identities i JOIN accounts a ON a.id = i.account_id
       WHERE a.aws_account_id = $1 AND i.kind IN ('access-key', 'password')`,
      [account('no report')],
    );
    expect(keys).toEqual([]);
  });

  test('without the list of users there is no wrong finding', async () => {
    expect(await lastScan('no users')).toMatchObject({ outcome: 'partial' });
    const truth = new Set(truthOf('no users').map(({ check, uniqueId }) => `${check} ${uniqueId}`));
    const wrong = (await foundIn('no users')).filter((line) => !truth.has(line.split(' ').slice(0, 2).join(' ')));
    expect(wrong).toEqual([]);
    expect((await foundIn('no users')).length).toBeGreaterThan(0);
  });

  test('without authorization details nobody is known, so nobody is flagged', async () => {
    expect(await lastScan('no details')).toMatchObject({ outcome: 'partial' });
    const found = await foundIn('no details');
    expect(found.filter((line) => !line.startsWith('root-access-key'))).toEqual([]);
  });

  test('where SSH keys may not be listed, unused-user stays unknown, and the rest is the truth', async () => {
    const truth = truthOf('no ssh').filter(({ check }) => check !== 'unused-user');
    expect((await foundIn('no ssh')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      truth.map(({ check, uniqueId }) => `${check} ${uniqueId}`).sort(),
    );
    const unknown = (await unknownIn('no ssh')).filter(({ check_id }) => check_id === 'unused-user');
    expect(unknown.length).toBeGreaterThan(0);
    for (const { reason } of unknown) expect(reason).toContain('iam:ListSSHPublicKeys');
  });

  test('where keys may not be listed, a finding stands without the id, and says why', async () => {
    const keys = await pipeline.rows<{ access_key_id: string | null; key_id_problem: string | null }>(
      `SELECT i.access_key_id, i.key_id_problem FROM findings f JOIN identities i ON i.id = f.identity_id
       JOIN accounts a ON a.id = f.account_id
       WHERE a.aws_account_id = $1 AND f.check_id = 'unused-access-key' AND NOT i.is_root`,
      [account('no keys')],
    );
    expect(keys.length).toBeGreaterThan(0);
    for (const { access_key_id, key_id_problem } of keys) {
      expect(access_key_id).toBeNull();
      expect(key_id_problem).toContain('iam:ListAccessKeys');
    }
  });

  test('a partial reading closes nothing, the next complete one does', async () => {
    const before = await foundIn('later');
    expect(before).toContain(`unused-role ${forgotten?.uniqueId} `);
    expect(await idleCredentialsIn('later')).toBeGreaterThan(0);
    await deny('later', REPORT);
    control().deleteRole(account('later'), 'forgotten');
    await scanAll();
    expect(await lastScan('later')).toMatchObject({ outcome: 'partial' });
    expect(await foundIn('later')).toEqual(before);
    // What is not known now matches no threshold either, whatever was known before.
    expect(await idleCredentialsIn('later')).toBe(0);
    await deny('later', []);
    await scanAll();
    expect(await lastScan('later')).toMatchObject({ outcome: 'complete' });
    expect(await foundIn('later')).toEqual(before.filter((line) => line !== `unused-role ${forgotten?.uniqueId} `));
  });

  test('a second request joins the scan under way', async () => {
    control().setLatency({ ms: 100 });
    const sweeps = [await pipeline.sweep(tenantId), await pipeline.sweep(tenantId)];
    control().setLatency({ ms: 0 });
    await pipeline.settle({ timeoutMs: 90_000 });
    const scans = await pipeline.rows<{ sweep_id: string; scan_id: string }>(
      'SELECT sweep_id, scan_id FROM sweep_scans WHERE sweep_id = ANY ($1::uuid[]) ORDER BY scan_id',
      [sweeps],
    );
    const of = (sweep: string | undefined) => scans.filter((row) => row.sweep_id === sweep).map((row) => row.scan_id);
    expect(of(sweeps[0]).length).toBeGreaterThan(8);
    expect(of(sweeps[1])).toEqual(of(sweeps[0]));
  });

  test('one that left its organization is marked and read no more; its findings stay', async () => {
    const before = await foundIn('leaving');
    control().removeAccount(account('leaving'));
    await pipeline.tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
      pipeline
        .get(TaskQueue)
        .enqueue(manager, { tenantId: PLATFORM_TENANT_ID, task: syncOrganization, payload: { organizationId } }),
    );
    await pipeline.settle();
    const [row] = await pipeline.rows<{ status: string; left_at: Date | null }>(
      'SELECT status, left_at FROM accounts WHERE aws_account_id = $1',
      [account('leaving')],
    );
    expect(row).toEqual({ status: 'left', left_at: expect.any(Date) as Date });
    expect(before.length).toBeGreaterThan(0);
    expect(await foundIn('leaving')).toEqual(before);
    control().resetCounters();
    await scanAll();
    expect(control().counters().byAccount[account('leaving')]).toBeUndefined();
  });

  test('one that is assigned elsewhere takes inventory, tags, scans and findings along', async () => {
    const [row] = await pipeline.rows<{ id: string }>('SELECT id FROM accounts WHERE aws_account_id = $1', [
      account('moving'),
    ]);
    const owned = `SELECT 'finding' AS kind, tenant_id, id::text FROM findings WHERE account_id = $1
      UNION ALL SELECT 'identity', tenant_id, id::text FROM identities WHERE account_id = $1
      UNION ALL SELECT 'tag', g.tenant_id, g.identity_id || g.key FROM identity_tags g
        JOIN identities i ON i.id = g.identity_id WHERE i.account_id = $1
      UNION ALL SELECT 'scan', tenant_id, id::text FROM scans WHERE account_id = $1 AND state = 'finished' ORDER BY 1, 3`;
    interface Owned {
      kind: string;
      tenant_id: string;
      id: string;
    }
    const before = await pipeline.rows<Owned>(owned, [row?.id]);
    expect(new Set(before.map(({ kind }) => kind))).toEqual(new Set(['finding', 'identity', 'tag', 'scan']));
    const other = await pipeline.createTenant();
    await pipeline.assign(other, [account('moving')]);
    await pipeline.settle({ timeoutMs: 90_000 });
    const after = await pipeline.rows<Owned>(owned, [row?.id]);
    expect(new Set(after.map((one) => one.tenant_id))).toEqual(new Set([other]));
    expect(after.map(({ kind, id }) => `${kind} ${id}`)).toEqual(
      expect.arrayContaining(before.map(({ kind, id }) => `${kind} ${id}`)),
    );
    // It is read at once for its new owner, and nothing new was found.
    expect(after.filter(({ kind }) => kind === 'scan').length).toBe(
      before.filter(({ kind }) => kind === 'scan').length + 1,
    );
    expect(after.filter(({ kind }) => kind === 'finding')).toHaveLength(
      before.filter(({ kind }) => kind === 'finding').length,
    );
  });
});
