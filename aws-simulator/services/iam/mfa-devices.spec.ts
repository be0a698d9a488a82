import {
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  EnableMFADeviceCommand,
  ListMFADeviceTagsCommand,
  ListMFADevicesCommand,
  ListVirtualMFADevicesCommand,
} from '@aws-sdk/client-iam';
import type { AssignmentStatusType, IAMClient } from '@aws-sdk/client-iam';
import { iamAs, makeCaller, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };

describe('MFA devices', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;

  beforeAll(async () => {
    simulator = await startSmall();
    iam = iamAs(simulator, makeCaller(simulator, simulator.memberId));
    for (const name of ['owner', 'stranger', 'many']) simulator.control.createUser(simulator.memberId, { name });
  });
  afterAll(() => simulator.close());

  const enable = (UserName: string, SerialNumber: string) =>
    iam.send(new EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
  const deactivate = (UserName: string, SerialNumber: string) =>
    iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
  const serials = async (AssignmentStatus: AssignmentStatusType) =>
    (await iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices?.map(
      ({ SerialNumber }) => SerialNumber,
    );

  test('a virtual one exists, is enabled for one user, and is free again after that', async () => {
    const { VirtualMFADevice } = await iam.send(
      new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone', Tags: [{ Key: 'team', Value: 'ops' }] }),
    );
    const serial = VirtualMFADevice?.SerialNumber ?? '';
    expect(serial).toBe(`arn:aws:iam::${simulator.memberId}:mfa/phone`);
    expect(await serials('Unassigned')).toContain(serial);
    await enable('owner', serial);
    expect(await serials('Assigned')).toContain(serial);
    await expect(enable('stranger', serial)).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    await expect(deactivate('stranger', serial)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'MFA Device invalid for user.',
    });
    const { MFADevices } = await iam.send(new ListMFADevicesCommand({ UserName: 'owner' }));
    expect(MFADevices).toEqual([{ UserName: 'owner', SerialNumber: serial, EnableDate: expect.any(Date) as Date }]);
    await deactivate('owner', serial);
    expect(await serials('Unassigned')).toContain(serial);
    const { Tags } = await iam.send(new ListMFADeviceTagsCommand({ SerialNumber: serial }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'ops' }]);
  });

  test('the root user’s is listed among the assigned ones', async () => {
    const root = simulator.world.account(simulator.memberId)?.root;
    if (!root) throw new Error('The account has no root user.');
    const serial = `arn:aws:iam::${simulator.memberId}:mfa/root-account-mfa-device`;
    for (const active of [true, false]) {
      root.mfaActive = active;
      expect((await serials('Assigned'))?.includes(serial)).toBe(active);
      expect(await serials('Unassigned')).not.toContain(serial);
    }
  });

  test('a hardware one exists while it is enabled, and never among the virtual ones', async () => {
    await enable('owner', 'GAHT12345678');
    expect(await serials('Any')).not.toContain('GAHT12345678');
    await deactivate('owner', 'GAHT12345678');
    await expect(deactivate('owner', 'GAHT12345678')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(enable('stranger', 'GAHT12345678')).resolves.toBeDefined();
  });

  test('eight a user; a virtual one must exist; the same code twice is no proof', async () => {
    for (let index = 1; index <= 8; index += 1) await enable('many', `GAHT0000000${index}`);
    await expect(enable('many', 'GAHT00000009')).rejects.toMatchObject({ name: 'LimitExceededException' });
    await expect(enable('owner', `arn:aws:iam::${simulator.memberId}:mfa/none`)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    const same = new EnableMFADeviceCommand({
      UserName: 'owner',
      SerialNumber: 'GAHT00000010',
      AuthenticationCode1: '111111',
      AuthenticationCode2: '111111',
    });
    await expect(iam.send(same)).rejects.toMatchObject({ name: 'InvalidAuthenticationCodeException' });
  });
});
