import type { ResourceType } from './actions';

/**
 * Actions of IAM that exist and that the simulator does not answer, each with the resource type that it is authorized
 * on: what a policy may name and a policy simulation may ask about. From AWS's Service Authorization Reference
 * (`list_awsidentityandaccessmanagementiam`).
 */
export const otherActions: Readonly<Record<string, ResourceType | 'other'>> = {
  'iam:AddRoleToInstanceProfile': 'instance-profile',
  'iam:AddUserToGroup': 'group',
  'iam:AttachGroupPolicy': 'group',
  'iam:CreatePolicy': 'policy',
  'iam:CreatePolicyVersion': 'policy',
  'iam:CreateServiceSpecificCredential': 'user',
  'iam:CreateVirtualMFADevice': 'mfa',
  'iam:DeactivateMFADevice': 'user',
  'iam:DeleteSSHPublicKey': 'user',
  'iam:DeleteServiceSpecificCredential': 'user',
  'iam:DeleteSigningCertificate': 'user',
  'iam:DeleteVirtualMFADevice': 'mfa',
  'iam:GetSSHPublicKey': 'user',
  'iam:PassRole': 'role',
  'iam:PutGroupPolicy': 'group',
  'iam:RemoveRoleFromInstanceProfile': 'instance-profile',
  'iam:RemoveUserFromGroup': 'group',
  'iam:SetDefaultPolicyVersion': 'policy',
  'iam:UpdateSSHPublicKey': 'user',
  'iam:UpdateServiceSpecificCredential': 'user',
  'iam:UpdateSigningCertificate': 'user',
  'iam:UploadSigningCertificate': 'user',
};
