import { DEFAULT_ROLE_NAMES, type RoleKind } from '../needs';
import { ACCOUNT_ROLES, LISTING_ROLE, type RoleForm } from './cloudformation-roles';
import { hclPolicy } from './hcl';
import { permissionsPolicy, trailPolicy, trustPolicy } from './policy';

export const HEADER = '# Written by `npm run deploy:generate` from what the program declares. Do not edit.\n';

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly default?: string;
}

const roleName = (kind: RoleKind, description: string): Variable => ({
  name: `${kind === 'list' ? 'listing' : kind}_role_name`,
  type: 'string',
  description,
  default: JSON.stringify(DEFAULT_ROLE_NAMES[kind]),
});

export const ACCOUNT_VARIABLES: readonly Variable[] = [
  {
    name: 'external_id_prefix',
    type: 'string',
    description: 'As Mothball says. The external id is this, a hyphen and the number of the account.',
  },
  {
    name: 'principal_arns',
    type: 'list(string)',
    description: 'ARNs of the users, roles or accounts as which Mothball calls AWS.',
  },
  {
    name: 'create_cleanup_role',
    type: 'bool',
    description: 'Whether Mothball may quarantine and delete here what was agreed to.',
    default: 'false',
  },
  {
    name: 'create_restore_role',
    type: 'bool',
    description: 'Whether Mothball may make deleted users and roles again: true only while it is needed.',
    default: 'false',
  },
  {
    name: 'create_notifications_role',
    type: 'bool',
    description: 'Whether Mothball may publish what it has to tell to topics of SNS in this account.',
    default: 'false',
  },
  {
    name: 'read_cloudtrail',
    type: 'bool',
    description: 'Whether Mothball may look in CloudTrail for use of what is in quarantine.',
    default: 'false',
  },
  roleName('scan', 'The role that reads.'),
  roleName('cleanup', 'The role that quarantines and deletes.'),
  roleName('restore', 'The role that makes again what was deleted.'),
  roleName('notifications', 'The role that publishes to topics of SNS.'),
  {
    name: 'role_path',
    type: 'string',
    description: 'The path of the roles. Begins and ends with a slash.',
    default: '"/"',
  },
  {
    name: 'permissions_boundary_arn',
    type: 'string',
    description: 'A permissions boundary for the roles, where new roles must have one.',
    default: 'null',
  },
];

export const LISTING_VARIABLE = roleName('list', 'The role that lists the accounts of the organization.');

export const variables = (list: readonly Variable[]): string =>
  list
    .map(({ name, type, description, default: preset }) =>
      [
        `variable "${name}" {`,
        `  type        = ${type}`,
        `  description = ${JSON.stringify(description)}`,
        ...(preset === undefined ? [] : [`  default     = ${preset}`]),
        '}\n',
      ].join('\n'),
    )
    .join('\n');

export const LOCALS = `data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition   = data.aws_partition.current.partition
  account_id  = data.aws_caller_identity.current.account_id
  external_id = "\${var.external_id_prefix}-\${local.account_id}"
}
`;

/** A role with its policy. Those that are an option exist at most once, so they are counted. */
export function role({ kind, description, condition }: RoleForm): string {
  const name = kind === 'list' ? 'listing' : kind;
  const counted = condition === undefined ? '' : `  count = var.create_${kind}_role ? 1 : 0\n\n`;
  const self = condition === undefined ? `aws_iam_role.${name}` : `aws_iam_role.${name}[0]`;
  return `resource "aws_iam_role" "${name}" {
${counted}  name                 = var.${name}_role_name
  path                 = var.role_path
  description          = ${JSON.stringify(description)}
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = ${hclPolicy(trustPolicy(kind), 2)}
}

resource "aws_iam_role_policy" "${name}" {
${counted}  name = "mothball"
  role = ${self}.id

  policy = ${hclPolicy(permissionsPolicy(kind), 2)}
}
`;
}

export const outputs = (forms: readonly RoleForm[]): string =>
  forms
    .map(({ kind, condition }) => {
      const name = kind === 'list' ? 'listing' : kind;
      const value = condition === undefined ? `aws_iam_role.${name}.arn` : `one(aws_iam_role.${name}[*].arn)`;
      return `output "${name}_role_arn" {\n  value = ${value}\n}\n`;
    })
    .join('\n');

const TRAIL = `resource "aws_iam_role_policy" "cloudtrail" {
  count = var.read_cloudtrail ? 1 : 0

  name = "mothball-cloudtrail"
  role = aws_iam_role.scan.id

  policy = ${hclPolicy(trailPolicy(), 2)}
}
`;

export const accountRoles = (): string => [...ACCOUNT_ROLES.map(role), TRAIL].join('\n');
export const listingRole = (): string => role(LISTING_ROLE);
