import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startSimulator, type RunningSimulator } from '../../aws-simulator/server';
import { awsPolicyArn } from '../../src/aws/arns';
import { builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { unpaced } from '../harness/pipeline';

interface Sweep {
  readonly total: number;
  readonly complete: number;
  readonly failed: number;
  readonly partial: number;
  readonly finished: boolean;
}

const environment = { ...process.env };
let simulator: RunningSimulator;
let app: TestApp;
let platform: string;
let tenant: { id: string; token: string };

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 3,
    accounts: 6,
    usersPerAccount: 8,
    rolesPerAccount: 8,
    pacing: 'unlimited',
  });
  process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
  app = await startTestApp({
    config: { role: 'all' },
    aws: { endpoint: simulator.url, pacing: unpaced, firstLookMs: 20 },
  });
  platform = await builders(app.app).platformToken();
}, 60_000);
afterAll(async () => {
  await app.stop();
  await simulator.close();
  process.env = environment;
});

/** Each value of a subscription, until it ends. */
async function subscribe(token: string, query: string, variables: Record<string, unknown>): Promise<unknown[]> {
  const client = createClient({
    url: app.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const values: unknown[] = [];
  try {
    for await (const value of client.iterate({ query, variables })) values.push(value);
    return values;
  } finally {
    await client.dispose();
  }
}

const deploy = (
  roleName: string,
  policy: string,
  setup: { trustPolicy: string; prefix: string },
  accounts: 'all' | string[],
) =>
  simulator.control.deployRole({
    roleName,
    trustedPrincipalArn: (JSON.parse(setup.trustPolicy) as { Statement: [{ Principal: { AWS: string } }] }).Statement[0]
      .Principal.AWS,
    externalIdPrefix: setup.prefix,
    managedPolicyArns: [awsPolicyArn('aws', policy)],
    accounts,
  });

describe('the main job, through the API alone', () => {
  it('makes a tenant and its token', async () => {
    const { createTenant } = await app.get<{ createTenant: { id: string } }>(
      platform,
      'mutation { createTenant(name: "Acme") { id } }',
    );
    const { createToken } = await app.get<{ createToken: { secret: string } }>(
      platform,
      'mutation ($t: ID) { createToken(name: "admin", role: ADMIN, tenant: $t) { secret } }',
      { t: createTenant.id },
    );
    tenant = { id: createTenant.id, token: createToken.secret };
    expect(await app.get(tenant.token, '{ schedule { cron enabled } }')).toEqual({
      schedule: { cron: 'H H * * *', enabled: true },
    });
  });

  it('connects an organization by what it is told to create, and assigns its accounts', async () => {
    const management = simulator.world.organization.managementAccountId;
    const { connectOrganization } = await app.get<{
      connectOrganization: {
        id: string;
        setup: { externalIdPrefix: string; scanRoleName: string; listing: { trustPolicy: string; externalId: string } };
      };
    }>(
      platform,
      `mutation ($m: String!) { connectOrganization(name: "Acme Corp", managementAccountId: $m) {
        id setup { externalIdPrefix scanRoleName listing { trustPolicy externalId permissions } } } }`,
      { m: management },
    );
    const { id, setup } = connectOrganization;
    const told = { trustPolicy: setup.listing.trustPolicy, prefix: setup.externalIdPrefix };
    expect(setup.listing.externalId).toBe(`${told.prefix}-${management}`);
    deploy(setup.scanRoleName, 'SecurityAudit', told, 'all');
    deploy('mothball-list', 'AWSOrganizationsReadOnlyAccess', told, [management]);
    await app.get(platform, 'mutation ($id: ID!) { syncOrganization(id: $id) { name } }', { id });
    const accounts = await until(async () => {
      const { accounts: listed } = await app.get<{ accounts: { nodes: { id: string; tenant: { name: string } }[] } }>(
        platform,
        '{ accounts { nodes { id tenant { name } } } }',
      );
      return listed.nodes.length > 0 ? listed.nodes : undefined;
    });
    expect(new Set(accounts.map((account) => account.tenant.name))).toEqual(new Set(['platform']));
    const { assignAccounts } = await app.get<{ assignAccounts: { moved: number } }>(
      platform,
      'mutation ($t: ID!, $o: ID) { assignAccounts(tenant: $t, organization: $o, ouPath: "/") { moved } }',
      { t: tenant.id, o: id },
    );
    expect(assignAccounts.moved).toBe(accounts.length);
  });

  it('shows a sweep’s progress until it is finished', async () => {
    const { startSweep } = await app.get<{ startSweep: { id: string } }>(
      tenant.token,
      'mutation { startSweep { id } }',
    );
    const seen = await subscribe(
      tenant.token,
      'subscription ($id: ID!) { sweepProgress(id: $id) { total complete partial failed finished } }',
      { id: startSweep.id },
    );
    const sweeps = seen.map((value) => (value as { data: { sweepProgress: Sweep } }).data.sweepProgress);
    expect(sweeps.filter((sweep) => sweep.finished)).toHaveLength(1);
    expect(sweeps.at(-1)).toMatchObject({ finished: true, failed: 0, partial: 0, complete: sweeps[0]?.total });
    expect(sweeps.map((sweep) => sweep.complete)).toEqual(sweeps.map((sweep) => sweep.complete).sort((a, b) => a - b));
    const { sweep } = await app.get<{
      sweep: { scans: { totalCount: number; nodes: { outcome: string; awsCallCount: number }[] } };
    }>(
      tenant.token,
      'query ($id: ID!) { sweep(id: $id) { scans { totalCount nodes { outcome awsCallCount awsCalls { action calls } account { name } } } } }',
      { id: startSweep.id },
    );
    expect(sweep.scans.totalCount).toBe(sweeps[0]?.total);
    expect(sweep.scans.nodes.every((scan) => scan.outcome === 'COMPLETE' && scan.awsCallCount > 0)).toBe(true);
  }, 60_000);

  it('finds what is unused, and reads one finding again directly from IAM', async () => {
    const finding = await until(async () => {
      const { findings } = await app.get<{ findings: { nodes: { id: string; firstSeenAt: string }[] } }>(
        tenant.token,
        '{ findings(filter: { status: OPEN, check: "unused-role" }) { nodes { id firstSeenAt } } }',
      );
      return findings.nodes[0];
    });
    const { recheckFinding } = await app.get<{ recheckFinding: { id: string; kind: string } }>(
      tenant.token,
      'mutation ($id: ID!) { recheckFinding(id: $id) { id kind } }',
      { id: finding.id },
    );
    expect(recheckFinding.kind).toBe('recheck-finding');
    const task = await until(async () => {
      const { task: now } = await app.get<{ task: { state: string; errorMessage: string | null } }>(
        tenant.token,
        'query ($id: ID!) { task(id: $id) { state errorMessage } }',
        { id: recheckFinding.id },
      );
      return ['DONE', 'FAILED'].includes(now.state) ? now : undefined;
    });
    expect(task).toEqual({ state: 'DONE', errorMessage: null });
  }, 60_000);

  it('verifies an account that is registered by itself, and says what is wrong when it cannot', async () => {
    const other = await builders(app.app).tenant();
    const { registerAccount } = await app.get<{ registerAccount: { id: string; coverage: string } }>(
      other.token,
      'mutation { registerAccount(awsAccountId: "999988887777", name: "ours") { id coverage setup { externalId trustPolicy } } }',
    );
    expect(registerAccount.coverage).toBe('PENDING');
    const { verifyAccount } = await app.get<{ verifyAccount: Record<string, unknown> }>(
      other.token,
      'mutation ($id: ID!) { verifyAccount(id: $id) { verified pending problem remedy account { coverage } } }',
      { id: registerAccount.id },
    );
    expect(verifyAccount).toMatchObject({ verified: false, pending: false, account: { coverage: 'PENDING' } });
    expect(verifyAccount['problem']).toEqual(expect.any(String));
    expect(verifyAccount['remedy']).toEqual(expect.any(String));
  }, 30_000);

  it('does not call a proven account verified whose new role was refused', async () => {
    const { accounts } = await app.get<{
      accounts: { nodes: { id: string; awsAccountId: string; setup: { roleArn: string } }[] };
    }>(
      tenant.token,
      '{ accounts(first: 1, filter: { coverage: COMPLETE }) { nodes { id awsAccountId setup { roleArn } } } }',
    );
    const [account] = accounts.nodes;
    if (!account) throw new Error('No account was scanned.');
    const give = async (roleArn: string): Promise<Record<string, unknown>> =>
      (
        await app.get<{ setAccountRole: Record<string, unknown> }>(
          tenant.token,
          'mutation ($id: ID!, $r: String!) { setAccountRole(id: $id, roleArn: $r) { verified pending problem remedy } }',
          { id: account.id, r: roleArn },
        )
      ).setAccountRole;
    expect(await give(`arn:aws:iam::${account.awsAccountId}:role/is-not-there`)).toEqual({
      verified: false,
      pending: false,
      problem: expect.stringContaining('is-not-there') as unknown,
      remedy: expect.any(String) as unknown,
    });
    const { account: unchanged } = await app.get<{ account: { setup: { roleArn: string } } }>(
      tenant.token,
      'query ($id: ID!) { account(id: $id) { setup { roleArn } } }',
      { id: account.id },
    );
    expect(unchanged.setup.roleArn).toBe(account.setup.roleArn);
    expect(await give(account.setup.roleArn)).toMatchObject({ verified: true, pending: false, problem: null });
  }, 30_000);
});

describe('a subscription', () => {
  it('to what is not there, or not one’s own, is refused', async () => {
    const { startSweep } = await app.get<{ startSweep: { id: string } }>(
      tenant.token,
      'mutation { startSweep { id } }',
    );
    const stranger = await builders(app.app).tenant();
    const values = await subscribe(stranger.token, 'subscription ($id: ID!) { sweepProgress(id: $id) { total } }', {
      id: startSweep.id,
    }).catch((error: unknown) => error);
    expect(JSON.stringify(values)).toContain('NOT_FOUND');
  });

  it('without a good token ends the connection', async () => {
    await expect(
      subscribe('mothball_none', 'subscription { sweepProgress(id: "x") { total } }', {}),
    ).rejects.toMatchObject({
      code: 4403,
    });
  });
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
