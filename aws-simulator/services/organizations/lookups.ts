import { AwsError } from '../../protocol/aws-error';
import { accountElement, unitElement } from './elements';
import type { OrganizationsOperation } from './organizations';
import { ACCOUNT_ID, RESOURCE_ID, UNIT_ID, accountArn, at, organizationArn, text } from './targets';

export const lookups: Record<string, OrganizationsOperation> = {
  DescribeOrganization: (call) => {
    const { organization } = at(call);
    const management = organization.accounts.get(organization.managementAccountId);
    return {
      Organization: {
        Id: organization.id,
        Arn: organizationArn(at(call)),
        FeatureSet: 'ALL',
        MasterAccountId: organization.managementAccountId,
        MasterAccountArn: accountArn(at(call), organization.managementAccountId),
        MasterAccountEmail: management?.email,
        AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
      },
    };
  },

  DescribeAccount: (call) => {
    const account = at(call).organization.accounts.get(text(call.input, 'AccountId', ACCOUNT_ID));
    if (!account) throw new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");
    return { Account: accountElement(call, account) };
  },

  DescribeOrganizationalUnit: (call) => {
    const unit = at(call).organization.units.get(text(call.input, 'OrganizationalUnitId', UNIT_ID));
    if (!unit) {
      throw new AwsError(
        'OrganizationalUnitNotFoundException',
        "You specified an organizational unit that doesn't exist.",
      );
    }
    return { OrganizationalUnit: unitElement(call, unit) };
  },

  /** Only accounts carry tags here; one call each, as in AWS. */
  ListTagsForResource: (call) => {
    const { organization } = at(call);
    const id = text(call.input, 'ResourceId', RESOURCE_ID);
    const account = organization.accounts.get(id);
    if (!account && id !== organization.rootId && !organization.units.has(id)) {
      throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
    }
    return { Tags: [...(account?.tags ?? [])].map(([Key, Value]) => ({ Key, Value })) };
  },
};
