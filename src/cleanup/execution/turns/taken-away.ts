import type { IntendedStep } from '../../steps';

const WORDS: Partial<Record<IntendedStep['action'], (request: IntendedStep['request']) => string>> = {
  'iam:DeleteLoginProfile': () => 'Its password was deleted; it cannot come back.',
  'iam:DeleteAccessKey': ({ AccessKeyId }) => `The access key ${text(AccessKeyId)} was deleted; it cannot come back.`,
  'iam:DeleteSigningCertificate': ({ CertificateId }) => `The signing certificate ${text(CertificateId)} was deleted.`,
  'iam:DeleteSSHPublicKey': ({ SSHPublicKeyId }) => `The SSH public key ${text(SSHPublicKeyId)} was deleted.`,
  'iam:DeleteServiceSpecificCredential': ({ ServiceSpecificCredentialId }) =>
    `The service-specific credential ${text(ServiceSpecificCredentialId)} was deleted; it cannot come back.`,
  'iam:DeactivateMFADevice': ({ SerialNumber }) => `The MFA device ${text(SerialNumber)} was taken from it.`,
  'iam:DeleteVirtualMFADevice': ({ SerialNumber }) =>
    `The virtual MFA device ${text(SerialNumber)} was deleted; it cannot come back.`,
  'iam:DetachUserPolicy': ({ PolicyArn }) => `The managed policy ${text(PolicyArn)} was detached.`,
  'iam:DetachRolePolicy': ({ PolicyArn }) => `The managed policy ${text(PolicyArn)} was detached.`,
  'iam:RemoveUserFromGroup': ({ GroupName }) => `It was taken out of the group ${text(GroupName)}.`,
  'iam:DeleteUserPolicy': ({ PolicyName }) => `The inline policy ${text(PolicyName)} was deleted.`,
  'iam:DeleteRolePolicy': ({ PolicyName }) => `The inline policy ${text(PolicyName)} was deleted.`,
  'iam:RemoveRoleFromInstanceProfile': ({ InstanceProfileName }) =>
    `It was taken out of the instance profile ${text(InstanceProfileName)}.`,
};

/** What a deletion that did not get to its end has taken away already, in its order; sentences for people. */
export const takenAwayBy = (intended: readonly IntendedStep[]): string[] => [
  ...new Set(
    intended.flatMap(({ action, request, outcome }) => {
      if (outcome !== 'done' && outcome !== 'already') return [];
      const words = WORDS[action]?.(request);
      return words === undefined ? [] : [words];
    }),
  ),
];

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
