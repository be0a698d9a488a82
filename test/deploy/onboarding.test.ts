import { startSimulator, type RunningSimulator } from '../../aws-simulator/server';
import { builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { unpaced } from '../harness/pipeline';
import { evaluateTemplate, type RoleProperties, roleOf } from './evaluate-template';

/** What a tenant does by itself: registers, makes the roles that the API describes, and has them verified. */
jest.setTimeout(60_000);

const environment = { ...process.env };
const ACCOUNT = '444555666777';
/** The one permission that is a choice, which the template leaves out unless asked. */
const OPTION = { action: 'cloudtrail:LookupEvents', state: 'NOT_GRANTED' };
let simulator: RunningSimulator;
let app: TestApp;
let token: string;
let viewer: string;

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 4,
    accounts: 2,
    usersPerAccount: 4,
    rolesPerAccount: 4,
    pacing: 'unlimited',
    switches: { report: { pendingPolls: 0 } },
  });
  process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
  app = await startTestApp({
    config: { role: 'all', templateUrl: 'https://example.s3.us-east-1.amazonaws.com/mothball' },
    aws: { endpoint: simulator.url, pacing: unpaced, firstLookMs: 20 },
  });
  const make = builders(app.app);
  const tenant = await make.tenant();
  token = tenant.token;
  viewer = await make.token(tenant.id, 'viewer');
  simulator.control.addAccount({ accountId: ACCOUNT, name: 'single' });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
  process.env = environment;
});

interface Setup {
  readonly permissions: string[];
  readonly policy: string;
  readonly deployment: {
    readonly template: string;
    readonly terraform: string;
    readonly cliCommands: string[];
    readonly quickCreateUrl: string;
    readonly parameters: { key: string; value: string }[];
  };
}

interface Verified {
  readonly verified: boolean;
  readonly problem: string | null;
  readonly remedy: string | null;
  readonly account: {
    readonly cleanupRoleArn: string | null;
    readonly verification: {
      readonly roleOutcome: string;
      readonly roles: { role: string; outcome: string }[];
      readonly permissions: { role: string; action: string; state: string; remedy: string | null }[];
      readonly tooWide: { action: string }[];
    } | null;
  };
}

const VERIFIED = `verified problem remedy account { cleanupRoleArn verification { at roleOutcome roles { role outcome }
  permissions { role action state why remedy } tooWide { role action resource why remedy } } }`;
const arn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

function deploy(role: RoleProperties): void {
  simulator.control.deployRole({
    roleName: role.RoleName,
    trustedPrincipalArn: simulator.credentials.userArn,
    trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
    policyDocument: JSON.stringify(role.Policies[0]?.PolicyDocument),
    accounts: [ACCOUNT],
  });
}

let id: string;
let setup: Setup;
const made = (more: Record<string, string> = {}) =>
  evaluateTemplate(setup.deployment.template, {
    accountId: ACCOUNT,
    parameters: { ...Object.fromEntries(setup.deployment.parameters.map(({ key, value }) => [key, value])), ...more },
  });

test('registering says what to create, in each way that people create things', async () => {
  const { registerAccount } = await app.get<{ registerAccount: { id: string; setup: Setup; verification: null } }>(
    token,
    `mutation { registerAccount(awsAccountId: "${ACCOUNT}", name: "mine") { id verification { at }
       setup { permissions policy deployment { template terraform cliCommands quickCreateUrl parameters { key value } } } } }`,
  );
  expect(registerAccount.verification).toBeNull();
  ({ id, setup } = registerAccount);
  const { deployment } = setup;
  expect(Object.fromEntries(deployment.parameters.map(({ key, value }) => [key, value]))).toEqual({
    ExternalIdPrefix: expect.stringMatching(/^mothball-[0-9a-f]{24}$/) as string,
    MothballPrincipals: simulator.credentials.userArn,
  });
  expect(deployment.quickCreateUrl).toContain(
    'templateURL=https%3A%2F%2Fexample.s3.us-east-1.amazonaws.com%2Fmothball',
  );
  expect(deployment.cliCommands).toHaveLength(1);
  expect(deployment.terraform).toContain('module "mothball"');
  // The policy for those who make the role by hand is the template's.
  expect(JSON.parse(setup.policy)).toEqual(roleOf(made(), 'ScanRole').Policies[0]?.PolicyDocument);
});

test('the role that the template makes is verified, permission by permission', async () => {
  deploy(roleOf(made(), 'ScanRole'));
  const { verifyAccount } = await app.get<{ verifyAccount: Verified }>(
    token,
    `mutation { verifyAccount(id: "${id}") { ${VERIFIED} } }`,
  );
  expect(verifyAccount).toMatchObject({ verified: true, problem: null });
  const { verification } = verifyAccount.account;
  expect(verification).toMatchObject({ roleOutcome: 'OK', tooWide: [], roles: [{ role: 'SCAN', outcome: 'OK' }] });
  const present = verification?.permissions.filter(({ state }) => state === 'PRESENT');
  expect(present?.map(({ action }) => action)).toEqual(setup.permissions);
  expect(verification?.permissions.filter(({ state }) => state !== 'PRESENT')).toMatchObject([OPTION]);
});

test('a clean-up role is refused until it is there and right, and can be taken away again', async () => {
  const setRole = (roleArn: string) =>
    app.ask<{ setAccountRole: Verified }>(
      token,
      `mutation { setAccountRole(id: "${id}", role: CLEANUP, roleArn: "${roleArn}") { ${VERIFIED} } }`,
    );
  const missing = (await setRole(arn('mothball-cleanup'))).data.setAccountRole;
  expect(missing).toMatchObject({ verified: false, account: { cleanupRoleArn: null } });
  expect(missing.problem).toContain('mothball-cleanup');
  expect(missing.remedy).toContain('trust policy');

  const role = roleOf(made({ CreateCleanupRole: 'yes' }), 'CleanupRole');
  deploy(role);
  const right = (await setRole(arn('mothball-cleanup'))).data.setAccountRole;
  expect(right).toMatchObject({ verified: true, problem: null, account: { cleanupRoleArn: arn('mothball-cleanup') } });
  expect(right.account.verification?.tooWide).toEqual([]);
  expect(right.account.verification?.permissions.filter(({ state }) => state !== 'PRESENT')).toMatchObject([OPTION]);
  // One of another account never becomes this one's.
  const foreign = await setRole('arn:aws:iam::999999999999:role/mothball-cleanup');
  expect(foreign.errors[0]?.extensions?.['code']).toBe('BAD_INPUT');

  const { removeAccountRole } = await app.get<{ removeAccountRole: Verified['account'] }>(
    token,
    `mutation { removeAccountRole(id: "${id}", role: CLEANUP) { cleanupRoleArn verification { roles { role } } } }`,
  );
  expect(removeAccountRole).toEqual({ cleanupRoleArn: null, verification: { roles: [{ role: 'SCAN' }] } });
  const scan = await app.ask(token, `mutation { removeAccountRole(id: "${id}", role: SCAN) { id } }`);
  expect(scan.errors[0]?.message).toContain('role: the scan role cannot be removed');
});

test('a viewer sees what verification found, but neither external ids nor templates with them', async () => {
  const { account } = await app.get<{ account: { verification: { roleOutcome: string } } }>(
    viewer,
    `{ account(id: "${id}") { verification { roleOutcome permissions { action state } } } }`,
  );
  expect(account.verification.roleOutcome).toBe('OK');
  const refused = await app.ask(viewer, `{ account(id: "${id}") { setup { externalId deployment { template } } } }`);
  expect(refused.errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
});

test('an organization gets one stack for its management account', async () => {
  const platform = await builders(app.app).platformToken();
  const managementAccountId = simulator.world.organization.managementAccountId;
  const { connectOrganization } = await app.get<{ connectOrganization: { setup: Setup } }>(
    platform,
    `mutation { connectOrganization(name: "acme", managementAccountId: "${managementAccountId}") {
       setup { deployment { template cliCommands quickCreateUrl parameters { key value } } } } }`,
  );
  const { template, parameters, cliCommands } = connectOrganization.setup.deployment;
  const resources = evaluateTemplate(template, {
    accountId: managementAccountId,
    parameters: {
      ...Object.fromEntries(parameters.map(({ key, value }) => [key, value])),
      OrganizationalUnitIds: 'r-abcd',
    },
  });
  expect([...resources.keys()]).toEqual(['ListingRole', 'ScanRole', 'MemberAccounts']);
  expect(cliCommands.at(-1)).toContain('organization.yaml');
  // The StackSet's template, with what the stack hands on to it, makes the members' roles.
  const stackSet = resources.get('MemberAccounts')?.properties as {
    TemplateBody: string;
    Parameters: { ParameterKey: string; ParameterValue: string }[];
  };
  const handed = Object.fromEntries(stackSet.Parameters.map((one) => [one.ParameterKey, one.ParameterValue]));
  const members = [...simulator.world.organization.accounts.keys()].filter((one) => one !== managementAccountId);
  const deployAll = (accountId: string, role: RoleProperties): void => {
    simulator.control.deployRole({
      roleName: role.RoleName,
      trustedPrincipalArn: simulator.credentials.userArn,
      trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
      policyDocument: JSON.stringify(role.Policies[0]?.PolicyDocument),
      accounts: [accountId],
    });
  };
  for (const name of ['ListingRole', 'ScanRole']) deployAll(managementAccountId, roleOf(resources, name));
  for (const accountId of members) {
    deployAll(
      accountId,
      roleOf(evaluateTemplate(stackSet.TemplateBody, { accountId, parameters: handed }), 'ScanRole'),
    );
  }
  const { organizations } = await app.get<{ organizations: { nodes: { id: string }[] } }>(
    platform,
    '{ organizations(first: 5) { nodes { id } } }',
  );
  simulator.control.resetCounters();
  await app.get(platform, `mutation { syncOrganization(id: "${organizations.nodes[0]?.id}") { id } }`);
  for (let left = 100; ; left--) {
    const { nodes } = (
      await app.get<{ organizations: { nodes: { syncedAt: string | null; problem: string | null }[] } }>(
        platform,
        '{ organizations(first: 5) { nodes { syncedAt problem } } }',
      )
    ).organizations;
    expect(nodes[0]?.problem).toBeNull();
    if (nodes[0]?.syncedAt != null) break;
    if (left === 0) throw new Error('The organization was not synced.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(simulator.control.log().filter(({ errorCode }) => errorCode === 'AccessDenied')).toEqual([]);
});
