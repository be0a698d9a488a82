import type { Observed, ObservedUser } from '../../observed';
import { type IntendedStep, takesAway } from '../../steps';

type Request = IntendedStep['request'];

/**
 * Whether what a request was to bring about is there, as far as a fresh read shows it; null: a read does not show it.
 * Decides about requests whose answer never came. `of`: the unique id that it was about; names are used again.
 */
export function effectOf(
  { action, request }: Pick<IntendedStep, 'action' | 'request'>,
  seen: Observed | null,
  of: string,
): boolean | null {
  if (action === 'iam:CreateUser' || action === 'iam:CreateRole') return seen !== null;
  // Everything attached goes with it; nothing can be attached to what is not there.
  if (seen === null) return takesAway(action);
  if (action.endsWith('PermissionsBoundary')) return boundary(action, request, seen);
  // What was made again has another id, and is not what something was to be taken from.
  if (takesAway(action) && seen.uniqueId !== of) return true;
  if (action === 'iam:DeleteUser' || action === 'iam:DeleteRole') return false;
  if (seen.scope === 'whole') {
    const attached = ofPolicies(action, request, seen);
    if (attached !== null) return attached;
  }
  return seen.kind === 'user' ? ofUser(action, request, seen) : ofRole(action, request, seen);
}

/** What puts somebody away: while it is not known whether it was done, there may be something to give back. */
export const takesAccess = ({ action, request }: Pick<IntendedStep, 'action' | 'request'>): boolean =>
  /^iam:Put(User|Role)PermissionsBoundary$/.test(action) ||
  (action === 'iam:UpdateAccessKey' && request['Status'] === 'Inactive');

const boundary = (action: IntendedStep['action'], request: Request, seen: Observed): boolean =>
  action.startsWith('iam:Put') ? seen.boundaryArn === request['PermissionsBoundary'] : seen.boundaryArn === null;

function ofPolicies(action: IntendedStep['action'], request: Request, seen: Observed): boolean | null {
  const arn = String(request['PolicyArn']);
  const name = String(request['PolicyName']);
  switch (action) {
    case 'iam:AttachUserPolicy':
    case 'iam:AttachRolePolicy':
      return seen.attachedPolicyArns.includes(arn);
    case 'iam:DetachUserPolicy':
    case 'iam:DetachRolePolicy':
      return !seen.attachedPolicyArns.includes(arn);
    case 'iam:DeleteUserPolicy':
    case 'iam:DeleteRolePolicy':
      return !Object.hasOwn(seen.inlinePolicies, name);
    default:
      return null;
  }
}

function ofUser(action: IntendedStep['action'], request: Request, seen: ObservedUser): boolean | null {
  const key = seen.keys.find(({ id }) => id === request['AccessKeyId']);
  if (action === 'iam:DeleteAccessKey') return key === undefined;
  if (action === 'iam:UpdateAccessKey') return key !== undefined && key.active === (request['Status'] === 'Active');
  if (action === 'iam:DeleteLoginProfile') return seen.password === null;
  if (seen.scope !== 'whole') return null;
  const gone = (ids: readonly string[], field: string): boolean => !ids.includes(String(request[field]));
  const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
  switch (action) {
    case 'iam:DeleteSigningCertificate':
      return gone(idsOf(seen.certificates), 'CertificateId');
    case 'iam:DeleteSSHPublicKey':
      return gone(idsOf(seen.sshKeys), 'SSHPublicKeyId');
    case 'iam:DeleteServiceSpecificCredential':
      return gone(idsOf(seen.serviceCredentials), 'ServiceSpecificCredentialId');
    case 'iam:DeactivateMFADevice':
      return gone(
        seen.mfaDevices.map(({ serialNumber }) => serialNumber),
        'SerialNumber',
      );
    case 'iam:RemoveUserFromGroup':
      return gone(seen.groups, 'GroupName');
    case 'iam:AddUserToGroup':
      return seen.groups.includes(String(request['GroupName']));
    default:
      return null;
  }
}

function ofRole(
  action: IntendedStep['action'],
  request: Request,
  seen: Extract<Observed, { kind: 'role' }>,
): boolean | null {
  const isIn = seen.instanceProfileArns.some((arn) => arn.split('/').at(-1) === request['InstanceProfileName']);
  if (action === 'iam:RemoveRoleFromInstanceProfile') return !isIn;
  return action === 'iam:AddRoleToInstanceProfile' ? isIn : null;
}
