import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeletePolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand,
  ListGroupsForUserCommand,
  ListPoliciesCommand,
  ListUserTagsCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  TagPolicyCommand,
  TagUserCommand,
  UntagUserCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { allow, aws, iamAs, makeCaller, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

describe('groups, managed policies and tags', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterAll(() => simulator.close());

  test('a group: members in and out, names without regard to case, deleted only when empty', async () => {
    await iam.send(new CreateGroupCommand({ GroupName: 'Crew', Path: '/teams/' }));
    await expect(iam.send(new CreateGroupCommand({ GroupName: 'crew' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
    });
    simulator.control.createUser(accountId, { name: 'sailor' });
    const membership = { GroupName: 'crew', UserName: 'sailor' };
    await iam.send(new AddUserToGroupCommand(membership));
    await iam.send(new AddUserToGroupCommand(membership));
    const { Users } = await iam.send(new GetGroupCommand({ GroupName: 'Crew' }));
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['sailor']);
    await iam.send(new AttachGroupPolicyCommand({ GroupName: 'Crew', PolicyArn: aws('SecurityAudit') }));
    const remove = () => iam.send(new DeleteGroupCommand({ GroupName: 'Crew' }));
    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must remove users from group first.',
    });
    await iam.send(new RemoveUserFromGroupCommand(membership));
    await expect(remove()).rejects.toMatchObject({ message: 'Cannot delete entity, must detach all policies first.' });
    await iam.send(new DetachGroupPolicyCommand({ GroupName: 'Crew', PolicyArn: aws('SecurityAudit') }));
    await remove();
    await expect(iam.send(new AddUserToGroupCommand(membership))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  test('ten groups a user', async () => {
    simulator.control.createUser(accountId, { name: 'joiner' });
    for (let index = 0; index < 11; index += 1) {
      await iam.send(new CreateGroupCommand({ GroupName: `club-${index}` }));
      const joined = iam.send(new AddUserToGroupCommand({ GroupName: `club-${index}`, UserName: 'joiner' }));
      if (index < 10) await joined;
      else await expect(joined).rejects.toMatchObject({ name: 'LimitExceededException' });
    }
    const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'joiner' }));
    expect(Groups).toHaveLength(10);
  });

  test('a managed policy: made, read, attached, asked about, and deleted only when nobody has it', async () => {
    const PolicyDocument = allow('s3:GetObject');
    const create = (PolicyName: string) =>
      iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument, Path: '/app/', Description: 'reads' }));
    const { Policy } = await create('reader');
    const PolicyArn = Policy?.Arn ?? '';
    expect(PolicyArn).toBe(`arn:aws:iam::${accountId}:policy/app/reader`);
    await expect(create('READER')).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(PolicyDocument);
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'team', Value: 'data' }] }));

    const role = simulator.control.createRole(accountId, { name: 'reading' });
    simulator.control.createUser(accountId, { name: 'bounded' });
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'reading', PolicyArn }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: PolicyArn }));
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 1,
      Description: 'reads',
      Tags: [{ Key: 'team', Value: 'data' }],
    });
    const holders = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(holders).toMatchObject({
      PolicyRoles: [{ RoleName: 'reading', RoleId: role.uniqueId }],
      PolicyUsers: [{ UserName: 'bounded' }],
      PolicyGroups: [],
    });
    const only = await iam.send(
      new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsPolicy', EntityFilter: 'User' }),
    );
    expect(only).toMatchObject({ PolicyRoles: [], PolicyUsers: [] });

    const remove = () => iam.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await iam.send(new DetachRolePolicyCommand({ RoleName: 'reading', PolicyArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    simulator.control.setBoundary({ accountId, userName: 'bounded' }, null);
    await remove();
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  test('AWS’s own policies can be read, and not deleted', async () => {
    const PolicyArn = aws('SecurityAudit');
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).resolves.toMatchObject({
      Policy: { PolicyName: 'SecurityAudit' },
    });
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
    expect(Policies.length).toBeGreaterThan(0);
    expect(Policies.every(({ Arn }) => Arn?.includes(accountId))).toBe(true);
  });

  test('tags: keys are the same without regard to case, and AWS’s own can be set by nobody', async () => {
    const create = (...keys: string[]) =>
      iam.send(new CreateUserCommand({ UserName: 'tagged', Tags: keys.map((Key) => ({ Key, Value: 'v' })) }));
    await expect(create('aws:cloudformation:stack-name')).rejects.toMatchObject({ name: 'InvalidInputException' });
    await expect(create('Team', 'team')).rejects.toMatchObject({ name: 'InvalidInputException' });
    await create('Team');
    await iam.send(new TagUserCommand({ UserName: 'tagged', Tags: [{ Key: 'team', Value: 'new' }] }));
    const tags = async () => (await iam.send(new ListUserTagsCommand({ UserName: 'tagged' }))).Tags;
    expect(await tags()).toEqual([{ Key: 'team', Value: 'new' }]);
    await iam.send(new UntagUserCommand({ UserName: 'tagged', TagKeys: ['TEAM'] }));
    expect(await tags()).toEqual([]);
  });
});
