import type { IamCall } from './iam-call';
import { authorize } from '../../authorization/authorize';
import type { ConditionContext } from '../../authorization/conditions';
import { roleArn } from '../../world/arn';

/**
 * Putting a role into an instance profile hands it to EC2: the caller needs `iam:PassRole` on the role, too.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
 */
export function authorizePassRole(call: IamCall, base: ConditionContext): void {
  const { account, parameters, principal, simulation } = call;
  const { accountId } = account.summary;
  const name = parameters.text('RoleName');
  authorize({
    principal,
    action: 'iam:PassRole',
    resource: roleArn(account, account.roles.get(name.toLowerCase()) ?? { path: '/', name }),
    context: base.with([
      ['aws:ResourceAccount', accountId],
      ['iam:PassedToService', account.partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com'],
      ['iam:AssociatedResourceArn', `arn:${account.partition}:ec2:*:${accountId}:instance/*`],
    ]),
    serviceControl: simulation.directory.serviceControlPolicy(accountId),
  });
}
