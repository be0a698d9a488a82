import { DEFAULT_ROLE_NAMES, type RoleKind } from '../needs';
import { Call, GetAtt, Ref, Sub } from './cloudformation-yaml';
import { hasVariable, fill, permissionsPolicy, type PolicyDocument, trailPolicy, trustPolicy } from './policy';

/** A cleanup session lasts 900 s, a scan of a large account may need an hour. */
const SESSION_SECONDS = 3_600;

const VALUES = {
  partition: '${AWS::Partition}',
  account: '${AWS::AccountId}',
  path: '${RolePath}',
  scan: '${ScanRoleName}',
  cleanup: '${CleanupRoleName}',
  restore: '${RestoreRoleName}',
  externalId: '${ExternalIdPrefix}-${AWS::AccountId}',
};

/** The policy with CloudFormation's functions in the place of variables. */
function filled(value: unknown): unknown {
  if (value === '{principals}') return new Ref('MothballPrincipals');
  if (typeof value === 'string') return hasVariable(value) ? new Sub(fill(value, VALUES)) : value;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  }
  return value;
}

const policy = (document: PolicyDocument): unknown => filled(document);

export interface RoleForm {
  readonly kind: RoleKind;
  readonly description: string;
  /** The parameter that names it. */
  readonly nameParameter: string;
  /** The condition under which it is made; none: always. */
  readonly condition?: string;
}

const SCAN_ROLE: RoleForm = {
  kind: 'scan',
  description: 'Lets Mothball read users, roles and credentials of this account; changes nothing.',
  nameParameter: 'ScanRoleName',
};
export const ACCOUNT_ROLES: readonly RoleForm[] = [
  SCAN_ROLE,
  {
    kind: 'cleanup',
    description: 'Lets Mothball quarantine and delete unused users, roles and credentials, as was agreed.',
    nameParameter: 'CleanupRoleName',
    condition: 'WithCleanupRole',
  },
  {
    kind: 'restore',
    description: 'Lets Mothball make deleted users and roles again. Enable it for a restore only.',
    nameParameter: 'RestoreRoleName',
    condition: 'WithRestoreRole',
  },
  {
    kind: 'notifications',
    description: 'Lets Mothball publish what it has to tell to topics of SNS in this account.',
    nameParameter: 'NotificationsRoleName',
    condition: 'WithNotificationsRole',
  },
];
export const LISTING_ROLE: RoleForm = {
  kind: 'list',
  description: 'Lets Mothball list the accounts of this organization.',
  nameParameter: 'ListingRoleName',
};

const OPTIONAL_TRAIL = new Call('If', [
  'WithCloudTrail',
  { PolicyName: 'mothball-cloudtrail', PolicyDocument: policy(trailPolicy()) },
  new Ref('AWS::NoValue'),
]);

const resourceName = ({ nameParameter }: RoleForm): string => nameParameter.replace(/Name$/, '');

function roleResource({ kind, description, nameParameter, condition }: RoleForm): object {
  return {
    Type: 'AWS::IAM::Role',
    ...(condition === undefined ? {} : { Condition: condition }),
    Properties: {
      RoleName: new Ref(nameParameter),
      Path: new Ref('RolePath'),
      Description: description,
      MaxSessionDuration: SESSION_SECONDS,
      PermissionsBoundary: new Call('If', [
        'HasPermissionsBoundary',
        new Ref('PermissionsBoundaryArn'),
        new Ref('AWS::NoValue'),
      ]),
      AssumeRolePolicyDocument: policy(trustPolicy(kind)),
      Policies: [
        { PolicyName: 'mothball', PolicyDocument: policy(permissionsPolicy(kind)) },
        ...(kind === 'scan' ? [OPTIONAL_TRAIL] : []),
      ],
    },
  };
}

export const roleResources = (forms: readonly RoleForm[]): Record<string, object> =>
  Object.fromEntries(forms.map((form) => [resourceName(form), roleResource(form)]));

export const roleOutputs = (forms: readonly RoleForm[]): Record<string, object> =>
  Object.fromEntries(
    forms.map((form) => [
      `${resourceName(form)}Arn`,
      {
        Description: form.description,
        ...(form.condition === undefined ? {} : { Condition: form.condition }),
        Value: new GetAtt(`${resourceName(form)}.Arn`),
      },
    ]),
  );

const yesOrNo = (description: string): object => ({
  Type: 'String',
  AllowedValues: ['yes', 'no'],
  Default: 'no',
  Description: description,
});

const roleName = (kind: RoleKind, description: string): object => ({
  Type: 'String',
  Default: DEFAULT_ROLE_NAMES[kind],
  AllowedPattern: '[\\w+=,.@-]{1,64}',
  Description: description,
});

/** Parameters of every template: the order is that of the console's form. */
export const ACCOUNT_PARAMETERS: Readonly<Record<string, object>> = {
  ExternalIdPrefix: {
    Type: 'String',
    MinLength: 8,
    AllowedPattern: '[\\w+=,.@:/-]+',
    Description: 'As Mothball says. The external id is this, a hyphen and the number of the account.',
  },
  MothballPrincipals: {
    Type: 'CommaDelimitedList',
    Description: 'ARNs of the users, roles or accounts as which Mothball calls AWS.',
  },
  CreateCleanupRole: yesOrNo('Whether Mothball may quarantine and delete here what was agreed to.'),
  CreateRestoreRole: yesOrNo('Whether Mothball may make deleted users and roles again: yes only while it is needed.'),
  CreateNotificationsRole: yesOrNo(
    'Whether Mothball may publish what it has to tell to topics of SNS in this account.',
  ),
  ReadCloudTrail: yesOrNo('Whether Mothball may look in CloudTrail for use of what is in quarantine.'),
  ScanRoleName: roleName('scan', 'The role that reads.'),
  CleanupRoleName: roleName('cleanup', 'The role that quarantines and deletes.'),
  RestoreRoleName: roleName('restore', 'The role that makes again what was deleted.'),
  NotificationsRoleName: roleName('notifications', 'The role that publishes to topics of SNS.'),
  RolePath: {
    Type: 'String',
    Default: '/',
    AllowedPattern: '/|/[!-~]+/',
    Description: 'The path of the roles. Begins and ends with a slash.',
  },
  PermissionsBoundaryArn: {
    Type: 'String',
    Default: '',
    AllowedPattern: '|arn:aws[\\w-]*:iam::(aws|\\d{12}):policy/.+',
    Description: 'A permissions boundary for the roles, where new roles must have one; else empty.',
  },
};

export const ACCOUNT_CONDITIONS: Readonly<Record<string, Call>> = {
  WithCleanupRole: new Call('Equals', [new Ref('CreateCleanupRole'), 'yes']),
  WithRestoreRole: new Call('Equals', [new Ref('CreateRestoreRole'), 'yes']),
  WithNotificationsRole: new Call('Equals', [new Ref('CreateNotificationsRole'), 'yes']),
  WithCloudTrail: new Call('Equals', [new Ref('ReadCloudTrail'), 'yes']),
  HasPermissionsBoundary: new Call('Not', [new Call('Equals', [new Ref('PermissionsBoundaryArn'), ''])]),
};

export const listingRoleName = roleName('list', 'The role that lists the accounts of the organization.');
