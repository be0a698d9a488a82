import {
  ACCOUNT_CONDITIONS,
  ACCOUNT_PARAMETERS,
  ACCOUNT_ROLES,
  LISTING_ROLE,
  listingRoleName,
  roleOutputs,
  roleResources,
} from './cloudformation-roles';
import { Call, Ref, toCloudFormation } from './cloudformation-yaml';

const HEADER = '# Written by `npm run deploy:generate` from what the program declares. Do not edit.\n';

/** The roles of one account: for a stack of its own, and for each account of the organization's StackSet. */
export function accountTemplate(): string {
  return (
    HEADER +
    toCloudFormation({
      AWSTemplateFormatVersion: '2010-09-09',
      Description: 'The roles by which Mothball reads this account and, where wanted, cleans it up.',
      Parameters: ACCOUNT_PARAMETERS,
      Conditions: ACCOUNT_CONDITIONS,
      Resources: roleResources(ACCOUNT_ROLES),
      Outputs: roleOutputs(ACCOUNT_ROLES),
    })
  );
}

/**
 * For the management account: a StackSet that deploys to all accounts, present and future, and the management account's
 * own roles, which a StackSet skips. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
 */
export function organizationTemplate(): string {
  return (
    HEADER +
    toCloudFormation({
      AWSTemplateFormatVersion: '2010-09-09',
      Description:
        'Lets Mothball list this organization and read all its accounts, future ones too. Create it in the management account.',
      Parameters: {
        OrganizationalUnitIds: {
          Type: 'CommaDelimitedList',
          Description: 'The root (r-…) for the whole organization, or organizational units (ou-…).',
        },
        ...ACCOUNT_PARAMETERS,
        ListingRoleName: listingRoleName,
      },
      Conditions: ACCOUNT_CONDITIONS,
      Resources: { ...roleResources([LISTING_ROLE, ...ACCOUNT_ROLES]), MemberAccounts: stackSet() },
      Outputs: roleOutputs([LISTING_ROLE, ...ACCOUNT_ROLES]),
    })
  );
}

function stackSet(): object {
  return {
    Type: 'AWS::CloudFormation::StackSet',
    Properties: {
      StackSetName: 'mothball',
      Description: 'The roles by which Mothball reads the accounts of this organization.',
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'SELF',
      // An account that leaves the organization is no longer ours to read.
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      // One account that refuses must not keep the others from getting their roles.
      OperationPreferences: { FailureTolerancePercentage: 100, MaxConcurrentPercentage: 100 },
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Object.keys(ACCOUNT_PARAMETERS).map((name) => ({
        ParameterKey: name,
        ParameterValue: name === 'MothballPrincipals' ? new Call('Join', [',', new Ref(name)]) : new Ref(name),
      })),
      // IAM is global: one region is enough.
      StackInstancesGroup: [
        {
          DeploymentTargets: { OrganizationalUnitIds: new Ref('OrganizationalUnitIds') },
          Regions: [new Ref('AWS::Region')],
        },
      ],
      TemplateBody: accountTemplate(),
    },
  };
}
