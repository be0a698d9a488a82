import { GetUserCommand } from '@aws-sdk/client-iam';
import type { ObservedScope, ObservedUser } from '../observed';
import { certificatesOf, mfaDevicesOf, serviceCredentialsOf, sshKeysOf } from './other-credentials';
import { principalFacts } from './principal-facts';
import { given, type Reader, unlessMissing } from './reader';
import { groupsOf, userInlinePolicies, userPolicies } from './user-attachments';
import { keysOf, passwordOf } from './user-credentials';

/** Null: there is no user of that name. Errors are the SDK's. */
export async function observeUser(reader: Reader, name: string, scope: ObservedScope): Promise<ObservedUser | null> {
  const answer = await unlessMissing(reader.send(new GetUserCommand({ UserName: name })));
  if (answer === null) return null;
  const User = given(answer.User, 'iam:GetUser');
  const facts = principalFacts(User, { name: User.UserName, uniqueId: User.UserId }, 'iam:GetUser');
  const [keys, password, rest] = await Promise.all([
    keysOf(reader, facts.name),
    passwordOf(reader, facts.name, User.PasswordLastUsed),
    scope === 'whole' ? attachments(reader, facts.name) : NOT_READ,
  ]);
  return { ...facts, kind: 'user', scope, keys, password, ...rest };
}

type Attachments = Pick<
  ObservedUser,
  'attachedPolicyArns' | 'inlinePolicies' | 'groups' | 'certificates' | 'sshKeys' | 'serviceCredentials' | 'mfaDevices'
>;

const NOT_READ: Attachments = {
  attachedPolicyArns: [],
  inlinePolicies: {},
  groups: [],
  certificates: [],
  sshKeys: [],
  serviceCredentials: [],
  mfaDevices: [],
};

async function attachments(reader: Reader, name: string): Promise<Attachments> {
  const [attachedPolicyArns, inlinePolicies, groups, certificates, sshKeys, serviceCredentials, mfaDevices] =
    await Promise.all([
      userPolicies(reader, name),
      userInlinePolicies(reader, name),
      groupsOf(reader, name),
      certificatesOf(reader, name),
      sshKeysOf(reader, name),
      serviceCredentialsOf(reader, name),
      mfaDevicesOf(reader, name),
    ]);
  return { attachedPolicyArns, inlinePolicies, groups, certificates, sshKeys, serviceCredentials, mfaDevices };
}
