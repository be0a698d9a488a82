import type { Grant } from '../aws/grants';

/** Whose key it is, whether it is still the one that was approved, and when it was last used. */
export const KEY_READS: readonly Grant[] = [
  { on: 'users', actions: ['iam:GetUser', 'iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'] },
];

/** A user with everything attached to it: looked at again before each step, and saved before anything is touched. */
export const USER_READS: readonly Grant[] = [
  ...KEY_READS,
  {
    on: 'users',
    actions: [
      'iam:GetLoginProfile',
      'iam:GetSSHPublicKey',
      'iam:GetUserPolicy',
      'iam:ListAttachedUserPolicies',
      'iam:ListGroupsForUser',
      'iam:ListMFADevices',
      'iam:ListSSHPublicKeys',
      'iam:ListServiceSpecificCredentials',
      'iam:ListSigningCertificates',
      'iam:ListUserPolicies',
      'iam:ListUserTags',
    ],
  },
];

/** The same of a role. `ListRoles` omits `RoleLastUsed`: `GetRole` has it. */
export const ROLE_READS: readonly Grant[] = [
  {
    on: 'roles',
    actions: [
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListInstanceProfilesForRole',
      'iam:ListRolePolicies',
      'iam:ListRoleTags',
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
