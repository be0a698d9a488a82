import { createHash } from 'node:crypto';
import { bodyOf, credentialOf, ofKind, status } from './credentials';
import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, shown, userOf } from './iam-call';
import { AwsError, limitExceeded } from '../../protocol/aws-error';
import type { XmlObject } from '../../protocol/xml';
import type { SimCredential, SimUser } from '../../world/model';

const MAX_SSH_KEYS = 5;
const WHICH = { kind: 'ssh', parameter: 'SSHPublicKeyId', label: 'Public Key' } as const;

export const sshPublicKeyOperations: Record<string, IamOperation> = {
  UploadSSHPublicKey: (call) => {
    const user = namedUserOf(call);
    const body = call.parameters.text('SSHPublicKeyBody', { max: 16_384 });
    if (!/^(ssh-\S+ \S+|-----BEGIN )/.test(body))
      throw new AwsError('InvalidPublicKey', 'The public key is malformed or otherwise invalid.');
    if (ofKind(user, 'ssh').some((key) => bodyOf(key) === body))
      throw new AwsError('DuplicateSSHPublicKey', 'The SSH public key is already associated with the specified user.');
    if (ofKind(user, 'ssh').length >= MAX_SSH_KEYS)
      throw limitExceeded(`Cannot exceed quota for SSHPublicKeysPerUser: ${MAX_SSH_KEYS}`);
    const key: SimCredential = {
      id: call.simulation.world.newUniqueId('APKA', call.account.summary.accountId),
      kind: 'ssh',
      service: null,
      active: true,
      createdAt: call.simulation.world.time.second(),
      body,
    };
    user.credentials.push(key);
    return { SSHPublicKey: element(call, user, key) };
  },

  GetSSHPublicKey: (call) => {
    const user = namedUserOf(call);
    call.parameters.text('Encoding');
    if (call.parameters.oneOf('Encoding', ['SSH', 'PEM']) === 'PEM')
      throw new AwsError('UnrecognizedPublicKeyEncoding', 'The simulator keeps public keys as they were uploaded.');
    return { SSHPublicKey: element(call, user, credentialOf(call, user, WHICH)) };
  },

  UpdateSSHPublicKey: (call) => {
    const key = credentialOf(call, userOf(call), WHICH);
    call.parameters.text('Status');
    key.active = call.parameters.oneOf('Status', ['Active', 'Inactive']) === 'Active';
    return undefined;
  },

  DeleteSSHPublicKey: (call) => {
    const user = userOf(call);
    const key = credentialOf(call, user, WHICH);
    user.credentials = user.credentials.filter((candidate) => candidate !== key);
    return undefined;
  },
};

const element = (call: IamCall, user: SimUser, key: SimCredential): XmlObject => ({
  UserName: user.name,
  SSHPublicKeyId: key.id,
  Fingerprint: createHash('md5')
    .update(bodyOf(key))
    .digest('hex')
    .replace(/(..)(?=.)/g, '$1:'),
  SSHPublicKeyBody: bodyOf(key),
  Status: status(key),
  UploadDate: shown(call, key.createdAt),
});
