import { createHash } from 'node:crypto';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, namedUserOf, shown, userOf } from './iam-call';
import { paged } from './paging';
import { limitExceeded } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import type { SimCredential, SimUser } from '../../world/model';

const MAX_SSH_KEYS = 5;
const status = ({ active }: SimCredential): string => (active ? 'Active' : 'Inactive');

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
          CertificateBody: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
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
        items.map((SerialNumber) => ({ UserName: user.name, SerialNumber, EnableDate: shown(call, user.createdAt) })),
      ),
      ...answer,
    };
  },

  UploadSSHPublicKey: (call) => {
    const user = namedUserOf(call);
    const body = call.parameters.text('SSHPublicKeyBody', { max: 16_384 });
    if (ofKind(user, 'ssh').length >= MAX_SSH_KEYS)
      throw limitExceeded(`Cannot exceed quota for SSHPublicKeysPerUser: ${MAX_SSH_KEYS}`);
    const key: SimCredential = {
      id: call.simulation.world.newUniqueId('APKA'),
      kind: 'ssh',
      service: null,
      active: true,
      createdAt: call.simulation.world.time.second(),
    };
    user.credentials.push(key);
    return {
      SSHPublicKey: {
        UserName: user.name,
        SSHPublicKeyId: key.id,
        Fingerprint: createHash('md5')
          .update(body)
          .digest('hex')
          .replace(/(..)(?=.)/g, '$1:'),
        SSHPublicKeyBody: body,
        Status: 'Active',
        UploadDate: shown(call, key.createdAt),
      },
    };
  },
};

const ofKind = (user: SimUser, kind: SimCredential['kind']): SimCredential[] =>
  user.credentials.filter((credential) => credential.kind === kind);

const serviceCredential = (call: IamCall, user: SimUser, credential: SimCredential): XmlObject => ({
  UserName: user.name,
  Status: status(credential),
  ServiceUserName: `${user.name}-at-${call.account.summary.accountId}`,
  CreateDate: shown(call, credential.createdAt),
  ServiceSpecificCredentialId: credential.id,
  ServiceName: credential.service ?? undefined,
});
