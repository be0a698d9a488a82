import type { IamCall, IamOperation } from './iam-call';
import { NAME, PATH, namedUserOf, shown, userOf } from './iam-call';
import { tagsElement, userElement } from './answers';
import { paged } from './paging';
import { addTags, listTags, newTags, removeTags } from './tags';
import { mfaArn } from '../../arns';
import { AwsError, deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import { isVirtualSerial } from '../../world/account-parts';
import { rootArn } from '../../world/arn';
import type { SimMfaDevice, SimUser } from '../../world/model';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_DEVICES = 8;
const SERIAL = { min: 9, max: 256, pattern: /^[\w+=/:,.@-]+$/ };

export const mfaDeviceOperations: Record<string, IamOperation> = {
  CreateVirtualMFADevice: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('VirtualMFADeviceName', { ...NAME, max: 226 });
    const path = parameters.optional('Path', PATH) ?? '/';
    const serialNumber = mfaArn(account, { path, name });
    if (account.mfaDevices.has(serialNumber))
      throw entityAlreadyExists('MFADevice entity at the same path and name already exists.');
    const device: SimMfaDevice = {
      serialNumber,
      virtual: true,
      createdAt: simulation.world.time.second(),
      enabledAt: null,
      tags: newTags(call),
    };
    account.mfaDevices.set(serialNumber, device);
    return {
      VirtualMFADevice: {
        SerialNumber: serialNumber,
        Base32StringSeed: Buffer.from(simulation.world.newSecret()).toString('base64'),
        QRCodePNG: Buffer.from(`otpauth://totp/${name}`).toString('base64'),
        Tags: tagsElement(device),
      },
    };
  },

  /** Any two different codes of six digits will do: the simulator keeps no clock for devices. */
  EnableMFADevice: (call) => {
    const { account, simulation } = call;
    const user = namedUserOf(call);
    const serialNumber = call.parameters.text('SerialNumber', SERIAL);
    const codes = ['AuthenticationCode1', 'AuthenticationCode2'].map((name) => call.parameters.text(name, CODE));
    const known = account.mfaDevices.get(serialNumber);
    if (known === undefined && isVirtualSerial(serialNumber)) throw unknownVirtual(serialNumber);
    if (ownerOf(call, serialNumber)) throw entityAlreadyExists('MFA Device is already in use.');
    if (user.mfaDevices.length >= MAX_DEVICES)
      throw limitExceeded(`Cannot exceed quota for MfaDevicesPerUser: ${MAX_DEVICES}`);
    if (codes[0] === codes[1])
      throw new AwsError('InvalidAuthenticationCode', 'Authentication codes are not consecutive.', 403);
    const now = simulation.world.time.second();
    const device = known ?? { serialNumber, virtual: false, createdAt: now, enabledAt: null, tags: new Map() };
    device.enabledAt = now;
    account.mfaDevices.set(serialNumber, device);
    user.mfaDevices = [...user.mfaDevices, serialNumber];
    return undefined;
  },

  /** A virtual device stays behind, free, until it is deleted itself. */
  DeactivateMFADevice: (call) => {
    const user = userOf(call);
    const serialNumber = call.parameters.text('SerialNumber', SERIAL);
    if (!user.mfaDevices.includes(serialNumber)) {
      throw noSuchEntity(
        ownerOf(call, serialNumber)
          ? 'MFA Device invalid for user.'
          : `MFA Device with serial number ${serialNumber} cannot be found.`,
      );
    }
    user.mfaDevices = user.mfaDevices.filter((candidate) => candidate !== serialNumber);
    const device = call.account.mfaDevices.get(serialNumber);
    if (device?.virtual === true) device.enabledAt = null;
    else call.account.mfaDevices.delete(serialNumber);
    return undefined;
  },

  DeleteVirtualMFADevice: (call) => {
    refuseDeviceInUse(call);
    const { serialNumber } = virtualOf(call);
    call.account.mfaDevices.delete(serialNumber);
    return undefined;
  },

  ListVirtualMFADevices: (call) => {
    const wanted = call.parameters.oneOf('AssignmentStatus', ['Assigned', 'Unassigned', 'Any']) ?? 'Any';
    const found = [...call.account.mfaDevices.values()].filter(
      ({ virtual, enabledAt }) => virtual && (wanted === 'Any' || (wanted === 'Assigned') === (enabledAt !== null)),
    );
    const shownDevices = found.map((device) => ({ serial: device.serialNumber, element: element(call, device) }));
    if (call.account.root.mfaActive && wanted !== 'Unassigned') shownDevices.push(rootDevice(call));
    const { items, answer } = paged(call, shownDevices, ({ serial }) => serial);
    return { VirtualMFADevices: members(items.map((device) => device.element)), ...answer };
  },

  ListMFADeviceTags: listTags(virtualOf),
  TagMFADevice: addTags(virtualOf),
  UntagMFADevice: removeTags(virtualOf),
};

const CODE = { min: 6, max: 6, pattern: /^\d+$/ };

/** Throws `DeleteConflict` while a user has the device. */
export function refuseDeviceInUse(call: IamCall): void {
  const { serialNumber } = virtualOf(call);
  if (ownerOf(call, serialNumber)) throw deleteConflict('MFA VirtualDevice in use. Must deactivate first.');
}

function virtualOf(call: IamCall): SimMfaDevice {
  const serialNumber = call.parameters.text('SerialNumber', SERIAL);
  const device = call.account.mfaDevices.get(serialNumber);
  if (device?.virtual !== true) throw unknownVirtual(serialNumber);
  return device;
}

function ownerOf({ account }: IamCall, serialNumber: string): SimUser | undefined {
  for (const user of account.users.values()) if (user.mfaDevices.includes(serialNumber)) return user;
  return undefined;
}

function element(call: IamCall, device: SimMfaDevice): XmlObject {
  const owner = ownerOf(call, device.serialNumber);
  return {
    SerialNumber: device.serialNumber,
    User: owner === undefined ? undefined : userElement(call, owner),
    EnableDate: device.enabledAt === null ? undefined : shown(call, device.enabledAt),
    Tags: tagsElement(device),
  };
}

/** The root user's is listed with the others. */
function rootDevice(call: IamCall): { serial: string; element: XmlObject } {
  const { account } = call;
  const serial = mfaArn(account, { path: '/', name: 'root-account-mfa-device' });
  const since = shown(call, account.root.createdAt);
  const User = { UserId: account.summary.accountId, Arn: rootArn(account), CreateDate: since };
  return { serial, element: { SerialNumber: serial, User, EnableDate: since } };
}

const unknownVirtual = (serialNumber: string): Error =>
  noSuchEntity(`VirtualMFADevice with serial number ${serialNumber} doesn't exist.`);
