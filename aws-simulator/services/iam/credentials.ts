import type { IamCall, IamOperation } from './iam-call';
import { NAME, shown, userOf } from './iam-call';
import { paged } from './paging';
import { noSuchEntity } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import { mfaDevice } from '../../world/account-parts';
import type { SimCredential, SimUser } from '../../world/model';

export const status = ({ active }: SimCredential): string => (active ? 'Active' : 'Inactive');

export const credentialOperations: Record<string, IamOperation> = {
  ListSSHPublicKeys: (call) => {
    const user = userOf(call);
    const { items, answer } = paged(call, ofKind(user, 'ssh'), ({ id }) => id);
    return {
      SSHPublicKeys: members(
        items.map((key) => ({
          UserName: user.name,
          SSHPublicKeyId: key.id,
          Status: status(key),
          UploadDate: shown(call, key.createdAt),
        })),
      ),
      ...answer,
    };
  },

  ListSigningCertificates: (call) => {
    const user = userOf(call);
    const { items, answer } = paged(call, ofKind(user, 'certificate'), ({ id }) => id);
    return {
      Certificates: members(
        items.map((certificate) => ({
          UserName: user.name,
          CertificateId: certificate.id,
          CertificateBody: bodyOf(certificate),
          Status: status(certificate),
          UploadDate: shown(call, certificate.createdAt),
        })),
      ),
      ...answer,
    };
  },

  /** With `AllUsers` for the whole account, page by page; else for one user, whole. */
  ListServiceSpecificCredentials: (call) => {
    const service = call.parameters.optional('ServiceName');
    const all = call.parameters.boolean('AllUsers') ?? false;
    const users =
      all && call.parameters.optional('UserName', NAME) === undefined
        ? [...call.account.users.values()]
        : [userOf(call)];
    const found = users.flatMap((user) =>
      ofKind(user, 'service-specific')
        .filter((credential) => service === undefined || credential.service === service)
        .map((credential) => ({ user, credential })),
    );
    const { items, answer } = paged(
      call,
      found,
      ({ user, credential }) => `${user.name.toLowerCase()} ${credential.id}`,
    );
    return {
      ServiceSpecificCredentials: members(
        items.map(({ user, credential }) => serviceCredential(call, user, credential)),
      ),
      ...answer,
    };
  },

  ListMFADevices: (call) => {
    const user = userOf(call);
    const { items, answer } = paged(call, user.mfaDevices, (serial) => serial);
    return {
      MFADevices: members(
        items.map((SerialNumber) => ({
          UserName: user.name,
          SerialNumber,
          EnableDate: shown(call, mfaDevice(call.account, user, SerialNumber).enabledAt ?? user.createdAt),
        })),
      ),
      ...answer,
    };
  },
};

export const ofKind = (user: SimUser, kind: SimCredential['kind']): SimCredential[] =>
  user.credentials.filter((credential) => credential.kind === kind);

/** The credential of the user that the request names. Throws `NoSuchEntity`, also for another user's. */
export function credentialOf(
  call: IamCall,
  user: SimUser,
  { kind, parameter, label }: { kind: SimCredential['kind']; parameter: string; label: string },
): SimCredential {
  const id = call.parameters.text(parameter, { max: 128, pattern: /^\w+$/ });
  const found = ofKind(user, kind).find((credential) => credential.id === id);
  if (!found) throw noSuchEntity(`The ${label} with id ${id} cannot be found.`);
  return found;
}

/** Two uploads of the same thing are told apart by their ids only; one that was generated has a body of its own. */
export const bodyOf = ({ body, id, kind }: SimCredential): string =>
  body ??
  (kind === 'ssh'
    ? `ssh-rsa ${Buffer.from(id).toString('base64')}`
    : `-----BEGIN CERTIFICATE-----\n${Buffer.from(id).toString('base64')}\n-----END CERTIFICATE-----`);

/** What creating and listing show alike; the password only the former. */
export const serviceCredential = (call: IamCall, user: SimUser, credential: SimCredential): XmlObject => ({
  UserName: user.name,
  Status: status(credential),
  ServiceUserName: `${user.name}-at-${call.account.summary.accountId}`,
  CreateDate: shown(call, credential.createdAt),
  ExpirationDate: credential.expiresAt === undefined ? undefined : shown(call, credential.expiresAt),
  ServiceSpecificCredentialId: credential.id,
  ServiceName: credential.service ?? undefined,
});
