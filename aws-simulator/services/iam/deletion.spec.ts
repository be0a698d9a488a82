import {
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteSSHPublicKeyCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import fc from 'fast-check';
import { allow, aws, iamAs, makeCaller, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';
import type { SimRole, SimUser } from '../../world/model';

interface Step {
  name: string;
  run: () => Promise<unknown>;
  /** What AWS says while this is still attached. */
  message: string;
}

/** The order of AWS's user guide. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
function userSteps(iam: IAMClient, user: SimUser): Step[] {
  const UserName = user.name;
  const step = (name: string, message: string, run: () => Promise<unknown>): Step => ({ name, message, run });
  const credential = (kind: string): string => user.credentials.find((one) => one.kind === kind)?.id ?? '';
  return [
    step('password', 'must delete login profile first', () => iam.send(new DeleteLoginProfileCommand({ UserName }))),
    ...user.accessKeys.map(({ accessKeyId: AccessKeyId }) =>
      step('key', 'must delete access keys first', () =>
        iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })),
      ),
    ),
    step('certificate', 'must delete signing certificates first', () =>
      iam.send(new DeleteSigningCertificateCommand({ UserName, CertificateId: credential('certificate') })),
    ),
    step('ssh', 'must remove referenced objects first', () =>
      iam.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId: credential('ssh') })),
    ),
    step('service', 'must remove referenced objects first', () =>
      iam.send(
        new DeleteServiceSpecificCredentialCommand({
          UserName,
          ServiceSpecificCredentialId: credential('service-specific'),
        }),
      ),
    ),
    ...user.mfaDevices.map((SerialNumber) =>
      step('mfa', 'must delete MFA device first', () =>
        iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber })),
      ),
    ),
    ...user.attachedPolicyArns.map((PolicyArn) =>
      step('policy', 'must detach all policies first', () =>
        iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
      ),
    ),
    ...user.groups.map((GroupName) =>
      step('group', 'must remove users from group first', () =>
        iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName })),
      ),
    ),
    ...[...user.inlinePolicies.keys()].map((PolicyName) =>
      step('inline', 'must delete policies first', () =>
        iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
      ),
    ),
  ];
}

function roleSteps(iam: IAMClient, role: SimRole): Step[] {
  const RoleName = role.name;
  return [
    ...role.instanceProfiles.map((InstanceProfileName) => ({
      name: 'profile',
      message: 'must remove roles from instance profile first',
      run: () => iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName })),
    })),
    ...role.attachedPolicyArns.map((PolicyArn) => ({
      name: 'policy',
      message: 'must detach all policies first',
      run: () => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    })),
    ...[...role.inlinePolicies.keys()].map((PolicyName) => ({
      name: 'inline',
      message: 'must delete policies first',
      run: () => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
    })),
  ];
}

describe('deleting what has everything attached', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;
  let made = 0;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterAll(() => simulator.close());

  const fullUser = (): SimUser => {
    const name = `full-${++made}`;
    return simulator.control.createUser(accountId, {
      name,
      path: '/people/',
      password: {},
      keys: [{}, { active: false }],
      credentials: [
        { kind: 'certificate', active: true },
        { kind: 'ssh', active: true },
        { kind: 'service-specific', active: false },
      ],
      mfa: true,
      hardwareMfa: [`GAHT${String(made).padStart(8, '0')}`],
      groups: ['developers', 'ci'],
      attachedPolicyArns: [aws('SecurityAudit'), aws('IAMUserChangePassword')],
      inlinePolicies: { own: allow('s3:*') },
      boundaryArn: aws('AWSDenyAll'),
      tags: { team: 'payments' },
    });
  };

  const fullRole = (): SimRole =>
    simulator.control.createRole(accountId, {
      name: `full-role-${++made}`,
      path: '/app/',
      instanceProfiles: [`web-${made}`, `batch-${made}`],
      attachedPolicyArns: [aws('SecurityAudit')],
      inlinePolicies: { own: allow('s3:*') },
      boundaryArn: aws('AWSDenyAll'),
    });

  /** Removes in the given order; before each step the deletion is refused for something that is still there. */
  async function removeInOrder(steps: Step[], remove: () => Promise<unknown>): Promise<void> {
    for (let index = 0; index < steps.length; index += 1) {
      const refused: unknown = await remove().catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: 'DeleteConflictException', $metadata: { httpStatusCode: 409 } });
      const messages = steps.slice(index).map(({ message }) => `Cannot delete entity, ${message}.`);
      expect(messages).toContain((refused as Error).message);
      await steps[index]?.run();
    }
    await remove();
  }

  test('a user: refused at every stage of AWS’s order, and gone at its end', async () => {
    const user = fullUser();
    const steps = userSteps(iam, user);
    expect(steps).toHaveLength(13);
    await removeInOrder(steps, () => iam.send(new DeleteUserCommand({ UserName: user.name })));
    expect(simulator.world.account(accountId)?.users.has(user.name)).toBe(false);
  });

  test(
    'a user: any order of the attachments works, and no shorter one does',
    () =>
      fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (chance) => {
          const user = fullUser();
          await removeInOrder(shuffled(userSteps(iam, user), chance), () =>
            iam.send(new DeleteUserCommand({ UserName: user.name })),
          );
          expect(simulator.world.account(accountId)?.users.has(user.name)).toBe(false);
        }),
        { numRuns: 6 },
      ),
    60_000,
  );

  test(
    'a role in two instance profiles: any order works, no shorter one does, and the profiles stay',
    () =>
      fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (chance) => {
          const role = fullRole();
          const profiles = [...role.instanceProfiles];
          await removeInOrder(shuffled(roleSteps(iam, role), chance), () =>
            iam.send(new DeleteRoleCommand({ RoleName: role.name })),
          );
          for (const InstanceProfileName of profiles) {
            const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
            expect(InstanceProfile?.Roles).toEqual([]);
          }
        }),
        { numRuns: 6 },
      ),
    60_000,
  );

  test.each([
    ['password', { password: {} }, 'must delete login profile first'],
    ['access key', { keys: [{ active: false }] }, 'must delete access keys first'],
    [
      'certificate',
      { credentials: [{ kind: 'certificate', active: false }] },
      'must delete signing certificates first',
    ],
    ['SSH key', { credentials: [{ kind: 'ssh', active: false }] }, 'must remove referenced objects first'],
    [
      'credential',
      { credentials: [{ kind: 'service-specific', active: false }] },
      'must remove referenced objects first',
    ],
    ['virtual MFA device', { mfa: true }, 'must delete MFA device first'],
    ['hardware MFA device', { hardwareMfa: ['GAHT00009999'] }, 'must delete MFA device first'],
    ['managed policy', { attachedPolicyArns: [aws('SecurityAudit')] }, 'must detach all policies first'],
    ['group', { groups: ['ci'] }, 'must remove users from group first'],
    ['inline policy', { inlinePolicies: { p: allow('s3:*') } }, 'must delete policies first'],
  ] as const)('a user with nothing but a %s is refused for it', async (_what, having, message) => {
    const name = `only-${++made}`;
    simulator.control.createUser(accountId, { name, ...having });
    await expect(iam.send(new DeleteUserCommand({ UserName: name }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: `Cannot delete entity, ${message}.`,
    });
  });

  test('a virtual MFA device is deactivated before it is deleted, and outlives its user until then', async () => {
    const name = `virtual-${++made}`;
    const [SerialNumber = ''] = simulator.control.createUser(accountId, { name, mfa: true }).mfaDevices;
    const remove = () => iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber }));
    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'MFA VirtualDevice in use. Must deactivate first.',
    });
    await iam.send(new DeactivateMFADeviceCommand({ UserName: name, SerialNumber }));
    await iam.send(new DeleteUserCommand({ UserName: name }));
    const again = () => iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
    await expect(again()).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(again()).resolves.toBeDefined();
  });
});

/** Fisher and Yates, on chances that fast-check can shrink. */
function shuffled<T>(items: readonly T[], chance: Iterator<number>): T[] {
  const list = [...items];
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(chance.next().value * (index + 1)) % (index + 1);
    const [a, b] = [list[index], list[other]];
    if (a !== undefined && b !== undefined) [list[index], list[other]] = [b, a];
  }
  return list;
}
