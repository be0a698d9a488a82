import type { Grant } from '../aws/grants';

/** Whose key or password it is, whether it is still the one that was approved, and when it was last used. */
export const CREDENTIAL_READS: readonly Grant[] = [
  {
    on: 'users',
    actions: ['iam:GetAccessKeyLastUsed', 'iam:GetLoginProfile', 'iam:GetUser', 'iam:ListAccessKeys'],
  },
];

/** A user with everything attached to it: looked at again before each step, and saved before anything is touched. */
export const USER_READS: readonly Grant[] = [
  ...CREDENTIAL_READS,
  {
    on: 'users',
    actions: [
      'iam:GetSSHPublicKey',
      'iam:GetUserPolicy',
      'iam:ListAttachedUserPolicies',
      'iam:ListGroupsForUser',
      'iam:ListMFADevices',
      'iam:ListSSHPublicKeys',
      'iam:ListServiceSpecificCredentials',
      'iam:ListSigningCertificates',
      'iam:ListUserPolicies',
    ],
  },
];

/** The same of a role. `ListRoles` omits `RoleLastUsed`, tags and the boundary: `GetRole` has them. */
export const ROLE_READS: readonly Grant[] = [
  {
    on: 'roles',
    actions: [
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListInstanceProfilesForRole',
      'iam:ListRolePolicies',
    ],
  },
];

/**
 * Signs of life, denied attempts included. Only the principal that started a report can fetch it, so both are needed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
export const signsOfLife = (on: 'users' | 'roles'): readonly Grant[] => [
  { on, actions: ['iam:GenerateServiceLastAccessedDetails'] },
  { on: 'any', actions: ['iam:GetServiceLastAccessedDetails'] },
];
