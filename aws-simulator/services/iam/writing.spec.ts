import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
  UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { allow, aws, iamAs, makeCaller, policy, startSmall, trust } from '../../callers';
import type { SmallSimulator } from '../../callers';
import { DAY_MS } from '../../world/time-line';

describe('changing IAM', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterAll(() => simulator.close());

  test('an identity created again under its name has another unique id', async () => {
    const create = async () => (await iam.send(new CreateUserCommand({ UserName: 'phoenix' }))).User?.UserId;
    const first = await create();
    await expect(create()).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(iam.send(new CreateUserCommand({ UserName: 'PHOENIX' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
    });
    await iam.send(new DeleteUserCommand({ UserName: 'phoenix' }));
    await expect(iam.send(new GetUserCommand({ UserName: 'phoenix' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    });
    const second = await create();
    expect(first).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(second).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(second).not.toBe(first);
  });

  test('a user goes only when everything attached is gone; a boundary does not stand in the way', async () => {
    const UserName = 'attached';
    await iam.send(new CreateUserCommand({ UserName, PermissionsBoundary: aws('AWSDenyAll') }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: aws('SecurityAudit') }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const remove = () => iam.send(new DeleteUserCommand({ UserName }));
    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      $metadata: { httpStatusCode: 409 },
    });
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKey?.AccessKeyId }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: aws('SecurityAudit') }));
    await expect(remove()).resolves.toBeDefined();
  });

  test.each(['ssh', 'certificate', 'service-specific'] as const)(
    'a %s credential stands in the way, too',
    async (kind) => {
      simulator.control.createUser(accountId, { name: kind, credentials: [{ kind, active: false }] });
      await expect(iam.send(new DeleteUserCommand({ UserName: kind }))).rejects.toMatchObject({
        name: 'DeleteConflictException',
      });
    },
  );

  test('whether authorization is decided before the conflict is a switch', async () => {
    simulator.control.createUser(accountId, { name: 'armed', keys: [{}] });
    const powerless = iamAs(
      simulator,
      makeCaller(simulator, accountId, { inlinePolicies: { p: allow('iam:GetUser') } }),
    );
    const remove = () => powerless.send(new DeleteUserCommand({ UserName: 'armed' }));
    await expect(remove()).rejects.toMatchObject({ name: 'AccessDenied' });
    simulator.control.setSwitches({ services: { authorizationBeforeConflict: false } });
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    simulator.control.setSwitches({ services: { authorizationBeforeConflict: true } });
  });

  test('a role in an instance profile stays; a service-linked one cannot be touched', async () => {
    simulator.control.createRole(accountId, { name: 'profiled', instanceProfiles: ['web'] });
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'profiled' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
    simulator.control.createRole(accountId, {
      name: 'AWSServiceRoleForSpec',
      path: '/aws-service-role/spec.amazonaws.com/',
    });
    const linked = { RoleName: 'AWSServiceRoleForSpec' };
    await expect(iam.send(new DeleteRoleCommand(linked))).rejects.toMatchObject({
      name: 'UnmodifiableEntityException',
    });
    await expect(
      iam.send(new PutRolePolicyCommand({ ...linked, PolicyName: 'p', PolicyDocument: allow('s3:*') })),
    ).rejects.toMatchObject({ name: 'UnmodifiableEntityException' });
  });

  test('two access keys at most; an inactive one can be made active again', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'two-keys' }));
    const create = async () => (await iam.send(new CreateAccessKeyCommand({ UserName: 'two-keys' }))).AccessKey;
    const [first] = [await create(), await create()];
    await expect(create()).rejects.toMatchObject({
      name: 'LimitExceededException',
      $metadata: { httpStatusCode: 409 },
    });
    expect(first?.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    const set = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateAccessKeyCommand({ UserName: 'two-keys', AccessKeyId: first?.AccessKeyId, Status }));
    const status = () => simulator.world.findAccessKey(first?.AccessKeyId ?? '')?.key.active;
    await set('Inactive');
    expect(status()).toBe(false);
    await set('Active');
    expect(status()).toBe(true);
  });

  test('PasswordLastUsed survives the deletion of the password, and a new password carries it', async () => {
    const now = Math.floor(simulator.world.now() / 1000) * 1000;
    simulator.control.createUser(accountId, {
      name: 'signs',
      createdAt: now - 300 * DAY_MS,
      password: {},
      passwordLastUsedAt: now - 200 * DAY_MS,
    });
    const lastUsed = async () => (await iam.send(new GetUserCommand({ UserName: 'signs' }))).User?.PasswordLastUsed;
    const before = await lastUsed();
    await iam.send(new DeleteLoginProfileCommand({ UserName: 'signs' }));
    expect(await lastUsed()).toEqual(before);
    await iam.send(new CreateLoginProfileCommand({ UserName: 'signs', Password: 'Correct-horse-1' }));
    expect(await lastUsed()).toEqual(before);
    expect(before).toBeInstanceOf(Date);
    expect(JSON.stringify(simulator.control.log({ action: 'CreateLoginProfile' }))).not.toContain('Correct-horse-1');
  });

  test('policy documents are checked, and come back percent-encoded', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'documented', AssumeRolePolicyDocument: trust(accountId) }));
    const put = (PolicyDocument: string) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'documented', PolicyName: 'p', PolicyDocument }));
    await expect(put('{')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    await expect(put(policy({ Effect: 'Perhaps', Action: '*', Resource: '*' }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    const document = allow('s3:Get*');
    await put(document);
    const { PolicyDocument = '' } = await iam.send(
      new GetRolePolicyCommand({ RoleName: 'documented', PolicyName: 'p' }),
    );
    expect(PolicyDocument).toMatch(/^%7B%22Version%22/);
    expect(decodeURIComponent(PolicyDocument)).toBe(document);
  });

  test('a trust policy must name principals that exist, and shows those deleted since by unique id', async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'trusted' }));
    const create = (RoleName: string) =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(User?.Arn ?? '') }));
    await create('trusting');
    await iam.send(new DeleteUserCommand({ UserName: 'trusted' }));
    await expect(create('too-late')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'trusting' }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust(User?.UserId ?? ''));
  });

  test('tags and SSH keys have their limits', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'limited' }));
    const tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
    await iam.send(new TagUserCommand({ UserName: 'limited', Tags: tags }));
    await expect(
      iam.send(new TagUserCommand({ UserName: 'limited', Tags: [{ Key: 'more', Value: 'v' }] })),
    ).rejects.toMatchObject({ name: 'LimitExceededException' });
    const upload = (body: string) =>
      iam.send(new UploadSSHPublicKeyCommand({ UserName: 'limited', SSHPublicKeyBody: `ssh-rsa ${body}` }));
    for (let count = 0; count < 5; count += 1) await upload(`AAAA${count}`);
    await expect(upload('AAAA5')).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  test('with eventual consistency, reads see a write only after its delay', async () => {
    simulator.control.setSwitches({ services: { eventualConsistencyMs: 300 } });
    await iam.send(new CreateUserCommand({ UserName: 'eventually' }));
    simulator.control.setSwitches({ services: { eventualConsistencyMs: 0 } });
    const names = async () => (await iam.send(new ListUsersCommand({}))).Users?.map(({ UserName }) => UserName);
    expect(await names()).not.toContain('eventually');
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await names()).toContain('eventually');
  });
});
