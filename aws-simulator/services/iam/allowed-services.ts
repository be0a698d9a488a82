import { identityDocuments } from '../../authorization/authorize';
import { actionMatches } from '../../authorization/matching';
import { parsePolicy } from '../../authorization/policy-document';
import type { Statement } from '../../authorization/policy-document';
import type { SimAccount, SimPrincipal } from '../../world/model';

/** Namespaces that a `*` stands for; those that policies name are added to them. */
const NAMESPACES: Readonly<Record<string, string>> = {
  autoscaling: 'AWS Auto Scaling',
  bedrock: 'Amazon Bedrock',
  cloudformation: 'AWS CloudFormation',
  cloudtrail: 'AWS CloudTrail',
  cloudwatch: 'Amazon CloudWatch',
  codecommit: 'AWS CodeCommit',
  dynamodb: 'Amazon DynamoDB',
  ec2: 'Amazon EC2',
  ecr: 'Amazon Elastic Container Registry',
  ecs: 'Amazon Elastic Container Service',
  iam: 'AWS Identity and Access Management',
  kms: 'AWS Key Management Service',
  lambda: 'AWS Lambda',
  logs: 'Amazon CloudWatch Logs',
  organizations: 'AWS Organizations',
  rds: 'Amazon RDS',
  s3: 'Amazon S3',
  secretsmanager: 'AWS Secrets Manager',
  ses: 'Amazon SES',
  sns: 'Amazon SNS',
  sqs: 'Amazon SQS',
  ssm: 'AWS Systems Manager',
  sts: 'AWS Security Token Service',
};

export const serviceName = (namespace: string): string => NAMESPACES[namespace] ?? namespace;

/**
 * The services that the identity's permissions policies allow; boundaries and session policies are ignored.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 * `inlineDenyAllEmpties`: unsure in AWS, so a switch.
 */
export function allowedServices(account: SimAccount, identity: SimPrincipal, inlineDenyAllEmpties: boolean): string[] {
  if (inlineDenyAllEmpties && [...identity.inlinePolicies.values()].some(deniesAll)) return [];
  const allows = identityDocuments(account, identity)
    .flatMap((document) => parsePolicy(document))
    .filter(({ effect }) => effect === 'Allow');
  const named = allows.flatMap(({ actions }) =>
    (actions ?? []).map((action) => action.split(':')[0]?.toLowerCase() ?? ''),
  );
  const known = new Set([...Object.keys(NAMESPACES), ...named.filter((name) => /^[a-z0-9-]+$/.test(name))]);
  return [...known].filter((namespace) => allows.some((statement) => mentions(statement, namespace))).sort();
}

function mentions({ actions, notActions }: Statement, namespace: string): boolean {
  if (actions) return actions.some((action) => action === '*' || action.split(':')[0]?.toLowerCase() === namespace);
  return !(notActions ?? []).some((action) => actionMatches(action, `${namespace}:*`));
}

const deniesAll = (document: string): boolean =>
  parsePolicy(document).some(
    ({ effect, actions, resources, conditions }) =>
      effect === 'Deny' &&
      (actions ?? []).includes('*') &&
      (resources ?? []).includes('*') &&
      Object.keys(conditions).length === 0,
  );
