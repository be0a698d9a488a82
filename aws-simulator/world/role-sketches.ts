import type { Workshop } from './generate-account';
import { COMPONENTS, PRODUCTS, regionsOf } from './names';
import type { Random } from './random';

/** What tells one role from another, before ids and dates. */
export interface RoleSketch {
  name: string;
  trustPolicy: string;
  path?: string;
  description?: string;
  /** Names of AWS managed policies, with their path. */
  awsPolicies?: readonly string[];
  inlinePolicy?: string;
  tags?: Readonly<Record<string, string>>;
  instanceProfile?: boolean;
  maxSessionDuration?: number;
  /** Used about once a year. */
  rare?: boolean;
}

const documents = new Map<string, string>();

/** One string for all roles that trust the same: a large account would hold thousands of copies. */
function trust(principal: Record<string, string>, action = 'sts:AssumeRole', condition?: object): string {
  const made = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: action,
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ],
  });
  const known = documents.get(made);
  if (known !== undefined) return known;
  documents.set(made, made);
  return made;
}

const service = (name: string): string => trust({ Service: `${name}.amazonaws.com` });

const LOGS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 's3:GetObject'], Resource: '*' },
  ],
});

const SERVICE_LINKED = [
  ['support', 'AWSServiceRoleForSupport'],
  ['trustedadvisor', 'AWSServiceRoleForTrustedAdvisor'],
  ['organizations', 'AWSServiceRoleForOrganizations'],
  ['sso', 'AWSServiceRoleForSSO'],
  ['autoscaling', 'AWSServiceRoleForAutoScaling'],
  ['elasticloadbalancing', 'AWSServiceRoleForElasticLoadBalancing'],
  ['ecs', 'AWSServiceRoleForECS'],
  ['rds', 'AWSServiceRoleForRDS'],
  ['config', 'AWSServiceRoleForConfig'],
  ['guardduty', 'AWSServiceRoleForAmazonGuardDuty'],
] as const;

const SSO_SETS = ['AdministratorAccess', 'ReadOnlyAccess', 'Billing', 'PowerUserAccess'] as const;

/** What AWS and a landing zone put into each account, the most usual first. */
export function fixedRoles({ account, random, settings }: Workshop): RoleSketch[] {
  const { partition, summary } = account;
  const region = regionsOf(settings.partition)[0] ?? 'us-east-1';
  const self = `arn:${partition}:iam::${summary.accountId}:root`;
  const sso = SSO_SETS.map((set) => ({
    name: `AWSReservedSSO_${set}_${random.hex(16)}`,
    path: `/aws-reserved/sso.amazonaws.com/${region}/`,
    trustPolicy: trust(
      { Federated: `arn:${partition}:iam::${summary.accountId}:saml-provider/AWSSSO_DO_NOT_DELETE` },
      'sts:AssumeRoleWithSAML',
    ),
    maxSessionDuration: 43_200,
  }));
  const linked = SERVICE_LINKED.map(([name, roleName]) => ({
    name: roleName,
    path: `/aws-service-role/${name}.amazonaws.com/`,
    trustPolicy: service(name),
  }));
  const cdk = ['deploy', 'file-publishing', 'image-publishing', 'lookup', 'cfn-exec'].map((part) => ({
    name: `cdk-hnb659fds-${part}-role-${summary.accountId}-${region}`,
    trustPolicy: part === 'cfn-exec' ? service('cloudformation') : trust({ AWS: self }),
    tags: { 'aws-cdk:bootstrap-role': part },
  }));
  const access =
    summary.joinedMethod === 'CREATED'
      ? [
          {
            name: 'OrganizationAccountAccessRole',
            trustPolicy: trust({ AWS: self }),
            awsPolicies: ['AdministratorAccess'],
          },
        ]
      : [];
  return [
    ...access,
    ...linked.slice(0, 2),
    ...sso.slice(0, 2),
    { name: 'AWSControlTowerExecution', trustPolicy: trust({ AWS: self }), awsPolicies: ['AdministratorAccess'] },
    { name: 'aws-controltower-ForwardSnsNotificationRole', path: '/', trustPolicy: service('lambda') },
    {
      name: `stacksets-exec-${random.hex(32)}`,
      trustPolicy: trust({ AWS: self }),
      awsPolicies: ['AdministratorAccess'],
    },
    { name: 'AWSCloudFormationStackSetExecutionRole', trustPolicy: trust({ AWS: self }) },
    { name: 'breakglass-role', trustPolicy: trust({ AWS: self }), awsPolicies: ['AdministratorAccess'], rare: true },
    { name: 'security-audit', path: '/security/', trustPolicy: trust({ AWS: self }), awsPolicies: ['SecurityAudit'] },
    ...cdk,
    ...linked.slice(2),
    ...sso.slice(2),
    { name: 'disaster-recovery-failover', trustPolicy: service('lambda'), rare: true },
    { name: 'year-end-closing', path: '/service-role/', trustPolicy: service('states'), rare: true },
  ];
}

type Maker = (random: Random, base: string, workshop: Workshop) => RoleSketch;

const MAKERS: readonly (readonly [Maker, number])[] = [
  [
    (random, base) => ({
      name: `${base}-role-${random.base32(8).toLowerCase()}`,
      path: '/service-role/',
      trustPolicy: service('lambda'),
      awsPolicies: ['service-role/AWSLambdaBasicExecutionRole'],
    }),
    30,
  ],
  [(_, base) => ({ name: `${base}-lambda`, trustPolicy: service('lambda'), inlinePolicy: LOGS }), 12],
  [
    (_, base) => ({
      name: `${base}-ec2`,
      trustPolicy: service('ec2'),
      instanceProfile: true,
      awsPolicies: ['AmazonSSMManagedInstanceCore'],
    }),
    14,
  ],
  [(_, base) => ({ name: `${base}-task`, trustPolicy: service('ecs-tasks'), inlinePolicy: LOGS }), 12],
  [(_, base) => ({ name: `${base}-task-execution`, trustPolicy: service('ecs-tasks') }), 6],
  [githubDeployment, 8],
  [
    (random, base, { settings }) => ({
      name: `terraform-${base}`,
      path: '/terraform/',
      trustPolicy: trust({ AWS: `arn:${settings.partition}:iam::${random.int(1, 9)}00000000000:root` }),
      tags: { 'managed-by': 'terraform' },
    }),
    6,
  ],
  [vendor, 5],
  [(random, base) => ({ name: `${base}-StepFunctions-${random.hex(6)}`, trustPolicy: service('states') }), 4],
  [(_, base) => ({ name: `AWSGlueServiceRole-${base}`, path: '/service-role/', trustPolicy: service('glue') }), 4],
  [(random, base) => ({ name: `${base}-${random.base32(12)}`, trustPolicy: service('cloudformation') }), 3],
];

/** One of the roles that teams make for themselves. */
export function ordinaryRole(workshop: Workshop): RoleSketch {
  const { random } = workshop;
  const base = `${random.pick(PRODUCTS)}-${random.pick(COMPONENTS)}`;
  return random.weighted(MAKERS)(random, base, workshop);
}

function githubDeployment(_: Random, base: string, { account }: Workshop): RoleSketch {
  const provider = `arn:${account.partition}:iam::${account.summary.accountId}:oidc-provider/token.actions.githubusercontent.com`;
  return {
    name: `github-deploy-${base}`,
    path: '/ci/',
    trustPolicy: trust({ Federated: provider }, 'sts:AssumeRoleWithWebIdentity', {
      StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/*' },
    }),
  };
}

const VENDORS = [
  ['DatadogIntegrationRole', '444455556666'],
  ['CloudHealth', '555566667777'],
  ['NewRelicInfrastructure-Integrations', '666677778888'],
  ['PrismaCloudReadOnly', '777788889999'],
] as const;

function vendor(random: Random, base: string, { account }: Workshop): RoleSketch {
  const [name, owner] = random.pick(VENDORS);
  return {
    name: `${name}-${base}`.slice(0, 64),
    path: '/vendors/',
    trustPolicy: trust({ AWS: `arn:${account.partition}:iam::${owner}:root` }, 'sts:AssumeRole', {
      StringEquals: { 'sts:ExternalId': random.hex(24) },
    }),
    awsPolicies: ['SecurityAudit'],
  };
}
