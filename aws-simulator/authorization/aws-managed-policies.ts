/**
 * Documents of AWS managed policies, shortened to what the simulator's services and service-last-accessed data can
 * tell apart. Names and the IAM, STS and Organizations statements are AWS's own.
 */
const document = (effect: 'Allow' | 'Deny', ...actions: string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: effect, Action: actions, Resource: '*' }] });

const otherReads = ['ec2', 'lambda', 's3', 'cloudtrail', 'rds', 'dynamodb'];

const byPath: Readonly<Record<string, string>> = {
  AdministratorAccess: document('Allow', '*'),
  AWSDenyAll: document('Deny', '*'),
  IAMReadOnlyAccess: document(
    'Allow',
    'iam:GenerateCredentialReport',
    'iam:GenerateServiceLastAccessedDetails',
    'iam:Get*',
    'iam:List*',
    'iam:SimulateCustomPolicy',
    'iam:SimulatePrincipalPolicy',
  ),
  IAMFullAccess: document(
    'Allow',
    'iam:*',
    'organizations:DescribeAccount',
    'organizations:DescribeOrganization',
    'organizations:DescribeOrganizationalUnit',
    'organizations:DescribePolicy',
    'organizations:ListChildren',
    'organizations:ListParents',
    'organizations:ListPoliciesForTarget',
    'organizations:ListRoots',
    'organizations:ListPolicies',
    'organizations:ListTargetsForPolicy',
  ),
  IAMUserChangePassword: document('Allow', 'iam:ChangePassword', 'iam:GetAccountPasswordPolicy'),
  SecurityAudit: document(
    'Allow',
    'iam:GenerateCredentialReport',
    'iam:GenerateServiceLastAccessedDetails',
    'iam:Get*',
    'iam:List*',
    'iam:SimulateCustomPolicy',
    'iam:SimulatePrincipalPolicy',
    'organizations:Describe*',
    'organizations:List*',
    ...otherReads.flatMap((service) => [`${service}:Describe*`, `${service}:List*`]),
  ),
  'job-function/ViewOnlyAccess': document(
    'Allow',
    'iam:List*',
    'iam:GetAccountSummary',
    'iam:GetLoginProfile',
    'organizations:List*',
    ...otherReads.map((service) => `${service}:List*`),
  ),
  ReadOnlyAccess: document(
    'Allow',
    'iam:Generate*',
    'iam:Get*',
    'iam:List*',
    'iam:Simulate*',
    'organizations:Describe*',
    'organizations:List*',
    ...otherReads.flatMap((service) => [`${service}:Describe*`, `${service}:Get*`, `${service}:List*`]),
  ),
  AWSOrganizationsReadOnlyAccess: document('Allow', 'organizations:Describe*', 'organizations:List*'),
  AWSOrganizationsFullAccess: document('Allow', 'organizations:*'),
  PowerUserAccess: JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: [
          'iam:CreateServiceLinkedRole',
          'iam:DeleteServiceLinkedRole',
          'iam:ListRoles',
          'organizations:DescribeOrganization',
        ],
        Resource: '*',
      },
    ],
  }),
  AmazonS3FullAccess: document('Allow', 's3:*', 's3-object-lambda:*'),
  AmazonS3ReadOnlyAccess: document('Allow', 's3:Get*', 's3:List*', 's3:Describe*'),
  AmazonEC2FullAccess: document('Allow', 'ec2:*', 'elasticloadbalancing:*', 'cloudwatch:*', 'autoscaling:*'),
  AmazonEC2ReadOnlyAccess: document('Allow', 'ec2:Describe*', 'elasticloadbalancing:Describe*', 'cloudwatch:Describe*'),
  AmazonDynamoDBFullAccess: document('Allow', 'dynamodb:*'),
  AmazonSSMManagedInstanceCore: document('Allow', 'ssm:*', 'ssmmessages:*', 'ec2messages:*'),
  AmazonSQSFullAccess: document('Allow', 'sqs:*'),
  AWSCloudFormationFullAccess: document('Allow', 'cloudformation:*'),
  AWSCodeCommitPowerUser: document('Allow', 'codecommit:*'),
  AmazonSESFullAccess: document('Allow', 'ses:*'),
  CloudWatchAgentServerPolicy: document(
    'Allow',
    'cloudwatch:PutMetricData',
    'logs:PutLogEvents',
    'logs:CreateLogStream',
  ),
  CloudWatchReadOnlyAccess: document('Allow', 'cloudwatch:Get*', 'cloudwatch:List*', 'logs:Get*'),
  'job-function/Billing': document('Allow', 'aws-portal:*', 'ce:*', 'budgets:*'),
  'service-role/AWSLambdaBasicExecutionRole': document(
    'Allow',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ),
  'service-role/AWSLambdaVPCAccessExecutionRole': document('Allow', 'logs:PutLogEvents', 'ec2:CreateNetworkInterface'),
  'service-role/AmazonECSTaskExecutionRolePolicy': document('Allow', 'ecr:GetAuthorizationToken', 'logs:PutLogEvents'),
};

const ARN = /^arn:[\w-]+:iam::aws:policy\/(.+)$/;

/** The document of an AWS managed policy; `undefined` for one that the simulator does not know. */
export function awsManagedPolicy(arn: string): string | undefined {
  const name = ARN.exec(arn)?.[1];
  if (name === undefined) return undefined;
  if (byPath[name] !== undefined) return byPath[name];
  // A service-linked role's own policy, or one not listed above: known to exist, allows nothing that we answer for.
  return undefined;
}

export const isAwsManaged = (arn: string): boolean => ARN.test(arn);
