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
  | 'topic'
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
  'iam:GetGroup': read('group'),
  'iam:GetGroupPolicy': read('group'),
  'iam:GetInstanceProfile': read('instance-profile'),
  'iam:GetLoginProfile': read('user'),
  'iam:GetPolicy': read('policy'),
  'iam:GetPolicyVersion': read('policy'),
  'iam:GetRole': read('role'),
  'iam:GetRolePolicy': read('role'),
  'iam:GetSSHPublicKey': read('user'),
  'iam:GetServiceLastAccessedDetails': read('none'),
  'iam:GetUser': read('user'),
  'iam:GetUserPolicy': read('user'),
  'iam:ListAccessKeys': read('user'),
  'iam:ListAccountAliases': read('none'),
  'iam:ListAttachedGroupPolicies': read('group'),
  'iam:ListAttachedRolePolicies': read('role'),
  'iam:ListAttachedUserPolicies': read('user'),
  'iam:ListEntitiesForPolicy': read('policy'),
  'iam:ListGroupPolicies': read('group'),
  'iam:ListGroups': read('none'),
  'iam:ListGroupsForUser': read('user'),
  'iam:ListInstanceProfileTags': read('instance-profile'),
  'iam:ListInstanceProfiles': read('none'),
  'iam:ListInstanceProfilesForRole': read('role'),
  'iam:ListMFADeviceTags': read('mfa'),
  'iam:ListMFADevices': read('user'),
  'iam:ListPolicies': read('none'),
  'iam:ListPolicyTags': read('policy'),
  'iam:ListPolicyVersions': read('policy'),
  'iam:ListRolePolicies': read('role'),
  'iam:ListRoleTags': read('role'),
  'iam:ListRoles': read('none'),
  'iam:ListSSHPublicKeys': read('user'),
  'iam:ListServiceSpecificCredentials': read('user'),
  'iam:ListSigningCertificates': read('user'),
  'iam:ListUserPolicies': read('user'),
  'iam:ListUserTags': read('user'),
  'iam:ListUsers': read('none'),
  'iam:ListVirtualMFADevices': read('none'),
  'iam:SimulatePrincipalPolicy': read('any-identity'),

  'iam:AddRoleToInstanceProfile': write('instance-profile'),
  'iam:AddUserToGroup': write('group'),
  'iam:AttachGroupPolicy': write('group', 'iam:PolicyARN'),
  'iam:AttachRolePolicy': write('role', ...POLICY),
  'iam:AttachUserPolicy': write('user', ...POLICY),
  'iam:CreateAccessKey': write('user'),
  'iam:CreateGroup': write('group'),
  'iam:CreateInstanceProfile': write('instance-profile', ...TAGS),
  'iam:CreateLoginProfile': write('user'),
  'iam:CreatePolicy': write('policy', ...TAGS),
  'iam:CreateRole': write('role', ...BOUNDARY, ...TAGS),
  'iam:CreateServiceSpecificCredential': write(
    'user',
    'iam:ServiceSpecificCredentialServiceName',
    'iam:ServiceSpecificCredentialAgeDays',
  ),
  'iam:CreateUser': write('user', ...BOUNDARY, ...TAGS),
  'iam:CreateVirtualMFADevice': write('mfa', ...TAGS),
  'iam:DeactivateMFADevice': write('user'),
  'iam:DeleteAccessKey': write('user'),
  'iam:DeleteGroup': write('group'),
  'iam:DeleteGroupPolicy': write('group'),
  'iam:DeleteInstanceProfile': write('instance-profile'),
  'iam:DeleteLoginProfile': write('user'),
  'iam:DeletePolicy': write('policy'),
  'iam:DeleteRole': write('role'),
  'iam:DeleteRolePermissionsBoundary': write('role', ...BOUNDARY),
  'iam:DeleteRolePolicy': write('role', ...BOUNDARY),
  'iam:DeleteSSHPublicKey': write('user'),
  'iam:DeleteServiceSpecificCredential': write('user'),
  'iam:DeleteSigningCertificate': write('user'),
  'iam:DeleteUser': write('user'),
  'iam:DeleteUserPermissionsBoundary': write('user', ...BOUNDARY),
  'iam:DeleteUserPolicy': write('user', ...BOUNDARY),
  'iam:DeleteVirtualMFADevice': write('mfa'),
  'iam:DetachGroupPolicy': write('group', 'iam:PolicyARN'),
  'iam:DetachRolePolicy': write('role', ...POLICY),
  'iam:DetachUserPolicy': write('user', ...POLICY),
  'iam:EnableMFADevice': write('user'),
  'iam:PutGroupPolicy': write('group'),
  'iam:PutRolePermissionsBoundary': write('role', ...BOUNDARY),
  'iam:PutRolePolicy': write('role', ...BOUNDARY),
  'iam:PutUserPermissionsBoundary': write('user', ...BOUNDARY),
  'iam:PutUserPolicy': write('user', ...BOUNDARY),
  'iam:RemoveRoleFromInstanceProfile': write('instance-profile'),
  'iam:RemoveUserFromGroup': write('group'),
  'iam:ResetServiceSpecificCredential': write('user'),
  'iam:TagInstanceProfile': write('instance-profile', ...TAGS),
  'iam:TagMFADevice': write('mfa', ...TAGS),
  'iam:TagPolicy': write('policy', ...TAGS),
  'iam:TagRole': write('role', ...TAGS),
  'iam:TagUser': write('user', ...TAGS),
  'iam:UntagInstanceProfile': write('instance-profile', 'aws:TagKeys'),
  'iam:UntagMFADevice': write('mfa', 'aws:TagKeys'),
  'iam:UntagPolicy': write('policy', 'aws:TagKeys'),
  'iam:UntagRole': write('role', 'aws:TagKeys'),
  'iam:UntagUser': write('user', 'aws:TagKeys'),
  'iam:UpdateAccessKey': write('user'),
  'iam:UpdateAssumeRolePolicy': write('role'),
  'iam:UpdateLoginProfile': write('user'),
  'iam:UpdateRole': write('role'),
  'iam:UpdateRoleDescription': write('role'),
  'iam:UpdateSSHPublicKey': write('user'),
  'iam:UpdateServiceSpecificCredential': write('user'),
  'iam:UpdateSigningCertificate': write('user'),
  'iam:UploadSSHPublicKey': write('user'),
  'iam:UploadSigningCertificate': write('user'),

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

  'cloudtrail:LookupEvents': read('none'),
  'sns:Publish': write('topic'),
};
