import {
  GetSSHPublicKeyCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
} from '@aws-sdk/client-iam';
import { sideBySide } from '../../scans/collectors/side-by-side';
import type { ObservedUser } from '../observed';
import { given, type Reader } from './reader';

const AT_ONCE = 4;

type Mutable<T> = T extends readonly (infer Item)[] ? Item[] : never;
const byId = <T extends { readonly id: string }>(items: T[]): T[] => items.sort((a, b) => (a.id < b.id ? -1 : 1));

/** Signing certificates, bodies included. */
export async function certificatesOf(reader: Reader, UserName: string): Promise<Mutable<ObservedUser['certificates']>> {
  const found = await reader.list(
    (marker) => reader.send(new ListSigningCertificatesCommand({ UserName, ...marker })),
    (page) => page.Certificates,
  );
  const action = 'iam:ListSigningCertificates';
  return byId(
    found.map(({ CertificateId, Status, CertificateBody }) => ({
      id: given(CertificateId, action),
      active: Status !== 'Inactive',
      body: given(CertificateBody, action),
    })),
  );
}

/** SSH public keys; the list leaves the keys themselves out. */
export async function sshKeysOf(reader: Reader, UserName: string): Promise<Mutable<ObservedUser['sshKeys']>> {
  const listed = await reader.list(
    (marker) => reader.send(new ListSSHPublicKeysCommand({ UserName, ...marker })),
    (page) => page.SSHPublicKeys,
  );
  const keys = await sideBySide(listed, AT_ONCE, async ({ SSHPublicKeyId, Status }) => {
    const id = given(SSHPublicKeyId, 'iam:ListSSHPublicKeys');
    const { SSHPublicKey } = await reader.send(
      new GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId: id, Encoding: 'SSH' }),
    );
    return { id, active: Status !== 'Inactive', body: given(SSHPublicKey?.SSHPublicKeyBody, 'iam:GetSSHPublicKey') };
  });
  return byId(keys);
}

/** Service-specific credentials, without their passwords, which nobody can read. An expired one can do nothing more. */
export async function serviceCredentialsOf(
  reader: Reader,
  UserName: string,
): Promise<Mutable<ObservedUser['serviceCredentials']>> {
  const found = await reader.list(
    (marker) => reader.send(new ListServiceSpecificCredentialsCommand({ UserName, ...marker })),
    (page) => page.ServiceSpecificCredentials,
  );
  const action = 'iam:ListServiceSpecificCredentials';
  return byId(
    found.map(({ ServiceSpecificCredentialId, ServiceName, ServiceUserName, Status }) => ({
      id: given(ServiceSpecificCredentialId, action),
      serviceName: given(ServiceName, action),
      userName: ServiceUserName ?? null,
      active: Status !== 'Inactive' && Status !== 'Expired',
    })),
  );
}

const VIRTUAL = /^arn:[\w-]+:iam::\d{12}:mfa\//;

/** Devices in use by the user. A virtual one's serial number is its ARN; a passkey's begins `…:u2f/`. */
export async function mfaDevicesOf(reader: Reader, UserName: string): Promise<Mutable<ObservedUser['mfaDevices']>> {
  const found = await reader.list(
    (marker) => reader.send(new ListMFADevicesCommand({ UserName, ...marker })),
    (page) => page.MFADevices,
  );
  return found
    .map(({ SerialNumber }) => given(SerialNumber, 'iam:ListMFADevices'))
    .sort()
    .map((serialNumber) => ({ serialNumber, virtual: VIRTUAL.test(serialNumber) }));
}
