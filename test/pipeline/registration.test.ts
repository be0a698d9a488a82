import { ExternalIds, type WithExternalId } from '../../src/accounts/external-ids.service';
import { RegistrationService } from '../../src/accounts/registration.service';
import { syncOrganization } from '../../src/accounts/sync-organization.definition';
import { verifyAccount } from '../../src/roles/verification/verify-account.task';
import { SweepsService } from '../../src/scans/sweeps.service';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';

/** Whose an AWS account is: proven by its role, one owner in the whole service, and nothing told without proof. */
jest.setTimeout(60_000);

interface Account extends WithExternalId {
  status: string;
  source: string;
  problem: string | null;
  remedy: string | null;
  external_id: string;
  role_arn: string;
  transfer_requested_at: Date | null;
  last_scan_outcome: string | null;
}

describe('a registered account', () => {
  let pipeline: Pipeline;
  let tenantA: string;
  let tenantB: string;
  let lastAccount = 111_122_223_000;

  beforeAll(async () => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced },
      simulator: {
        seed: 2,
        accounts: 3,
        usersPerAccount: 5,
        rolesPerAccount: 8,
        switches: { report: { pendingPolls: 0 } },
      },
    });
    tenantA = await pipeline.createTenant();
    tenantB = await pipeline.createTenant();
  });
  afterAll(() => pipeline.stop());

  /** An account outside any organization. */
  const newAccount = (): string => {
    lastAccount += 1;
    pipeline.simulator.control.addAccount({ accountId: String(lastAccount), name: `single-${lastAccount}` });
    return String(lastAccount);
  };
  const register = (tenantId: string, awsAccountId: string, roleArn?: string): Promise<string> =>
    pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(RegistrationService).register(manager, tenantId, { awsAccountId, name: 'Mine', roleArn }),
    );
  const read = async (id: string): Promise<Account> => {
    const [row] = await pipeline.rows<Account>('SELECT * FROM accounts WHERE id = $1', [id]);
    if (!row) throw new Error(`No account ${id}`);
    return { ...row, external_id: await pipeline.get(ExternalIds).of(row) };
  };
  const verify = async (tenantId: string, accountId: string): Promise<Account> => {
    await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(TaskQueue).enqueue(manager, { tenantId, task: verifyAccount, payload: { accountId } }),
    );
    await pipeline.settle();
    return read(accountId);
  };
  const deploy = (
    awsAccountId: string,
    trust: { externalId?: string; trustPolicy?: string },
    roleName = 'mothball-scan',
  ) =>
    pipeline.simulator.control.deployRole({
      roleName,
      trustedPrincipalArn: pipeline.simulator.credentials.userArn,
      managedPolicyArns: ['arn:aws:iam::aws:policy/SecurityAudit'],
      accounts: [awsAccountId],
      ...trust,
    });
  /** Registered, proven and read once. */
  const owned = async (tenantId: string, awsAccountId: string, roleName = 'mothball-scan'): Promise<Account> => {
    const id = await register(tenantId, awsAccountId, `arn:aws:iam::${awsAccountId}:role/${roleName}`);
    deploy(awsAccountId, { externalId: (await read(id)).external_id }, roleName);
    return verify(tenantId, id);
  };
  const requests = (awsAccountId: string) =>
    pipeline.rows<{ id: string; tenant_id: string; from_tenant_id: string; to_tenant_id: string; state: string }>(
      'SELECT * FROM transfer_requests WHERE aws_account_id = $1',
      [awsAccountId],
    );
  const accept = (tenantId: string, request: string | undefined) =>
    pipeline.tenants.inTenant(tenantId, (manager) => manager.query('SELECT accept_transfer($1)', [request]));
  const scan = (tenantId: string) =>
    pipeline.tenants.inTenant(tenantId, (manager) => pipeline.get(SweepsService).start(manager, tenantId, 'test'));

  test('is the tenant’s once its role is proven, and is then read at once', async () => {
    const account = await owned(tenantA, newAccount());
    expect(account).toMatchObject({ status: 'owned', problem: null, last_scan_outcome: 'complete' });
  });

  test('stays pending while its role is missing, and says what to create', async () => {
    const awsAccountId = newAccount();
    const account = await verify(tenantA, await register(tenantA, awsAccountId));
    expect(account).toMatchObject({ status: 'pending', last_scan_outcome: null });
    expect(account.problem).toContain(`arn:aws:iam::${awsAccountId}:role/mothball-scan`);
    expect(account.remedy).toContain('external id');
  });

  test('is refused while anybody may have its role assumed: without an external id, or with any', async () => {
    const [open, any] = [newAccount(), newAccount()];
    deploy(open, {});
    const without = await verify(tenantA, await register(tenantA, open));
    expect(without).toMatchObject({ status: 'pending' });
    expect(without.problem).toContain('without an external id');
    expect(without.remedy).toContain('sts:ExternalId');
    // It is kept as it is, and the external id lies sealed only.
    expect(JSON.stringify(await pipeline.rows('SELECT * FROM accounts'))).not.toContain(without.external_id);
    const condition = { StringLike: { 'sts:ExternalId': '*' } };
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: pipeline.simulator.credentials.userArn },
      Action: 'sts:AssumeRole',
      Condition: condition,
    };
    deploy(any, { trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) });
    const wrong = await verify(tenantA, await register(tenantA, any));
    expect(wrong).toMatchObject({ status: 'pending' });
    expect(wrong.problem).toContain('any external id');
    // Neither was ever read.
    expect(await pipeline.rows('SELECT 1 FROM scans WHERE account_id = ANY ($1)', [[without.id, wrong.id]])).toEqual(
      [],
    );
  });

  test('registered again has the same external id, which no tenant can choose', async () => {
    const awsAccountId = newAccount();
    const first = await read(await register(tenantA, awsAccountId));
    const again = await read(await register(tenantA, awsAccountId));
    expect(again).toMatchObject({ id: first.id, external_id: first.external_id });
    const other = await read(await register(tenantB, awsAccountId));
    expect(other.external_id).not.toBe(first.external_id);
    await expect(
      register(tenantA, awsAccountId, `arn:aws:iam::${newAccount()}:role/mothball-scan`),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  test('of another tenant looks, without proof, like one that nobody has', async () => {
    const [theirs, nobodys] = [newAccount(), newAccount()];
    await owned(tenantA, theirs);
    const answers = [];
    for (const awsAccountId of [theirs, nobodys]) {
      const account = await verify(tenantB, await register(tenantB, awsAccountId));
      const neutral = (text: string | null) =>
        text
          ?.replaceAll(awsAccountId, 'ACCOUNT')
          .replace(/[0-9a-f-]{36}/g, 'REQUEST')
          .replaceAll(account.external_id, 'ID');
      const { status, transfer_requested_at } = account;
      answers.push({
        status,
        transfer_requested_at,
        problem: neutral(account.problem),
        remedy: neutral(account.remedy),
      });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 'pending', transfer_requested_at: null });
    expect(await requests(theirs)).toEqual([]);
  });

  test('of another tenant is asked of the platform with proof, moves only when it accepts, and can be asked back', async () => {
    const awsAccountId = newAccount();
    const before = await owned(tenantA, awsAccountId);
    const asked = await owned(tenantB, awsAccountId, 'mothball-scan-b');
    expect(asked).toMatchObject({ status: 'pending', last_scan_outcome: null });
    expect(asked.transfer_requested_at).not.toBeNull();
    expect(asked.problem).toContain('another tenant');
    expect(`${asked.problem} ${asked.remedy}`).not.toContain(tenantA);
    // Proving it twice asks once.
    await verify(tenantB, asked.id);
    const [request, ...more] = await requests(awsAccountId);
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      tenant_id: PLATFORM_TENANT_ID,
      from_tenant_id: tenantA,
      to_tenant_id: tenantB,
      state: 'open',
    });
    expect((await read(before.id)).status).toBe('owned');

    await expect(accept(tenantB, request?.id)).rejects.toThrow('only the platform');
    expect((await read(asked.id)).status).toBe('pending');
    await accept(PLATFORM_TENANT_ID, request?.id);
    expect(await read(asked.id)).toMatchObject({ status: 'owned', problem: null, transfer_requested_at: null });
    // The former owner keeps what it has seen, and can read no more.
    expect((await read(before.id)).status).toBe('left');
    await scan(tenantA);
    await pipeline.settle();
    const [late] = await pipeline.rows<{ n: number }>('SELECT count(*)::int AS n FROM scans WHERE account_id = $1', [
      before.id,
    ]);
    expect(late?.n).toBe(1);
    await expect(accept(PLATFORM_TENANT_ID, request?.id)).rejects.toThrow('no such open request');

    // The former owner's proof still holds, but it has to ask now, too.
    const back = await verify(tenantA, await register(tenantA, awsAccountId));
    expect(back).toMatchObject({ id: before.id, status: 'pending' });
    expect((await requests(awsAccountId)).filter(({ state }) => state === 'open')).toMatchObject([
      { from_tenant_id: tenantB, to_tenant_id: tenantA },
    ]);
  });

  test('that two tenants prove at one moment is owned by one of them', async () => {
    const awsAccountId = newAccount();
    const ids = [await register(tenantA, awsAccountId), await register(tenantB, awsAccountId)];
    const external = await Promise.all(ids.map(async (id) => (await read(id)).external_id));
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: pipeline.simulator.credentials.userArn },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': external } },
    };
    deploy(awsAccountId, { trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) });
    await Promise.all([verify(tenantA, ids[0] ?? ''), verify(tenantB, ids[1] ?? '')]);
    const statuses = await Promise.all(ids.map(async (id) => (await read(id)).status));
    expect(statuses.sort()).toEqual(['owned', 'pending']);
    expect(await requests(awsAccountId)).toHaveLength(1);
  });

  describe('that an organization lists', () => {
    let organizationId: string;
    let listed: string[];

    beforeAll(async () => {
      organizationId = await pipeline.connectOrganization();
      const { accounts, managementAccountId } = pipeline.simulator.world.organization;
      listed = [...accounts.keys()].filter((id) => id !== managementAccountId);
    });
    const sync = async (): Promise<void> => {
      await pipeline.tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
        pipeline
          .get(TaskQueue)
          .enqueue(manager, { tenantId: PLATFORM_TENANT_ID, task: syncOrganization, payload: { organizationId } }),
      );
      await pipeline.settle();
    };
    const at = async (tenantId: string, awsAccountId: string): Promise<Account | undefined> =>
      (
        await pipeline.rows<Account>('SELECT * FROM accounts WHERE tenant_id = $1 AND aws_account_id = $2', [
          tenantId,
          awsAccountId,
        ])
      )[0];

    test('can be assigned back to a tenant that had it before', async () => {
      const [awsAccountId = ''] = listed;
      await pipeline.assign(tenantA, [awsAccountId]);
      const moved = await owned(tenantB, awsAccountId, 'mothball-scan-b');
      const [request] = await requests(awsAccountId);
      await accept(PLATFORM_TENANT_ID, request?.id);
      expect(await read(moved.id)).toMatchObject({ tenant_id: tenantB, status: 'owned' });
      await pipeline.assign(tenantA, [awsAccountId]);
      await pipeline.settle();
      expect(await at(tenantA, awsAccountId)).toMatchObject({ status: 'owned' });
      expect(await at(tenantB, awsAccountId)).toBeUndefined();
    });

    test('and that left it stays its tenant’s, when that has registered and proven it itself', async () => {
      const awsAccountId = listed[1] ?? '';
      await pipeline.assign(tenantA, [awsAccountId]);
      pipeline.simulator.control.removeAccount(awsAccountId);
      await sync();
      expect(await at(tenantA, awsAccountId)).toMatchObject({ status: 'left' });
      const account = await owned(tenantA, awsAccountId);
      expect(account).toMatchObject({ problem: null, status: 'owned', source: 'registered' });
      await sync();
      expect(await at(tenantA, awsAccountId)).toMatchObject({ id: account.id, status: 'owned' });
    });
  });
});
