import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  GetUserCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagUserCommand,
  UpdateLoginProfileCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { assume, aws, iamAs, makeCaller, startSmall } from '../callers';
import type { SmallSimulator } from '../callers';

describe('writes: what was changed, and what goes wrong', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;
  let made = 0;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  beforeEach(() => simulator.control.resetCounters());
  afterEach(() => {
    simulator.control.clearFaults();
    simulator.control.setSwitches({ services: { temporarilyUnmodifiableMs: 0, concurrentModificationMs: 0 } });
  });
  afterAll(() => simulator.close());

  const newUser = (more: Partial<Parameters<typeof simulator.control.createUser>[1]> = {}) =>
    simulator.control.createUser(accountId, { name: `subject-${++made}`, keys: [{}], password: {}, ...more });
  const tag = (UserName: string) => iam.send(new TagUserCommand({ UserName, Tags: [{ Key: 'a', Value: 'b' }] }));

  test('each write is kept with the unique ids of whom and what it was about', async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'logged' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'logged' }));
    const AccessKeyId = AccessKey?.AccessKeyId;
    await iam.send(new AddUserToGroupCommand({ UserName: 'logged', GroupName: 'ci' })); // a group's member
    await iam.send(new GetUserCommand({ UserName: 'logged' }));
    await expect(iam.send(new DeleteUserCommand({ UserName: 'logged' }))).rejects.toBeDefined();
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'logged', AccessKeyId }));
    const role = simulator.control.createRole(accountId, { name: 'logged-role', instanceProfiles: ['logged-web'] });
    await iam.send(
      new RemoveRoleFromInstanceProfileCommand({ RoleName: 'logged-role', InstanceProfileName: 'logged-web' }),
    );
    const written = simulator.control.writes({ accountId }).map(({ action, identityIds, objectIds }) => {
      return [action, identityIds, objectIds];
    });
    const userIds = [User?.UserId];
    expect(written).toEqual([
      ['CreateUser', userIds, []],
      ['CreateAccessKey', userIds, [AccessKeyId]],
      ['AddUserToGroup', userIds, [`arn:aws:iam::${accountId}:group/ci`]],
      ['DeleteAccessKey', userIds, [AccessKeyId]],
      ['RemoveRoleFromInstanceProfile', [role.uniqueId], [`arn:aws:iam::${accountId}:instance-profile/logged-web`]],
    ]);
    const [deletion] = simulator.control.log({ action: 'DeleteUser' });
    expect(deletion).toMatchObject({ applied: false, identityIds: [], errorCode: 'DeleteConflict' });
    expect(simulator.control.log({ action: 'CreateUser' })[0]).toMatchObject({ applied: true, identityIds: userIds });
  });

  test('writes can be asked for by who made them: a role’s sessions, with their source identity', async () => {
    const user = newUser();
    simulator.control.deployRole({
      roleName: 'writer',
      trustedPrincipalArn: simulator.credentials.userArn,
      managedPolicyArns: [aws('IAMFullAccess')],
      accounts: [accountId],
    });
    const session = await assume(simulator, simulator.credentials, {
      RoleArn: `arn:aws:iam::${accountId}:role/writer`,
      SourceIdentity: 'execution-1',
    });
    await tag(user.name);
    await iamAs(simulator, session).send(new DeleteLoginProfileCommand({ UserName: user.name }));
    expect(simulator.control.writes({ by: 'writer' })).toMatchObject([
      { action: 'DeleteLoginProfile', identityIds: [user.uniqueId], sourceIdentity: 'execution-1' },
    ]);
    expect(simulator.control.writes({ identityId: user.uniqueId })).toHaveLength(2);
  });

  test.each([
    ['effect-then-lost-response', true, 0],
    ['error-after-effect', true, 500],
    ['error-before-effect', false, 500],
    ['reset', false, 0],
  ] as const)('%s: applied is %s', async (kind, applied, status) => {
    const user = newUser();
    simulator.control.addFault({ action: 'TagUser', kind });
    await expect(tag(user.name)).rejects.toBeDefined();
    expect(user.tags.has('a')).toBe(applied);
    expect(simulator.control.log({ action: 'TagUser' })).toMatchObject([{ applied, status }]);
    expect(simulator.control.writes()).toHaveLength(applied ? 1 : 0);
  });

  test.each([
    ['Throttling', 400],
    ['ConcurrentModification', 409],
    ['EntityTemporarilyUnmodifiable', 409],
    ['LimitExceeded', 409],
    ['AccessDenied', 403],
    ['ServiceUnavailable', 503],
  ])('a fault with the code %s has AWS’s status %d', async (code, httpStatusCode) => {
    const user = newUser();
    simulator.control.addFault({ kind: 'error-before-effect', code, writes: true });
    await expect(tag(user.name)).rejects.toMatchObject({ $metadata: { httpStatusCode } });
    expect(simulator.control.log({ action: 'TagUser' })).toMatchObject([
      { errorCode: code, throttled: code === 'Throttling' },
    ]);
  });

  test('a fault can pass over requests, hit writes only, and hit one caller only', async () => {
    const user = newUser();
    const { name: callerName, ...credentials } = makeCaller(simulator, accountId);
    const other = iamAs(simulator, credentials);
    simulator.control.addFault({
      kind: 'error-before-effect',
      writes: true,
      by: `arn:aws:iam::${accountId}:user/${callerName}`,
      skip: 1,
      times: 1,
    });
    const tagAsOther = () => other.send(new TagUserCommand({ UserName: user.name, Tags: [{ Key: 'a', Value: 'b' }] }));
    await tag(user.name);
    await tag(user.name);
    await other.send(new GetUserCommand({ UserName: user.name }));
    await tagAsOther();
    await other.send(new GetUserCommand({ UserName: user.name }));
    await expect(tagAsOther()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await expect(tagAsOther()).resolves.toBeDefined();
  });

  test('soon after a write an entity can be temporarily unmodifiable, for the operations that say so', async () => {
    const user = newUser({ mfa: true });
    const UserName = user.name;
    simulator.control.setSwitches({ services: { temporarilyUnmodifiableMs: 200 } });
    await tag(UserName);
    const temporarily = { name: 'EntityTemporarilyUnmodifiableException', $metadata: { httpStatusCode: 409 } };
    await expect(iam.send(new DeleteLoginProfileCommand({ UserName }))).rejects.toMatchObject(temporarily);
    await expect(
      iam.send(new UpdateLoginProfileCommand({ UserName, PasswordResetRequired: true })),
    ).rejects.toMatchObject(temporarily);
    const [SerialNumber] = user.mfaDevices;
    await expect(iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }))).rejects.toMatchObject(
      temporarily,
    );
    await expect(tag(UserName)).resolves.toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 250));
    await expect(iam.send(new DeleteLoginProfileCommand({ UserName }))).resolves.toBeDefined();
  });

  test('soon after a write another can be a concurrent modification; nothing is changed by it', async () => {
    const user = newUser();
    simulator.control.setSwitches({ services: { concurrentModificationMs: 200 } });
    await tag(user.name);
    await expect(
      iam.send(new TagUserCommand({ UserName: user.name, Tags: [{ Key: 'c', Value: 'd' }] })),
    ).rejects.toMatchObject({ name: 'ConcurrentModificationException', $metadata: { httpStatusCode: 409 } });
    expect(user.tags.has('c')).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await expect(tag(user.name)).resolves.toBeDefined();
  });
});
