/**
 * Actions, the resource types each is authorized on and its own condition keys, from AWS's Service Authorization
 * Reference (`list_awsidentityandaccessmanagementiam`, `list_awssecuritytokenservice`, `list_awsorganizations`).
 * No resource type = the action is authorized on `*` only. Global keys (`aws:PrincipalArn` …) hold for every action.
 */
export type ResourceType =
  | 'user'
  | 'role'
  | 'group'
  | 'policy'
  | 'instance-profile'
  | 'mfa'
  | 'any-identity'
  | 'organization-account'
  | 'organization-target'
  | 'none';

export interface ActionFacts {
  resource: ResourceType;
  conditionKeys: readonly string[];
  write: boolean;
}

const POLICY = ['iam:PolicyARN', 'iam:PermissionsBoundary'];
const BOUNDARY = ['iam:PermissionsBoundary'];
const TAGS = ['aws:RequestTag', 'aws:TagKeys'];

const read = (resource: ResourceType): ActionFacts => ({ resource, conditionKeys: [], write: false });
const write = (resource: ResourceType, ...conditionKeys: string[]): ActionFacts => ({
  resource,
  conditionKeys,
  write: true,
});

export const actions: Readonly<Record<string, ActionFacts>> = {
  'iam:GenerateCredentialReport': read('none'),
  'iam:GenerateServiceLastAccessedDetails': read('any-identity'),
  'iam:GetAccessKeyLastUsed': read('user'),
  'iam:GetAccountAuthorizationDetails': read('none'),
  'iam:GetAccountSummary': read('none'),
  'iam:GetCredentialReport': read('none'),
  'iam:GetLoginProfile': read('user'),
  'iam:GetRole': read('role'),
  'iam:GetRolePolicy': read('role'),
  'iam:GetServiceLastAccessedDetails': read('none'),
  'iam:GetUser': read('user'),
  'iam:GetUserPolicy': read('user'),
  'iam:ListAccessKeys': read('user'),
  'iam:ListAccountAliases': read('none'),
  'iam:ListAttachedRolePolicies': read('role'),
  'iam:ListAttachedUserPolicies': read('user'),
  'iam:ListGroupsForUser': read('user'),
  'iam:ListInstanceProfilesForRole': read('role'),
  'iam:ListMFADevices': read('user'),
  'iam:ListRolePolicies': read('role'),
  'iam:ListRoleTags': read('role'),
  'iam:ListRoles': read('none'),
  'iam:ListSSHPublicKeys': read('user'),
  'iam:ListServiceSpecificCredentials': read('user'),
  'iam:ListSigningCertificates': read('user'),
  'iam:ListUserPolicies': read('user'),
  'iam:ListUserTags': read('user'),
  'iam:ListUsers': read('none'),
  'iam:SimulatePrincipalPolicy': read('any-identity'),

  'iam:AttachRolePolicy': write('role', ...POLICY),
  'iam:AttachUserPolicy': write('user', ...POLICY),
  'iam:CreateAccessKey': write('user'),
  'iam:CreateLoginProfile': write('user'),
  'iam:CreateRole': write('role', ...BOUNDARY, ...TAGS),
  'iam:CreateUser': write('user', ...BOUNDARY, ...TAGS),
  'iam:DeleteAccessKey': write('user'),
  'iam:DeleteLoginProfile': write('user'),
  'iam:DeleteRole': write('role'),
  'iam:DeleteRolePermissionsBoundary': write('role', ...BOUNDARY),
  'iam:DeleteRolePolicy': write('role', ...BOUNDARY),
  'iam:DeleteUser': write('user'),
  'iam:DeleteUserPermissionsBoundary': write('user', ...BOUNDARY),
  'iam:DeleteUserPolicy': write('user', ...BOUNDARY),
  'iam:DetachRolePolicy': write('role', ...POLICY),
  'iam:DetachUserPolicy': write('user', ...POLICY),
  'iam:PutRolePermissionsBoundary': write('role', ...BOUNDARY),
  'iam:PutRolePolicy': write('role', ...BOUNDARY),
  'iam:PutUserPermissionsBoundary': write('user', ...BOUNDARY),
  'iam:PutUserPolicy': write('user', ...BOUNDARY),
  'iam:TagRole': write('role', ...TAGS),
  'iam:TagUser': write('user', ...TAGS),
  'iam:UntagRole': write('role', 'aws:TagKeys'),
  'iam:UntagUser': write('user', 'aws:TagKeys'),
  'iam:UpdateAccessKey': write('user'),
  'iam:UpdateAssumeRolePolicy': write('role'),
  'iam:UpdateLoginProfile': write('user'),
  'iam:UploadSSHPublicKey': write('user'),

  'sts:AssumeRole': {
    resource: 'role',
    conditionKeys: ['sts:ExternalId', 'sts:RoleSessionName', 'sts:SourceIdentity', 'sts:TransitiveTagKeys', ...TAGS],
    write: true,
  },
  'sts:SetSourceIdentity': { resource: 'role', conditionKeys: ['sts:SourceIdentity'], write: true },
  'sts:TagSession': { resource: 'role', conditionKeys: ['sts:TransitiveTagKeys', ...TAGS], write: true },
  'sts:GetCallerIdentity': read('none'),

  'organizations:DescribeAccount': read('organization-account'),
  'organizations:DescribeOrganization': read('none'),
  'organizations:DescribeOrganizationalUnit': read('organization-target'),
  'organizations:ListAccounts': read('none'),
  'organizations:ListAccountsForParent': read('organization-target'),
  'organizations:ListChildren': read('organization-target'),
  'organizations:ListOrganizationalUnitsForParent': read('organization-target'),
  'organizations:ListParents': read('organization-target'),
  'organizations:ListRoots': read('none'),
  'organizations:ListTagsForResource': read('organization-target'),
};
