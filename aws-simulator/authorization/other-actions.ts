import type { ResourceType } from './actions';

/**
 * Actions of IAM that exist and that the simulator does not answer, each with the resource type that it is authorized
 * on: what a policy may name and a policy simulation may ask about. From AWS's Service Authorization Reference
 * (`list_awsidentityandaccessmanagementiam`).
 */
export const otherActions: Readonly<Record<string, ResourceType | 'other'>> = {
  'iam:CreatePolicyVersion': 'policy',
  'iam:PassRole': 'role',
  'iam:SetDefaultPolicyVersion': 'policy',
};
