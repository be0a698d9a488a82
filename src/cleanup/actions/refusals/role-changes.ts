import type { ActionContext } from '../../action';
import type { ObservedRole } from '../../observed';
import type { Refusal } from '../../steps';
import { profileName } from '../steps/role-steps';
import { attachmentsChanged, documentsChanged } from './changes';
import { mayHaveDone } from './intended';
import { firstOf, refusal } from './refusal';

/** Policies, instance profiles and documents of a role against what was approved and saved. */
export function roleAttachmentsChanged(seen: ObservedRole, context: ActionContext): Refusal | null {
  const { approved, name: RoleName } = context.item;
  return firstOf(
    () =>
      attachmentsChanged(
        [
          {
            what: 'managed policy',
            seen: seen.attachedPolicyArns,
            approved: approved.attachedPolicyArns,
            takenByUs: (PolicyArn) => mayHaveDone(context, 'iam:DetachRolePolicy', { RoleName, PolicyArn }),
          },
          {
            what: 'inline policy',
            seen: Object.keys(seen.inlinePolicies),
            approved: approved.inlinePolicyNames,
            takenByUs: (PolicyName) => mayHaveDone(context, 'iam:DeleteRolePolicy', { RoleName, PolicyName }),
          },
          {
            what: 'instance profile',
            seen: seen.instanceProfileArns,
            approved: approved.instanceProfileArns,
            takenByUs: (arn) =>
              mayHaveDone(context, 'iam:RemoveRoleFromInstanceProfile', {
                RoleName,
                InstanceProfileName: profileName(arn),
              }),
          },
        ],
        context,
      ),
    () => documentsChanged(seen, context),
  );
}

const PROTECTED = /^\/(aws-service-role|aws-reserved)\//;

/** Plans hold none of them; IAM would refuse to touch them; and this is not where to rely on either. */
export const protectedRole = ({ path, name }: ObservedRole): Refusal | null =>
  PROTECTED.test(path)
    ? refusal(
        'PROTECTED',
        `The role ${name} belongs to AWS (${path}).`,
        'It can be removed only by the service it is for.',
      )
    : null;
