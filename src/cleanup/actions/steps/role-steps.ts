import type { ObservedRole } from '../../observed';
import { probe, step } from '../../requests';
import type { Step } from '../../steps';

/** IAM takes an instance profile's name; its ARN may hold a path. */
export const profileName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/**
 * Instance profiles are left and kept → managed policies → inline policies → the role. The boundary stays to the end:
 * taking away the denial before the grants would re-arm the role.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
 */
export function roleDeletion(role: ObservedRole): Step[] {
  const { name: RoleName } = role;
  const detaching = [
    ...role.instanceProfileArns.map((arn) =>
      step('iam:RemoveRoleFromInstanceProfile', { RoleName, InstanceProfileName: profileName(arn) }),
    ),
    ...role.attachedPolicyArns.map((PolicyArn) => step('iam:DetachRolePolicy', { RoleName, PolicyArn })),
    ...Object.keys(role.inlinePolicies).map((PolicyName) => step('iam:DeleteRolePolicy', { RoleName, PolicyName })),
  ];
  const first = detaching.length > 0 ? [probe('iam:DeleteRole', { RoleName })] : [];
  return [...first, ...detaching, step('iam:DeleteRole', { RoleName })];
}

/** What a saved role had and this one has not, in the order in which IAM takes it. */
export function missingOfRole(saved: ObservedRole, seen: ObservedRole): Step[] {
  const { name: RoleName } = seen;
  return [
    ...saved.attachedPolicyArns
      .filter((arn) => !seen.attachedPolicyArns.includes(arn))
      .map((PolicyArn) => step('iam:AttachRolePolicy', { RoleName, PolicyArn })),
    ...Object.entries(saved.inlinePolicies)
      .filter(([name]) => !(name in seen.inlinePolicies))
      .map(([PolicyName, PolicyDocument]) => step('iam:PutRolePolicy', { RoleName, PolicyName, PolicyDocument })),
    // Last: from here on instances can work as it.
    ...saved.instanceProfileArns
      .filter((arn) => !seen.instanceProfileArns.includes(arn))
      .map((arn) => step('iam:AddRoleToInstanceProfile', { RoleName, InstanceProfileName: profileName(arn) })),
  ];
}
