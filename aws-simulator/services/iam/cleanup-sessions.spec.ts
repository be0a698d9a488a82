import {
  DeactivateMFADeviceCommand,
  DeleteUserCommand,
  DeleteVirtualMFADeviceCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { assume, aws, iamAs, policy, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

/** What keeps a cleaning role to its job: its session policy, its own conditions, the organization's denials. */
describe('a cleaning session', () => {
  let simulator: SmallSimulator;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    simulator.control.deployRole({
      roleName: 'cleaner',
      trustedPrincipalArn: simulator.credentials.userArn,
      policyDocument: policy(
        {
          Effect: 'Allow',
          Action: ['iam:Delete*', 'iam:Remove*', 'iam:Deactivate*', 'iam:UpdateAccessKey'],
          Resource: '*',
        },
        {
          Effect: 'Allow',
          Action: 'iam:PutUserPermissionsBoundary',
          Resource: '*',
          Condition: { StringEquals: { 'iam:PermissionsBoundary': aws('AWSDenyAll') } },
        },
      ),
      accounts: [accountId],
    });
  });
  afterAll(() => simulator.close());

  const arn = (rest: string): string => `arn:aws:iam::${accountId}:${rest}`;

  async function session(...resources: string[]): Promise<IAMClient> {
    const credentials = await assume(simulator, simulator.credentials, {
      RoleArn: arn('role/cleaner'),
      DurationSeconds: 900,
      Policy: policy({ Effect: 'Allow', Action: 'iam:*', Resource: resources }),
    });
    return iamAs(simulator, credentials);
  }

  const outside = {
    name: 'AccessDenied',
    message: expect.stringContaining('no session policy allows') as string,
  };

  test('reaches the users that its session policy names, and no other', async () => {
    simulator.control.createUser(accountId, { name: 'right', path: '/people/', keys: [{}] });
    const [sibling] = simulator.control.createUser(accountId, { name: 'wrong', keys: [{}] }).accessKeys;
    const iam = await session(arn('user/people/right'));
    await expect(iam.send(new DeleteUserCommand({ UserName: 'wrong' }))).rejects.toMatchObject(outside);
    const off = { UserName: 'wrong', AccessKeyId: sibling?.accessKeyId, Status: 'Inactive' } as const;
    await expect(iam.send(new UpdateAccessKeyCommand(off))).rejects.toMatchObject(outside);
    await expect(iam.send(new DeleteUserCommand({ UserName: 'right' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
  });

  test('needs groups, MFA devices and instance profiles by their own ARNs', async () => {
    const user = simulator.control.createUser(accountId, { name: 'member', mfa: true, groups: ['ci'] });
    simulator.control.createRole(accountId, { name: 'profiled', instanceProfiles: ['web'] });
    const [SerialNumber] = user.mfaDevices;
    const calls = async (iam: IAMClient) => {
      await iam.send(new DeactivateMFADeviceCommand({ UserName: 'member', SerialNumber })).catch(() => undefined);
      return Promise.allSettled([
        iam.send(new RemoveUserFromGroupCommand({ UserName: 'member', GroupName: 'ci' })),
        iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber })),
        iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName: 'profiled', InstanceProfileName: 'web' })),
      ]);
    };
    const owners = await session(arn('user/member'), arn('role/profiled'));
    for (const refused of await calls(owners)) expect(refused).toMatchObject({ status: 'rejected', reason: outside });
    const things = await session(arn('group/ci'), arn('mfa/member'), arn('instance-profile/web'));
    for (const done of await calls(things)) expect(done).toMatchObject({ status: 'fulfilled' });
  });

  test('puts on the one boundary that its role may, and no other', async () => {
    simulator.control.createUser(accountId, { name: 'bounded' });
    const iam = await session(arn('user/bounded'));
    const put = (name: string) =>
      iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: aws(name) }));
    await expect(put('AdministratorAccess')).rejects.toMatchObject({ name: 'AccessDenied' });
    await put('AWSDenyAll');
    expect(simulator.world.account(accountId)?.users.get('bounded')?.boundaryArn).toBe(aws('AWSDenyAll'));
  });

  test('is refused by a service control policy before any conflict is looked at, unless the switch says otherwise', async () => {
    simulator.control.createUser(accountId, { name: 'kept', keys: [{}] });
    const iam = await session(arn('user/kept'));
    const remove = () => iam.send(new DeleteUserCommand({ UserName: 'kept' }));
    simulator.control.setServiceControlPolicy(
      accountId,
      policy(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'iam:DeleteUser', Resource: '*' },
      ),
    );
    await expect(remove()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a service control policy') as string,
    });
    simulator.control.setSwitches({ services: { authorizationBeforeConflict: false } });
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    simulator.control.setSwitches({ services: { authorizationBeforeConflict: true } });
    simulator.control.setServiceControlPolicy(accountId, null);
    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
  });
});
