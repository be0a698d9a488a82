import {
  GenerateCredentialReportCommand,
  GetAccessKeyLastUsedCommand,
  GetCredentialReportCommand,
  GetRoleCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListRolesCommand,
  ListServiceSpecificCredentialsCommand,
  ListUsersCommand,
  paginateGetAccountAuthorizationDetails,
  paginateListUsers,
} from '@aws-sdk/client-iam';
import type { IAMClient, RoleDetail, UserDetail } from '@aws-sdk/client-iam';
import { iamAs, makeCaller, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';
import { DAY_MS } from '../../world/time-line';

describe('what IAM tells', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall({ usersPerAccount: 130, rolesPerAccount: 120 });
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId, { name: 'zz-admin' }));
  });
  afterAll(() => simulator.close());
  afterEach(() => simulator.control.setSwitches({ services: { iamPageLimit: 0 } }));

  const daysAgo = (days: number): number => Math.floor(simulator.world.now() / 1000) * 1000 - days * DAY_MS;

  async function details(pageSize?: number): Promise<{ users: UserDetail[]; roles: RoleDetail[]; sizes: number[] }> {
    const found = { users: [] as UserDetail[], roles: [] as RoleDetail[], sizes: [] as number[] };
    const pages = paginateGetAccountAuthorizationDetails(
      { client: iam, ...(pageSize === undefined ? {} : { pageSize }) },
      { Filter: ['User', 'Role'] },
    );
    for await (const page of pages) {
      found.users.push(...(page.UserDetailList ?? []));
      found.roles.push(...(page.RoleDetailList ?? []));
      found.sizes.push((page.UserDetailList?.length ?? 0) + (page.RoleDetailList?.length ?? 0));
    }
    return found;
  }

  test('pages hold 100 unless asked, at most 1000, and together everything exactly once', async () => {
    const byDefault = await details();
    expect(byDefault.sizes).toEqual([100, 100, 51]);
    expect(new Set(byDefault.users.map(({ UserId }) => UserId)).size).toBe(131);
    expect(new Set(byDefault.roles.map(({ RoleId }) => RoleId)).size).toBe(120);
    expect((await details(1_000)).sizes).toEqual([251]);
  });

  test('a page may hold fewer than asked and still be followed by more', async () => {
    simulator.control.setSwitches({ services: { iamPageLimit: 7 } });
    const { users, roles, sizes } = await details(1_000);
    expect(Math.max(...sizes)).toBe(7);
    expect([users.length, roles.length]).toEqual([131, 120]);
  });

  test('a page after a deletion neither repeats nor skips', async () => {
    simulator.control.createUser(accountId, { name: 'aaa-first' });
    const names: string[] = [];
    for await (const page of paginateListUsers({ client: iam, pageSize: 50 }, {})) {
      names.push(...(page.Users ?? []).flatMap(({ UserName }) => UserName ?? []));
      if (names.length === 50) simulator.control.deleteUser(accountId, 'aaa-first');
    }
    expect(names).toHaveLength(132);
    expect(new Set(names).size).toBe(132);
  });

  test('ListRoles omits RoleLastUsed; GetRole and authorization details have it', async () => {
    const at = daysAgo(3);
    simulator.control.createRole(accountId, { name: 'used', lastUse: { at, region: 'eu-west-1', service: 's3' } });
    const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1_000 }));
    expect(Roles.some(({ RoleLastUsed }) => RoleLastUsed !== undefined)).toBe(false);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'used' }));
    const expected = { LastUsedDate: simulator.world.shown(at), Region: 'eu-west-1' };
    expect(Role?.RoleLastUsed).toEqual(expected);
    expect((await details(1_000)).roles.find(({ RoleName }) => RoleName === 'used')?.RoleLastUsed).toEqual(expected);
    simulator.control.deleteRole(accountId, 'used');
  });

  test('RoleLastUsed is empty after 400 days', async () => {
    simulator.control.createRole(accountId, {
      name: 'old',
      createdAt: daysAgo(900),
      lastUse: { at: daysAgo(401), region: 'us-east-1', service: 's3' },
    });
    simulator.control.createRole(accountId, {
      name: 'seen',
      createdAt: daysAgo(900),
      lastUse: { at: daysAgo(399), region: 'us-east-1', service: 's3' },
    });
    expect((await iam.send(new GetRoleCommand({ RoleName: 'old' }))).Role?.RoleLastUsed).toEqual({});
    expect((await iam.send(new GetRoleCommand({ RoleName: 'seen' }))).Role?.RoleLastUsed?.LastUsedDate).toBeDefined();
  });

  test('ListUsers has PasswordLastUsed but no tags; GetUser has both; authorization details lack it', async () => {
    simulator.control.createUser(accountId, {
      name: 'signs-in',
      tags: { team: 'data' },
      password: {},
      passwordLastUsedAt: daysAgo(2),
      createdAt: daysAgo(50),
    });
    const { Users = [] } = await iam.send(new ListUsersCommand({ MaxItems: 1_000 }));
    const listed = Users.find(({ UserName }) => UserName === 'signs-in');
    expect(listed?.PasswordLastUsed).toBeInstanceOf(Date);
    expect(listed?.Tags).toBeUndefined();
    const { User } = await iam.send(new GetUserCommand({ UserName: 'signs-in' }));
    expect(User).toMatchObject({ Tags: [{ Key: 'team', Value: 'data' }], PasswordLastUsed: listed?.PasswordLastUsed });
    const detail = (await details(1_000)).users.find(({ UserName }) => UserName === 'signs-in');
    expect(detail).toMatchObject({ Tags: [{ Key: 'team', Value: 'data' }] });
    expect(detail).not.toHaveProperty('PasswordLastUsed');
  });

  test('a key never used has no date and N/A; a used one shows region and service; a foreign one is refused', async () => {
    const lastUse = { at: daysAgo(10), region: 'eu-west-1', service: 'ec2' };
    const user = simulator.control.createUser(accountId, {
      name: 'keyed',
      createdAt: daysAgo(20),
      keys: [{}, { lastUse }],
    });
    const [never, used] = user.accessKeys.map(({ accessKeyId }) => accessKeyId);
    const lastUsed = async (AccessKeyId: string | undefined) =>
      (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;
    expect(await lastUsed(never)).toEqual({ ServiceName: 'N/A', Region: 'N/A' });
    expect(await lastUsed(used)).toMatchObject({
      ServiceName: 'ec2',
      Region: 'eu-west-1',
      LastUsedDate: expect.any(Date) as Date,
    });
    await expect(lastUsed(simulator.credentials.accessKeyId)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: 'keyed' }));
    expect(AccessKeyMetadata.map(({ AccessKeyId }) => AccessKeyId).sort()).toEqual([never, used].sort());
  });

  test('the credential report: not present, started, in progress, complete, kept for four hours, then expired', async () => {
    const other = iamAs(simulator, makeCaller(simulator, simulator.managementId));
    const get = () => other.send(new GetCredentialReportCommand({}));
    const generate = async () => (await other.send(new GenerateCredentialReportCommand({}))).State;
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportNotPresentException',
      $metadata: { httpStatusCode: 410 },
    });
    expect(await generate()).toBe('STARTED');
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportNotReadyException',
      $metadata: { httpStatusCode: 404 },
    });
    const first = await get();
    expect(Buffer.from(first.Content ?? []).toString()).toMatch(/^user,arn,user_creation_time,.*\n<root_account>,/);
    simulator.control.travel(3 * 3_600_000);
    expect(await generate()).toBe('COMPLETE');
    simulator.control.travel(3_600_000);
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportExpiredException',
      $metadata: { httpStatusCode: 410 },
    });
    expect(await generate()).toBe('STARTED');
  });

  test('ListServiceSpecificCredentials: one user, or all users of the account', async () => {
    for (const name of ['git-one', 'git-two']) {
      simulator.control.createUser(accountId, { name, credentials: [{ kind: 'service-specific', active: true }] });
    }
    const list = async (input: { UserName?: string; AllUsers?: boolean; ServiceName?: string }) =>
      (await iam.send(new ListServiceSpecificCredentialsCommand(input))).ServiceSpecificCredentials?.map(
        ({ UserName }) => UserName,
      );
    expect(await list({ UserName: 'git-one' })).toEqual(['git-one']);
    expect(await list({ AllUsers: true })).toEqual(expect.arrayContaining(['git-one', 'git-two']));
    expect(await list({ UserName: 'git-one', ServiceName: 'cassandra.amazonaws.com' })).toEqual([]);
  });

  test('travelling ages dates and lets keys and roles move on', async () => {
    simulator.control.createUser(accountId, { name: 'traveller' });
    const created = async () =>
      (await iam.send(new GetUserCommand({ UserName: 'traveller' }))).User?.CreateDate?.getTime() ?? 0;
    const before = await created();
    simulator.control.travel(90 * DAY_MS);
    expect(before - (await created())).toBe(90 * DAY_MS);
  });
});
