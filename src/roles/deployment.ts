import { parseRoleArn } from '../aws/arns';
import { homeRegion, type Partition } from '../aws/partitions';
import { DEFAULT_ROLE_NAMES } from './needs';
import { accountTemplate, organizationTemplate } from './templates/cloudformation';

/** Everything that people need to make Mothball's roles, in whichever way they make things. */
export interface Deployment {
  readonly template: string;
  readonly terraform: string;
  readonly cliCommands: readonly string[];
  /** Null where no public copy of the template is configured. */
  readonly quickCreateUrl: string | null;
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
}

export interface DeploymentFacts {
  readonly partition: Partition;
  /** The scan role that the account is registered with. */
  readonly scanRoleArn: string;
  readonly externalIdPrefix: string;
  /** As whom Mothball calls AWS. */
  readonly principals: readonly string[];
  /** Where the operator keeps copies of the templates, for the console; null: nowhere. */
  readonly templateUrl: string | null;
}

const STACK = 'mothball';

/** The roles of one account. */
export function accountDeployment(facts: DeploymentFacts): Deployment {
  const parameters = parametersOf(facts);
  return {
    template: accountTemplate(),
    terraform: terraformCall('account', facts, []),
    cliCommands: [deployCommand('account.yaml', facts, parameters)],
    quickCreateUrl: quickCreateUrl('account.yaml', facts, parameters),
    parameters,
  };
}

/** A whole organization's: created in its management account. */
export function organizationDeployment(facts: DeploymentFacts, listingRoleArn: string): Deployment {
  const { name } = parseRoleArn(listingRoleArn);
  const listing = name === DEFAULT_ROLE_NAMES.list ? [] : [{ key: 'ListingRoleName', value: name }];
  const parameters = [...parametersOf(facts), ...listing];
  return {
    template: organizationTemplate(),
    terraform: terraformCall('organization', facts, [
      ['organizational_unit_ids', '["r-…"] # the root, for all accounts'],
      ...(listing.length === 0 ? [] : [['listing_role_name', JSON.stringify(name)] as const]),
    ]),
    cliCommands: [
      'aws cloudformation activate-organizations-access',
      "ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)",
      `${deployCommand('organization.yaml', facts, parameters)} OrganizationalUnitIds="$ROOT"`,
    ],
    quickCreateUrl: quickCreateUrl('organization.yaml', facts, parameters),
    parameters,
  };
}

/** Those that differ from the template's defaults. */
function parametersOf({
  scanRoleArn,
  externalIdPrefix,
  principals,
}: DeploymentFacts): Deployment['parameters'][number][] {
  const { name, path } = parseRoleArn(scanRoleArn);
  return [
    { key: 'ExternalIdPrefix', value: externalIdPrefix },
    { key: 'MothballPrincipals', value: principals.join(',') },
    ...(name === DEFAULT_ROLE_NAMES.scan ? [] : [{ key: 'ScanRoleName', value: name }]),
    ...(path === '/' ? [] : [{ key: 'RolePath', value: path }]),
  ];
}

const deployCommand = (file: string, { partition }: DeploymentFacts, parameters: Deployment['parameters']): string =>
  [
    `aws cloudformation deploy --stack-name ${STACK} --template-file ${file} --region ${homeRegion(partition)}`,
    '--capabilities CAPABILITY_NAMED_IAM',
    `--parameter-overrides ${parameters.map(({ key, value }) => `'${key}=${value}'`).join(' ')}`,
  ].join(' ');

function terraformCall(
  module: 'account' | 'organization',
  { scanRoleArn, externalIdPrefix, principals }: DeploymentFacts,
  more: readonly (readonly [string, string])[],
): string {
  const { name, path } = parseRoleArn(scanRoleArn);
  const values: (readonly [string, string])[] = [
    ['source', `"./deploy/terraform/${module}" # a copy of this folder of Mothball’s repository, with its neighbours`],
    ['external_id_prefix', JSON.stringify(externalIdPrefix)],
    ['principal_arns', JSON.stringify(principals)],
    ...(name === DEFAULT_ROLE_NAMES.scan ? [] : [['scan_role_name', JSON.stringify(name)] as const]),
    ...(path === '/' ? [] : [['role_path', JSON.stringify(path)] as const]),
    ...more,
  ];
  const width = Math.max(...values.map(([key]) => key.length));
  return `module "mothball" {\n${values.map(([key, value]) => `  ${key.padEnd(width)} = ${value}`).join('\n')}\n}\n`;
}

const CONSOLES: Readonly<Record<Partition, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/**
 * The console's page that shows the stack, filled in, to be agreed to.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 */
function quickCreateUrl(
  file: string,
  { partition, templateUrl }: DeploymentFacts,
  parameters: Deployment['parameters'],
): string | null {
  if (templateUrl === null || !isReachedFrom(partition, templateUrl)) return null;
  const region = homeRegion(partition);
  const query = [
    ['templateURL', `${templateUrl.replace(/\/+$/, '')}/${file}`],
    ['stackName', STACK],
    ...parameters.map(({ key, value }) => [`param_${key}`, value]),
  ];
  const written = query.map(([key = '', value = '']) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `https://${region}.${CONSOLES[partition]}/cloudformation/home?region=${region}#/stacks/quickcreate?${written}`;
}

/** CloudFormation takes templates from S3 of its own partition only. */
function isReachedFrom(partition: Partition, templateUrl: string): boolean {
  const { hostname } = new URL(templateUrl);
  const of = hostname.endsWith('.amazonaws.com.cn') ? 'aws-cn' : hostname.includes('us-gov-') ? 'aws-us-gov' : 'aws';
  return of === partition;
}
