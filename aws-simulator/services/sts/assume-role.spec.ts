import { CreateRoleCommand, GetUserCommand, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import {
  allow,
  assume,
  aws,
  codeOf,
  iamAs,
  makeCaller,
  policy,
  queryCall,
  startSmall,
  stsAs,
  trust,
} from '../../callers';
import type { SmallSimulator } from '../../callers';

const DENIED = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

describe('AssumeRole', () => {
  let simulator: SmallSimulator;
  let accountId: string;
  let RoleArn: string;
  let ExternalId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    simulator.control.deployRole({
      roleName: 'scan',
      path: '/mothball/',
      trustedPrincipalArn: simulator.credentials.userArn,
      externalIdPrefix: 'p7f3',
      managedPolicyArns: [aws('IAMReadOnlyAccess')],
      accounts: 'all',
    });
    RoleArn = `arn:aws:iam::${accountId}:role/mothball/scan`;
    ExternalId = `p7f3-${accountId}`;
  });
  afterAll(() => simulator.close());

  const asService = (input: Partial<Parameters<typeof assume>[2]> = {}) =>
    assume(simulator, simulator.credentials, { RoleArn, ExternalId, ...input });

  test('with its own external id the role is assumed, and its session is who it says', async () => {
    const session = await asService({ RoleSessionName: 'scan-1', SourceIdentity: 'sweep-9' });
    const identity = await stsAs(simulator, session).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/scan/scan-1`);
    await expect(iamAs(simulator, session).send(new ListUsersCommand({}))).resolves.toBeDefined();
    expect(simulator.control.log({ action: 'ListUsers' }).at(-1)).toMatchObject({
      sourceIdentity: 'sweep-9',
      accountId,
    });
  });

  test('confused deputy: without an external id, or with another account’s, it is refused', async () => {
    await expect(assume(simulator, simulator.credentials, { RoleArn })).rejects.toMatchObject(DENIED);
    await expect(asService({ ExternalId: `p7f3-${simulator.managementId}` })).rejects.toMatchObject(DENIED);
    await expect(asService({ ExternalId: 'p7f3' })).rejects.toMatchObject(DENIED);
  });

  test('a role that is missing, a wrong path and a foreign account sound the same as a refusal', async () => {
    const message = `User: ${simulator.credentials.userArn} is not authorized to perform: sts:AssumeRole on resource: `;
    for (const arn of [
      RoleArn.replace('scan', 'gone'),
      RoleArn.replace('/mothball', ''),
      'arn:aws:iam::123456789012:role/mothball/scan',
    ]) {
      await expect(asService({ RoleArn: arn })).rejects.toMatchObject({ ...DENIED, message: message + arn });
    }
  });

  test('roles of another partition cannot be assumed', async () => {
    await expect(asService({ RoleArn: RoleArn.replace('arn:aws:', 'arn:aws-cn:') })).rejects.toMatchObject(DENIED);
  });

  test('the caller’s own policies must allow it, too', async () => {
    simulator.control.deployRole({
      roleName: 'open',
      trustedPrincipalArn: `arn:aws:iam::${simulator.managementId}:root`,
      accounts: [accountId],
    });
    const target = { RoleArn: `arn:aws:iam::${accountId}:role/open` };
    const powerless = makeCaller(simulator, simulator.managementId, { inlinePolicies: { p: allow('iam:*') } });
    await expect(assume(simulator, powerless, target)).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining('because no identity-based policy allows the sts:AssumeRole action') as string,
    });
    const able = makeCaller(simulator, simulator.managementId, { inlinePolicies: { p: allow('sts:AssumeRole') } });
    await expect(assume(simulator, able, target)).resolves.toBeDefined();
  });

  test('a source identity needs sts:SetSourceIdentity on both sides', async () => {
    const Principal = { AWS: simulator.credentials.userArn };
    simulator.control.createRole(accountId, {
      name: 'anonymous',
      trustPolicy: policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }),
    });
    const anonymous = `arn:aws:iam::${accountId}:role/anonymous`;
    await expect(asService({ RoleArn: anonymous })).resolves.toBeDefined();
    await expect(asService({ RoleArn: anonymous, SourceIdentity: 'me' })).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining('sts:SetSourceIdentity') as string,
    });
    const caller = makeCaller(simulator, accountId, {
      name: 'no-source',
      inlinePolicies: { p: allow('sts:AssumeRole') },
    });
    const trustAll = policy({
      Effect: 'Allow',
      Principal: { AWS: accountId },
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
    });
    simulator.control.createRole(accountId, { name: 'same-account', trustPolicy: trustAll });
    const sameAccount = { RoleArn: `arn:aws:iam::${accountId}:role/same-account` };
    await expect(assume(simulator, caller, sameAccount)).resolves.toBeDefined();
    await expect(assume(simulator, caller, { ...sameAccount, SourceIdentity: 'me' })).rejects.toMatchObject(DENIED);
  });

  test('inside one account, a trust policy that names the user is enough; naming the account is not', async () => {
    const caller = makeCaller(simulator, accountId, { name: 'nobody', inlinePolicies: { p: allow('s3:*') } });
    simulator.control.createRole(accountId, {
      name: 'names-user',
      trustPolicy: trust(`arn:aws:iam::${accountId}:user/nobody`),
    });
    simulator.control.createRole(accountId, {
      name: 'names-account',
      trustPolicy: trust(`arn:aws:iam::${accountId}:root`),
    });
    await expect(
      assume(simulator, caller, { RoleArn: `arn:aws:iam::${accountId}:role/names-user` }),
    ).resolves.toBeDefined();
    await expect(
      assume(simulator, caller, { RoleArn: `arn:aws:iam::${accountId}:role/names-account` }),
    ).rejects.toMatchObject(DENIED);
  });

  test('a session policy only narrows, and is at most 2,048 characters', async () => {
    const session = await asService({
      Policy: policy({ Effect: 'Allow', Action: ['iam:ListUsers', 'iam:DeleteUser'], Resource: '*' }),
    });
    const iam = iamAs(simulator, session);
    await expect(iam.send(new ListUsersCommand({}))).resolves.toBeDefined();
    await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining('no session policy') as string,
    });
    const long = allow(...Array.from({ length: 200 }, (_, index) => `iam:Action${index}`));
    await expect(asService({ Policy: long })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('the packed limit is another one', async () => {
    simulator.control.setSwitches({ services: { packedPolicyLimitBytes: 60 } });
    await expect(asService({ Policy: allow('iam:ListUsers', 'iam:GetUser', 's3:PutObject') })).rejects.toMatchObject({
      name: 'PackedPolicyTooLargeException',
    });
    simulator.control.setSwitches({ services: { packedPolicyLimitBytes: 1_200 } });
  });

  test('duration is at least 900 s and at most what the role allows; one hour when chained', async () => {
    const long = `arn:aws:iam::${accountId}:role/long`;
    simulator.control.createRole(accountId, {
      name: 'long',
      maxSessionDuration: 7_200,
      inlinePolicies: { p: allow('sts:AssumeRole') },
      trustPolicy: policy({
        Effect: 'Allow',
        Principal: { AWS: [simulator.credentials.userArn, accountId] },
        Action: 'sts:AssumeRole',
      }),
    });
    await expect(asService({ DurationSeconds: 899 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(asService({ DurationSeconds: 3_601 })).rejects.toMatchObject({ name: 'ValidationError' });
    const first = await asService({ RoleArn: long, DurationSeconds: 7_200 });
    await expect(assume(simulator, first, { RoleArn: long, DurationSeconds: 3_601 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(assume(simulator, first, { RoleArn: long, DurationSeconds: 3_600 })).resolves.toBeDefined();
  });

  test('session names have 2 to 64 plain characters', async () => {
    for (const RoleSessionName of ['x', 'a b', 'x'.repeat(65)]) {
      await expect(asService({ RoleSessionName })).rejects.toMatchObject({ name: 'ValidationError' });
    }
  });

  test('an expired session is ExpiredToken; a stolen key without its token is nothing', async () => {
    const session = await asService();
    const iam = iamAs(simulator, session);
    await expect(iam.send(new ListUsersCommand({}))).resolves.toBeDefined();
    const { accessKeyId, secretAccessKey } = session;
    expect(codeOf(await queryCall(simulator, { accessKeyId, secretAccessKey }, 'ListUsers'))).toBe(
      'InvalidClientTokenId',
    );
    simulator.control.expireSessions(accountId);
    await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'ExpiredToken',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('an account that is not active refuses', async () => {
    simulator.control.setAccountState(accountId, 'SUSPENDED');
    await expect(asService()).rejects.toMatchObject(DENIED);
    simulator.control.setAccountState(accountId, 'ACTIVE');
    await expect(asService()).resolves.toBeDefined();
  });

  test('a boundary of AWSDenyAll stops open sessions, though the role can still be assumed', async () => {
    const session = await asService();
    simulator.control.setBoundary({ accountId, roleName: 'scan' }, aws('AWSDenyAll'));
    await expect(iamAs(simulator, session).send(new ListUsersCommand({}))).rejects.toMatchObject(DENIED);
    const later = await asService();
    await expect(iamAs(simulator, later).send(new ListUsersCommand({}))).rejects.toMatchObject(DENIED);
    simulator.control.setBoundary({ accountId, roleName: 'scan' }, null);
    await expect(iamAs(simulator, session).send(new ListUsersCommand({}))).resolves.toBeDefined();
  });

  test('a user created again under its name is not trusted any more, and sessions of a role created again are void', async () => {
    const admin = iamAs(simulator, makeCaller(simulator, accountId));
    const twice = makeCaller(simulator, accountId, { name: 'twice' });
    const { User } = await admin.send(new GetUserCommand({ UserName: 'twice' }));
    const trust = policy({ Effect: 'Allow', Principal: { AWS: User?.Arn }, Action: 'sts:AssumeRole' });
    await admin.send(new CreateRoleCommand({ RoleName: 'for-twice', AssumeRolePolicyDocument: trust }));
    const target = { RoleArn: `arn:aws:iam::${accountId}:role/for-twice` };
    const session = await assume(simulator, twice, target);
    simulator.control.deleteUser(accountId, 'twice');
    const again = makeCaller(simulator, accountId, { name: 'twice' });
    await expect(assume(simulator, again, target)).rejects.toMatchObject(DENIED);
    simulator.control.deleteRole(accountId, 'for-twice');
    simulator.control.createRole(accountId, { name: 'for-twice' });
    await expect(stsAs(simulator, session).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});
