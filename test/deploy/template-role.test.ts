import {
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { RegistrationService } from '../../src/accounts/registration.service';
import { ExternalIds } from '../../src/accounts/external-ids.service';
import { actionsOf } from '../../src/aws/grants';
import { optionalScanNeeds, roleNeeds, SIMULATE } from '../../src/roles/needs';
import { accountTemplate } from '../../src/roles/templates/cloudformation';
import { AccountRoles } from '../../src/roles/verification/account-roles.service';
import type { AccountRoleKind, RoleFindings } from '../../src/roles/verification/findings';
import { trials } from '../../src/roles/verification/trials';
import { RoleVerifier } from '../../src/roles/verification/role-verifier.service';
import { verifyAccount } from '../../src/roles/verification/verify-account.task';
import { newId } from '../../src/ids';
import { RunningTask } from '../../src/tasks/running-task';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { evaluateTemplate, type PolicyDocument, roleOf, type RoleProperties } from './evaluate-template';

/**
 * The roles that the generated template makes, in a simulator that allows what AWS's Service Authorization Reference
 * says: they suffice, each of their permissions is needed to pass verification, and more than theirs is noticed.
 */
jest.setTimeout(120_000);

const ALLOW_ALL = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

let pipeline: Pipeline;
let tenantId: string;
let lastAccount = 222_333_444_000;

beforeAll(async () => {
  pipeline = await startPipeline({
    aws: { pacing: unpaced },
    simulator: {
      seed: 5,
      accounts: 2,
      usersPerAccount: 12,
      rolesPerAccount: 15,
      switches: { report: { pendingPolls: 0 } },
    },
  });
  tenantId = await pipeline.createTenant();
});
afterAll(() => pipeline.stop());

interface Deployed {
  readonly id: string;
  readonly awsAccountId: string;
  readonly externalId: string;
  readonly roles: Readonly<Record<AccountRoleKind, RoleProperties>>;
  readonly iam: IAMClient;
}

/** An account outside the organization, and somebody in it who may create its roles. */
function administrator(awsAccountId: string): IAMClient {
  const user = pipeline.simulator.control.createUser(awsAccountId, {
    name: 'administrator',
    inlinePolicies: { all: ALLOW_ALL },
    keys: [{}],
  });
  const [key] = user.accessKeys;
  if (!key) throw new Error('no key');
  const { accessKeyId, secretAccessKey } = key;
  return new IAMClient({
    endpoint: pipeline.simulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
  });
}

const arnOf = (awsAccountId: string, role: RoleProperties): string =>
  `arn:aws:iam::${awsAccountId}:role${role.Path}${role.RoleName}`;

async function create(iam: IAMClient, role: RoleProperties): Promise<void> {
  await iam.send(
    new CreateRoleCommand({
      RoleName: role.RoleName,
      Path: role.Path,
      Description: role.Description,
      MaxSessionDuration: role.MaxSessionDuration,
      AssumeRolePolicyDocument: JSON.stringify(role.AssumeRolePolicyDocument),
    }),
  );
  for (const { PolicyName, PolicyDocument } of role.Policies) await put(iam, role, PolicyDocument, PolicyName);
}

const put = (iam: IAMClient, role: RoleProperties, document: PolicyDocument, PolicyName = 'mothball') =>
  iam.send(new PutRolePolicyCommand({ RoleName: role.RoleName, PolicyName, PolicyDocument: JSON.stringify(document) }));

/** Registers an account and makes every role of the template in it, as CloudFormation would. */
async function deploy(parameters: Record<string, string> = {}): Promise<Deployed> {
  const awsAccountId = String((lastAccount += 1));
  pipeline.simulator.control.addAccount({ accountId: awsAccountId, name: `single-${awsAccountId}` });
  for (const name of ['ann', 'bob']) pipeline.simulator.control.createUser(awsAccountId, { name, keys: [{}] });
  pipeline.simulator.control.createRole(awsAccountId, { name: 'worker' });
  const iam = administrator(awsAccountId);
  const path = parameters['RolePath'] ?? '/';
  const name = parameters['ScanRoleName'] ?? 'mothball-scan';
  const { id, externalId } = await pipeline.tenants
    .inTenant(tenantId, async (manager) => {
      const roleArn = `arn:aws:iam::${awsAccountId}:role${path}${name}`;
      const registered = await pipeline
        .get(RegistrationService)
        .register(manager, tenantId, { awsAccountId, name: 'Mine', roleArn });
      const row = await pipeline.get(AccountRoles).account(manager, tenantId, registered);
      return { id: registered, externalId: row };
    })
    .then(async (found) => ({ id: found.id, externalId: await pipeline.get(ExternalIds).of(found.externalId) }));
  const made = evaluateTemplate(accountTemplate(), {
    accountId: awsAccountId,
    parameters: {
      ExternalIdPrefix: externalId.slice(0, -`-${awsAccountId}`.length),
      MothballPrincipals: pipeline.simulator.credentials.userArn,
      CreateCleanupRole: 'yes',
      CreateRestoreRole: 'yes',
      ...parameters,
    },
  });
  const roles = {
    scan: roleOf(made, 'ScanRole'),
    cleanup: roleOf(made, 'CleanupRole'),
    restore: roleOf(made, 'RestoreRole'),
  };
  for (const role of Object.values(roles)) await create(iam, role);
  return { id, awsAccountId, externalId, roles, iam };
}

/** By the task that `verifyAccount` makes; what it has kept. */
async function verify(
  accountId: string,
  more: { role?: AccountRoleKind; roleArn?: string } = {},
): Promise<RoleFindings[]> {
  await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(TaskQueue).enqueue(manager, { tenantId, task: verifyAccount, payload: { accountId, ...more } }),
  );
  await pipeline.settle();
  const rows = await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(AccountRoles).checksOf({ manager, tenantId }, [accountId]),
  );
  return rows.map(({ role_arn: roleArn, too_wide: tooWide, ...row }) => ({ ...row, roleArn, tooWide }));
}

/** The same look at the roles, without the way through the queue. */
async function look(accountId: string): Promise<RoleFindings[]> {
  const account = await pipeline.tenants.inTenant(tenantId, (manager) =>
    pipeline.get(AccountRoles).account(manager, tenantId, accountId),
  );
  const task = new RunningTask<object>({
    id: newId(),
    tenantId,
    kind: 'reverify-account',
    payload: {},
    attempt: 1,
    fence: 1,
    lane: null,
    signal: new AbortController().signal,
  });
  return pipeline.get(RoleVerifier).verify(task, account);
}

/** Whatever is needed and not there; an option that was not chosen is nothing that lacks. */
const lacking = (found: readonly RoleFindings[]) =>
  found.flatMap(({ permissions }) => permissions).filter(({ state }) => state !== 'present' && state !== 'not-granted');

const notPresent = (found: readonly RoleFindings[], kind: AccountRoleKind, state?: string): string[] =>
  found
    .filter((one) => one.kind === kind)
    .flatMap(({ permissions }) => permissions)
    .filter((one) => (state === undefined ? !['present', 'not-granted'].includes(one.state) : one.state === state))
    .map(({ action }) => action);

/** Does something while the role has another policy. */
async function withPolicy<T>(
  iam: IAMClient,
  role: RoleProperties,
  document: PolicyDocument,
  work: () => Promise<T>,
): Promise<T> {
  await put(iam, role, document);
  try {
    return await work();
  } finally {
    await put(iam, role, policyOf(role));
  }
}

const policyOf = (role: RoleProperties): PolicyDocument => {
  const [policy] = role.Policies;
  if (!policy) throw new Error(`${role.RoleName} has no policy.`);
  return structuredClone(policy.PolicyDocument);
};

/** The policy without one action; a statement that then allows nothing goes, too. */
function without(document: PolicyDocument, action: string): PolicyDocument {
  return {
    ...document,
    Statement: document.Statement.flatMap((statement) => {
      if (statement.Effect !== 'Allow') return [statement];
      const left = [statement.Action].flat().filter((one) => one !== action);
      return left.length === 0 ? [] : [{ ...statement, Action: left }];
    }),
  };
}

const allowed = (role: RoleProperties): string[] => [
  ...new Set(
    policyOf(role)
      .Statement.filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action),
  ),
];

describe('the roles of the generated template', () => {
  let account: Deployed;

  beforeAll(async () => {
    account = await deploy();
  });

  test('are enough: the account is verified and read, and AWS denies nothing but what verification tries on purpose', async () => {
    pipeline.simulator.control.resetCounters();
    const found = await verify(account.id);
    expect(found.map(({ kind, outcome }) => [kind, outcome])).toEqual([['scan', 'ok']]);
    expect(notPresent(found, 'scan')).toEqual([]);
    expect(found[0]?.tooWide).toEqual([]);
    expect(found[0]?.permissions.map(({ action }) => action)).toEqual(
      actionsOf([...roleNeeds.scan, ...optionalScanNeeds]),
    );
    expect(notPresent(found, 'scan', 'not-granted')).toEqual(actionsOf(optionalScanNeeds));
    const [row] = await pipeline.rows<{ status: string; last_scan_outcome: string }>(
      'SELECT status, last_scan_outcome FROM accounts WHERE id = $1',
      [account.id],
    );
    expect(row).toEqual({ status: 'owned', last_scan_outcome: 'complete' });
    const denied = pipeline.simulator.control.log().filter(({ errorCode }) => errorCode === 'AccessDenied');
    // Without an external id and with a wrong one: they have to be.
    expect(new Set(denied.map(({ action }) => action))).toEqual(new Set(['AssumeRole']));
    // Nothing but reading was sent to the account, and few of it.
    const sent = pipeline.simulator.control.log({ service: 'iam', accountId: account.awsAccountId });
    expect(sent.filter(({ action }) => action === 'SimulatePrincipalPolicy').length).toBeLessThanOrEqual(10);
  });

  test('can each be tried or simulated', () => {
    const reads = actionsOf(roleNeeds.scan).filter((action) => action !== SIMULATE);
    expect(Object.keys(trials).sort()).toEqual(reads);
  });

  test.each(actionsOf(roleNeeds.scan))(
    'without %s verification of the scan role names it, and nothing else',
    async (action) => {
      const document = without(policyOf(account.roles.scan), action);
      const found = await withPolicy(account.iam, account.roles.scan, document, () => look(account.id));
      expect(notPresent(found, 'scan', 'missing')).toEqual([action]);
      const unclear = notPresent(found, 'scan', 'not-known');
      // Whose last use it is cannot be asked without a key, nor simulated without that permission.
      expect(unclear).toEqual(action === SIMULATE ? ['iam:GetAccessKeyLastUsed'] : []);
      const missing = found.flatMap(({ permissions }) => permissions).find(({ state }) => state === 'missing');
      expect(missing?.why).toContain(action === SIMULATE ? 'mothball-scan' : action);
      expect(missing?.remedy).toMatch(new RegExp(`^Allow ${action} on .* or update the stack`));
    },
  );

  describe.each(['cleanup', 'restore'] as const)('%s', (kind) => {
    test('is proven with its external id and a source identity, and may do exactly what is needed', async () => {
      const found = await verify(account.id, { role: kind, roleArn: arnOf(account.awsAccountId, account.roles[kind]) });
      const own = found.find((row) => row.kind === kind);
      expect(own).toMatchObject({ outcome: 'ok', problem: null, tooWide: [] });
      expect(own?.permissions.map(({ action }) => action)).toEqual(actionsOf(roleNeeds[kind]));
      expect(notPresent(found, kind)).toEqual([]);
      expect(notPresent(found, 'scan')).toEqual([]);
    });

    test.each(actionsOf(roleNeeds[kind]))('without %s is told so, and nothing else', async (action) => {
      const role = account.roles[kind];
      expect(allowed(role)).toContain(action);
      const found = await withPolicy(account.iam, role, without(policyOf(role), action), () => look(account.id));
      expect(notPresent(found, kind)).toEqual([action]);
      expect(found.flatMap((row) => row.tooWide)).toEqual([]);
    });

    test('without the protection of AWS’s, the organization’s and Mothball’s roles is called too wide', async () => {
      const role = account.roles[kind];
      const document = policyOf(role);
      document.Statement = document.Statement.filter(({ Effect }) => Effect === 'Allow');
      const found = await withPolicy(account.iam, role, document, () => look(account.id));
      expect(notPresent(found, kind)).toEqual([]);
      const resources = new Set(
        found.flatMap((row) => row.tooWide).map(({ resource }) => resource.replace(/^.*:role/, '')),
      );
      expect([...resources]).toEqual(
        expect.arrayContaining(['/OrganizationAccountAccessRole', '/mothball-scan', `/mothball-${kind}`]),
      );
      expect([...resources].some((resource) => resource.startsWith('/aws-service-role/'))).toBe(true);
      expect([...resources].some((resource) => resource.startsWith('/aws-reserved/'))).toBe(true);
      expect((await look(account.id)).flatMap((row) => row.tooWide)).toEqual([]);
    });
  });

  test('a clean-up role that may use any boundary is called too wide, in words', async () => {
    const role = account.roles.cleanup;
    const document = policyOf(role);
    for (const statement of document.Statement) delete statement.Condition;
    const found = await withPolicy(account.iam, role, document, () => look(account.id));
    const [cleanup] = found.filter(({ kind }) => kind === 'cleanup');
    expect(cleanup?.tooWide.map(({ action }) => action).sort()).toEqual([
      'iam:DeleteRolePermissionsBoundary',
      'iam:DeleteUserPermissionsBoundary',
      'iam:PutRolePermissionsBoundary',
      'iam:PutUserPermissionsBoundary',
    ]);
    expect(cleanup?.tooWide[0]?.why).toContain('AWSDenyAll and no other');
    expect(cleanup?.tooWide[0]?.remedy).toContain('iam:PermissionsBoundary');
  });

  test.each([
    ['cleanup', 'iam:PutRolePolicy'],
    ['cleanup', 'iam:AttachUserPolicy'],
    ['cleanup', 'iam:CreateAccessKey'],
    ['cleanup', 'iam:SetDefaultPolicyVersion'],
    ['scan', 'iam:PutUserPolicy'],
    ['scan', 'iam:DeleteRole'],
    ['restore', 'iam:CreateLoginProfile'],
    ['restore', 'iam:DeleteUser'],
  ] as const)('a %s role that may also %s is called too wide', async (kind, action) => {
    const extra = {
      Version: '2012-10-17',
      Statement: [{ Sid: 'Extra', Effect: 'Allow', Action: action, Resource: '*' }],
    };
    await put(account.iam, account.roles[kind], extra, 'extra');
    const found = await look(account.id);
    const wide = found.filter((row) => row.kind === kind).flatMap((row) => row.tooWide);
    expect(new Set(wide.map((one) => one.action))).toEqual(new Set([action]));
    expect(lacking(found)).toEqual([]);
    await account.iam.send(
      new DeleteRolePolicyCommand({ RoleName: account.roles[kind].RoleName, PolicyName: 'extra' }),
    );
  });

  test('a role that restores may pass roles to EC2 only', async () => {
    const role = account.roles.restore;
    const document = policyOf(role);
    for (const statement of document.Statement)
      if ([statement.Action].flat().includes('iam:PassRole')) delete statement.Condition;
    const found = await withPolicy(account.iam, role, document, () => look(account.id));
    const wide = found.flatMap((row) => row.tooWide);
    expect(wide.map(({ action }) => action)).toEqual(['iam:PassRole']);
  });
});

describe('a role that changes things', () => {
  test('is refused where sessions cannot carry a source identity, and where anybody may assume it', async () => {
    const account = await deploy();
    await verify(account.id);
    const role = account.roles.cleanup;
    const roleArn = arnOf(account.awsAccountId, role);
    const trust = structuredClone(role.AssumeRolePolicyDocument) as PolicyDocument;
    const [assume] = trust.Statement;
    if (!assume) throw new Error('no statement');
    const setTrust = (Statement: object[]) =>
      account.iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: role.RoleName,
          PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
        }),
      );
    const cleanupRole = async () =>
      (
        await pipeline.rows<{ cleanup_role_arn: string | null }>(
          'SELECT cleanup_role_arn FROM accounts WHERE id = $1',
          [account.id],
        )
      )[0];

    await setTrust([assume]);
    let [, refused] = await verify(account.id, { role: 'cleanup', roleArn });
    expect(refused).toMatchObject({ kind: 'cleanup', outcome: 'source-identity-refused', permissions: [] });
    expect(refused?.remedy).toContain('sts:SetSourceIdentity');
    expect(await cleanupRole()).toEqual({ cleanup_role_arn: null });

    const { Condition: _, ...open } = assume;
    await setTrust([open, ...trust.Statement.slice(1)]);
    [, refused] = await verify(account.id, { role: 'cleanup', roleArn });
    expect(refused).toMatchObject({ outcome: 'assumable-without-external-id' });
    expect(await cleanupRole()).toEqual({ cleanup_role_arn: null });

    await setTrust(trust.Statement);
    const [, proven] = await verify(account.id, { role: 'cleanup', roleArn });
    expect(proven).toMatchObject({ outcome: 'ok', problem: null });
    expect(await cleanupRole()).toEqual({ cleanup_role_arn: roleArn });
  });

  test('is not known, rather than taken for good or bad, where the scan role may not ask about it', async () => {
    const account = await deploy();
    await verify(account.id);
    await verify(account.id, { role: 'cleanup', roleArn: arnOf(account.awsAccountId, account.roles.cleanup) });
    const document = policyOf(account.roles.scan);
    for (const statement of document.Statement) {
      if ([statement.Action].flat().includes(SIMULATE))
        statement.Resource = arnOf(account.awsAccountId, account.roles.scan);
    }
    await put(account.iam, account.roles.scan, document);
    const found = await look(account.id);
    expect(notPresent(found, 'scan')).toEqual([SIMULATE]);
    expect(notPresent(found, 'cleanup')).toEqual(actionsOf(roleNeeds.cleanup));
    expect(notPresent(found, 'cleanup', 'missing')).toEqual([]);
    expect(found[0]?.permissions.find(({ state }) => state === 'missing')?.remedy).toContain('mothball-cleanup');
  });
});

describe('other names, another path and a boundary', () => {
  test('make the same roles', async () => {
    const account = await deploy({
      RolePath: '/security/tools/',
      ScanRoleName: 'reader',
      CleanupRoleName: 'cleaner',
      RestoreRoleName: 'restorer',
      ReadCloudTrail: 'yes',
    });
    await verify(account.id);
    const found = await verify(account.id, {
      role: 'cleanup',
      roleArn: arnOf(account.awsAccountId, account.roles.cleanup),
    });
    expect(found.map(({ kind, outcome, tooWide }) => ({ kind, outcome, tooWide }))).toEqual([
      { kind: 'scan', outcome: 'ok', tooWide: [] },
      { kind: 'cleanup', outcome: 'ok', tooWide: [] },
    ]);
    expect(lacking(found)).toEqual([]);
    expect(notPresent(found, 'scan', 'not-granted')).toEqual([]);
  });

  test('a boundary that allows too little is named as the reason', async () => {
    const account = await deploy();
    await verify(account.id);
    pipeline.simulator.control.setBoundary(
      { accountId: account.awsAccountId, roleName: 'mothball-scan' },
      'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess',
    );
    const [scan] = await look(account.id);
    expect(scan?.permissions.find(({ action }) => action === 'iam:GetUser')).toMatchObject({
      state: 'missing',
      remedy: expect.stringContaining('Allow iam:GetUser in the permissions boundary') as string,
    });
    expect(notPresent(scan ? [scan] : [], 'scan')).not.toContain('iam:ListUsers');
  });
});
