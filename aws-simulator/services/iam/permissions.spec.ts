import { allow, aws, codeOf, iamAs, makeCaller, policy, queryCall, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';
import { GetUserCommand, ListUsersCommand, PutUserPermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { actions } from '../../authorization/actions';
import { iamOperations } from './operations';

const TRUST = policy({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });

describe('who may do what in IAM', () => {
  let simulator: SmallSimulator;

  beforeAll(async () => {
    simulator = await startSmall();
    simulator.control.createUser(simulator.memberId, { name: 'target', keys: [{}] });
    simulator.control.createRole(simulator.memberId, { name: 'target' });
  });
  afterAll(() => simulator.close());

  test('the table of actions and the operations are the same set', () => {
    const listed = Object.keys(actions).filter((name) => name.startsWith('iam:'));
    expect([...iamOperations.keys()].map((name) => `iam:${name}`).sort()).toEqual(listed.sort());
  });

  test.each(Object.keys(actions).filter((name) => name.startsWith('iam:')))(
    '%s needs its permission, and needs no other',
    async (permission) => {
      const action = permission.slice(4);
      const parameters = {
        UserName: action.startsWith('Create') ? `new-${action}` : 'target',
        RoleName: action.startsWith('Create') ? `new-${action}` : 'target',
        AssumeRolePolicyDocument: TRUST,
        AccessKeyId:
          simulator.world.account(simulator.memberId)?.users.get('target')?.accessKeys[0]?.accessKeyId ??
          'AKIA0000000000000000',
        Arn: `arn:aws:iam::${simulator.memberId}:user/target`,
        PolicySourceArn: `arn:aws:iam::${simulator.memberId}:user/target`,
        PermissionsBoundary: aws('AWSDenyAll'),
        PolicyArn: aws('SecurityAudit'),
        GroupName: 'target',
        InstanceProfileName: action.startsWith('Create') ? `new-${action}` : 'target',
        VirtualMFADeviceName: 'target',
        ...(action === 'CreateVirtualMFADevice'
          ? {}
          : { SerialNumber: `arn:aws:iam::${simulator.memberId}:mfa/target` }),
      };
      const alsoNeeded = action === 'AddRoleToInstanceProfile' ? ['iam:PassRole'] : [];
      const others = Object.keys(actions).filter((name) => name !== permission);
      const without = makeCaller(simulator, simulator.memberId, { inlinePolicies: { p: allow(...others) } });
      const refused = await queryCall(simulator, without, action, parameters);
      expect([refused.status, codeOf(refused)]).toEqual([403, 'AccessDenied']);
      expect(refused.text).toContain(`because no identity-based policy allows the ${permission} action`);

      const withIt = makeCaller(simulator, simulator.memberId, {
        inlinePolicies: { p: allow(permission, ...alsoNeeded) },
      });
      expect(codeOf(await queryCall(simulator, withIt, action, parameters))).not.toBe('AccessDenied');
      // The action itself may have deleted what the next one is tried on.
      const account = simulator.world.account(simulator.memberId);
      if (!account?.users.has('target'))
        simulator.control.createUser(simulator.memberId, { name: 'target', keys: [{}] });
      if (!account?.roles.has('target')) simulator.control.createRole(simulator.memberId, { name: 'target' });
    },
  );

  test('the AWS managed boundary AWSDenyAll stops an administrator, key and all', async () => {
    const stopped = makeCaller(simulator, simulator.memberId);
    const client = iamAs(simulator, stopped);
    await expect(client.send(new ListUsersCommand({}))).resolves.toBeDefined();
    simulator.control.setBoundary({ accountId: simulator.memberId, userName: stopped.name }, aws('AWSDenyAll'));
    await expect(client.send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a permissions boundary') as string,
    });
    simulator.control.setBoundary({ accountId: simulator.memberId, userName: stopped.name }, null);
    await expect(client.send(new ListUsersCommand({}))).resolves.toBeDefined();
  });

  test('a condition on iam:PermissionsBoundary allows that boundary and no other', async () => {
    const cleaner = makeCaller(simulator, simulator.memberId, {
      inlinePolicies: {
        quarantine: policy({
          Effect: 'Allow',
          Action: 'iam:PutUserPermissionsBoundary',
          Resource: '*',
          Condition: { StringEquals: { 'iam:PermissionsBoundary': aws('AWSDenyAll') } },
        }),
      },
    });
    const put = (arn: string) =>
      iamAs(simulator, cleaner).send(
        new PutUserPermissionsBoundaryCommand({ UserName: 'target', PermissionsBoundary: arn }),
      );
    await expect(put(aws('AdministratorAccess'))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put(aws('AWSDenyAll'))).resolves.toBeDefined();
  });

  test('resources are matched with their path, and by tag', async () => {
    simulator.control.createUser(simulator.memberId, { name: 'bot', path: '/service/', tags: { team: 'data' } });
    simulator.control.createUser(simulator.memberId, { name: 'ann', path: '/people/' });
    const get = async (inline: Record<string, unknown>, UserName: string): Promise<boolean> => {
      const caller = makeCaller(simulator, simulator.memberId, {
        inlinePolicies: { p: policy({ Effect: 'Allow', Action: 'iam:GetUser', ...inline }) },
      });
      return iamAs(simulator, caller)
        .send(new GetUserCommand({ UserName }))
        .then(
          () => true,
          () => false,
        );
    };
    const byPath = { Resource: 'arn:aws:iam::*:user/service/*' };
    expect([await get(byPath, 'bot'), await get(byPath, 'ann')]).toEqual([true, false]);
    const byTag = { Resource: '*', Condition: { StringEquals: { 'aws:ResourceTag/team': 'data' } } };
    expect([await get(byTag, 'bot'), await get(byTag, 'ann')]).toEqual([true, false]);
  });

  test('a service control policy binds administrators of a member account, not of the management account', async () => {
    const denyAll = policy(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' },
    );
    for (const accountId of [simulator.memberId, simulator.managementId])
      simulator.control.setServiceControlPolicy(accountId, denyAll);
    const member = iamAs(simulator, makeCaller(simulator, simulator.memberId));
    const manager = iamAs(simulator, makeCaller(simulator, simulator.managementId));
    await expect(member.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(manager.send(new ListUsersCommand({}))).resolves.toBeDefined();
    simulator.control.setServiceControlPolicy(simulator.memberId, null);
    await expect(member.send(new ListUsersCommand({}))).resolves.toBeDefined();
  });

  test('group policies count', async () => {
    const account = simulator.world.account(simulator.memberId);
    account?.groups.set('readers', {
      name: 'readers',
      path: '/',
      uniqueId: 'AGPAREADERS',
      createdAt: 0,
      attachedPolicyArns: [],
      inlinePolicies: new Map([['read', allow('iam:ListUsers')]]),
    });
    const caller = makeCaller(simulator, simulator.memberId, { attachedPolicyArns: [] });
    const list = () => iamAs(simulator, caller).send(new ListUsersCommand({}));
    await expect(list()).rejects.toMatchObject({ name: 'AccessDenied' });
    account?.users.get(caller.name)?.groups.push('readers');
    await expect(list()).resolves.toBeDefined();
  });
});
