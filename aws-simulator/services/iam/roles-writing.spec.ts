import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  GetRoleCommand,
  ListInstanceProfilesForRoleCommand,
  PutRolePermissionsBoundaryCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { aws, iamAs, makeCaller, policy, startSmall, trust } from '../../callers';
import type { SmallSimulator } from '../../callers';

describe('writing roles', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterAll(() => simulator.close());

  test('instance profiles: one role each, several for a role; deleted only when empty; a new one has a new id', async () => {
    simulator.control.createRole(accountId, { name: 'app', instanceProfiles: ['app-1'] });
    simulator.control.createRole(accountId, { name: 'rival' });
    const create = async () =>
      (await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'app-2', Path: '/web/' })))
        .InstanceProfile;
    const first = await create();
    const add = (RoleName: string, InstanceProfileName: string) =>
      iam.send(new AddRoleToInstanceProfileCommand({ RoleName, InstanceProfileName }));
    await add('app', 'app-2');
    await expect(add('rival', 'app-2')).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    });
    await expect(add('rival', 'none')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    const { InstanceProfiles } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'app' }));
    expect(InstanceProfiles?.map(({ Arn }) => Arn)).toEqual([
      `arn:aws:iam::${accountId}:instance-profile/app-1`,
      `arn:aws:iam::${accountId}:instance-profile/web/app-2`,
    ]);
    const remove = () => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'app-2' }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    const leave = () =>
      iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName: 'app', InstanceProfileName: 'app-2' }));
    await leave();
    await expect(leave()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await remove();
    expect((await create())?.InstanceProfileId).not.toBe(first?.InstanceProfileId);
  });

  test('putting a role into a profile needs PassRole on that role, for EC2', async () => {
    simulator.control.createRole(accountId, { name: 'passed', path: '/app/' });
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'for-passing' }));
    const add = (Condition: Record<string, unknown>) => {
      const caller = makeCaller(simulator, accountId, {
        inlinePolicies: {
          p: policy(
            { Effect: 'Allow', Action: 'iam:AddRoleToInstanceProfile', Resource: '*' },
            {
              Effect: 'Allow',
              Action: 'iam:PassRole',
              Resource: `arn:aws:iam::${accountId}:role/app/passed`,
              Condition,
            },
          ),
        },
      });
      return iamAs(simulator, caller).send(
        new AddRoleToInstanceProfileCommand({ RoleName: 'passed', InstanceProfileName: 'for-passing' }),
      );
    };
    await expect(add({ StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        `not authorized to perform: iam:PassRole on resource: arn:aws:iam::${accountId}:role/app/passed`,
      ) as string,
    });
    await expect(add({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } })).resolves.toBeDefined();
  });

  test.each(['/aws-service-role/spec.amazonaws.com/', '/aws-reserved/sso.amazonaws.com/'])(
    'a role under %s can be changed by nobody',
    async (path) => {
      const RoleName = `protected${path.length}`;
      simulator.control.createRole(accountId, { name: RoleName, path });
      const PermissionsBoundary = aws('AWSDenyAll');
      for (const refused of [
        iam.send(new DeleteRoleCommand({ RoleName })),
        iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })),
        iam.send(new UpdateRoleCommand({ RoleName, Description: 'mine' })),
        iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] })),
      ]) {
        await expect(refused).rejects.toMatchObject({ name: 'UnmodifiableEntityException' });
      }
    },
  );

  test('UpdateRole changes what it is given and leaves the rest', async () => {
    simulator.control.createRole(accountId, { name: 'updated', description: 'before', maxSessionDuration: 7_200 });
    await iam.send(new UpdateRoleCommand({ RoleName: 'updated', Description: 'after' }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'updated' }));
    expect(Role).toMatchObject({ Description: 'after', MaxSessionDuration: 7_200 });
  });

  test('a trust policy with the id of somebody deleted can be read, but never be saved again', async () => {
    const User = simulator.control.createUser(accountId, { name: 'leaver' });
    const arn = `arn:aws:iam::${accountId}:user/leaver`;
    simulator.control.createRole(accountId, { name: 'by-hand', trustPolicy: trust(arn) });
    simulator.control.deleteUser(accountId, 'leaver');
    simulator.control.createUser(accountId, { name: 'leaver' });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'by-hand' }));
    const saved = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
    expect(saved).toBe(trust(User.uniqueId));
    const invalid = {
      name: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"${User.uniqueId}"`,
    };
    await expect(
      iam.send(new CreateRoleCommand({ RoleName: 'copy', AssumeRolePolicyDocument: saved })),
    ).rejects.toMatchObject(invalid);
    await expect(
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'by-hand', PolicyDocument: saved })),
    ).rejects.toMatchObject(invalid);
    // Naming the one who has the name now mends it.
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'by-hand', PolicyDocument: trust(arn) }));
    const mended = await iam.send(new GetRoleCommand({ RoleName: 'by-hand' }));
    expect(decodeURIComponent(mended.Role?.AssumeRolePolicyDocument ?? '')).toBe(trust(arn));
  });

  test.each(['user', 'role'] as const)('trust by name in a %s ends with its deletion by IAM', async (kind) => {
    const name = `named-${kind}`;
    const create = () =>
      kind === 'user'
        ? simulator.control.createUser(accountId, { name })
        : simulator.control.createRole(accountId, { name });
    const { uniqueId } = create();
    // Past the control API, as generated and deployed roles are made: nothing is bound yet.
    simulator.world.createRole(accountId, {
      name: `by-name-${kind}`,
      trustPolicy: trust(`arn:aws:iam::${accountId}:${kind}/${name}`),
    });
    if (kind === 'user') await iam.send(new DeleteUserCommand({ UserName: name }));
    else await iam.send(new DeleteRoleCommand({ RoleName: name }));
    create();
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: `by-name-${kind}` }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust(uniqueId));
  });

  test('a role created again is not trusted by those that trusted the old one', async () => {
    const create = () =>
      iam.send(new CreateRoleCommand({ RoleName: 'phoenix', AssumeRolePolicyDocument: trust(accountId) }));
    const { Role: first } = await create();
    await iam.send(new CreateRoleCommand({ RoleName: 'truster', AssumeRolePolicyDocument: trust(first?.Arn ?? '') }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'phoenix' }));
    const { Role: second } = await create();
    expect(second?.Arn).toBe(first?.Arn);
    expect(second?.RoleId).not.toBe(first?.RoleId);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'truster' }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust(first?.RoleId ?? ''));
  });
});
