import type { ActionContext } from '../../action';
import type { ObservedUser } from '../../observed';
import { probe, step } from '../../requests';
import type { Step } from '../../steps';
import { hasDone, mayHaveDone } from '../refusals/intended';

/**
 * Login profile → access keys → signing certificates → SSH keys → service-specific credentials → MFA devices → managed
 * policies → groups → inline policies → the user. The boundary stays to the end.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
 */
export function userDeletion(user: ObservedUser, context: ActionContext): Step[] {
  const { name: UserName } = user;
  const detaching = [
    ...credentialDeletions(user),
    ...user.attachedPolicyArns.map((PolicyArn) => step('iam:DetachUserPolicy', { UserName, PolicyArn })),
    ...user.groups.map((GroupName) => step('iam:RemoveUserFromGroup', { UserName, GroupName })),
    ...Object.keys(user.inlinePolicies).map((PolicyName) => step('iam:DeleteUserPolicy', { UserName, PolicyName })),
  ];
  const first = detaching.length > 0 ? [probe('iam:DeleteUser', { UserName })] : [];
  return [...devicesLeft(user, context), ...first, ...detaching, step('iam:DeleteUser', { UserName })];
}

/**
 * Virtual devices that we took from the user and had not deleted when we were interrupted: nothing shows whose they
 * were, so they would be left for good once the user is gone. Before the probe, which may be accepted.
 */
function devicesLeft(user: ObservedUser, context: ActionContext): Step[] {
  const { snapshot } = context;
  if (snapshot?.kind !== 'user') return [];
  return snapshot.mfaDevices
    .filter(({ serialNumber, virtual }) => virtual && !user.mfaDevices.some((one) => one.serialNumber === serialNumber))
    .filter(({ serialNumber: SerialNumber }) =>
      mayHaveDone(context, 'iam:DeactivateMFADevice', { UserName: user.name, SerialNumber }),
    )
    .filter(({ serialNumber: SerialNumber }) => !hasDone(context, 'iam:DeleteVirtualMFADevice', { SerialNumber }))
    .map(({ serialNumber: SerialNumber }) => step('iam:DeleteVirtualMFADevice', { SerialNumber }));
}

function credentialDeletions(user: ObservedUser): Step[] {
  const { name: UserName } = user;
  return [
    ...(user.password ? [step('iam:DeleteLoginProfile', { UserName })] : []),
    ...user.keys.map(({ id }) => step('iam:DeleteAccessKey', { UserName, AccessKeyId: id })),
    ...user.certificates.map(({ id }) => step('iam:DeleteSigningCertificate', { UserName, CertificateId: id })),
    ...user.sshKeys.map(({ id }) => step('iam:DeleteSSHPublicKey', { UserName, SSHPublicKeyId: id })),
    ...user.serviceCredentials.map(({ id }) =>
      step('iam:DeleteServiceSpecificCredential', { UserName, ServiceSpecificCredentialId: id }),
    ),
    ...user.mfaDevices.flatMap(({ serialNumber: SerialNumber, virtual }) => [
      step('iam:DeactivateMFADevice', { UserName, SerialNumber }),
      ...(virtual ? [step('iam:DeleteVirtualMFADevice', { SerialNumber })] : []),
    ]),
  ];
}

export const keyStatus = (UserName: string, AccessKeyId: string, Status: 'Active' | 'Inactive'): Step =>
  step('iam:UpdateAccessKey', { UserName, AccessKeyId, Status });

/** What a saved user had and this one has not, except for what never comes back. */
export function missingOfUser(saved: ObservedUser, seen: ObservedUser): Step[] {
  const { name: UserName } = seen;
  return [
    ...saved.attachedPolicyArns
      .filter((arn) => !seen.attachedPolicyArns.includes(arn))
      .map((PolicyArn) => step('iam:AttachUserPolicy', { UserName, PolicyArn })),
    ...Object.entries(saved.inlinePolicies)
      .filter(([name]) => !(name in seen.inlinePolicies))
      .map(([PolicyName, PolicyDocument]) => step('iam:PutUserPolicy', { UserName, PolicyName, PolicyDocument })),
    ...saved.groups
      .filter((group) => !seen.groups.includes(group))
      .map((GroupName) => step('iam:AddUserToGroup', { UserName, GroupName })),
    ...publicHalves(saved, seen),
  ];
}

/**
 * Certificates and SSH keys come back by upload, under new ids, and active: those that were inactive are switched off
 * when the next look has shown their ids.
 */
function publicHalves(saved: ObservedUser, seen: ObservedUser): Step[] {
  const { name: UserName } = seen;
  return [
    ...saved.certificates.flatMap(({ body, active }) => {
      const now = seen.certificates.find((one) => plain(one.body) === plain(body));
      if (!now) return [step('iam:UploadSigningCertificate', { UserName, CertificateBody: body })];
      if (active || !now.active) return [];
      return [step('iam:UpdateSigningCertificate', { UserName, CertificateId: now.id, Status: 'Inactive' })];
    }),
    ...saved.sshKeys.flatMap(({ body, active }) => {
      const now = seen.sshKeys.find((one) => sshKey(one.body) === sshKey(body));
      if (!now) return [step('iam:UploadSSHPublicKey', { UserName, SSHPublicKeyBody: body })];
      if (active || !now.active) return [];
      return [step('iam:UpdateSSHPublicKey', { UserName, SSHPublicKeyId: now.id, Status: 'Inactive' })];
    }),
  ];
}

/** Line ends and blanks mean nothing in PEM. */
const plain = (pem: string): string => pem.replaceAll(/\s/g, '');

/** Kind and key; what follows is a comment, which IAM may leave out. */
export const sshKey = (body: string): string => body.trim().split(/\s+/).slice(0, 2).join(' ');
