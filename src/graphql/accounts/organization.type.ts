import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { OrganizationRow } from '../../accounts/organizations.service';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { RoleSetup } from './account.type';
import { RoleDeployment } from './role-deployment.type';

@ObjectType({
  description: 'What has to be created in AWS so that Mothball can list an organization and read its accounts.',
})
export class OrganizationSetup {
  @Field(() => RoleSetup, {
    description: 'The role in the management account (or a delegated administrator’s) that lists accounts.',
  })
  readonly listing!: RoleSetup;

  @Field(() => String, { description: 'The name of the role that each account needs, for a StackSet.' })
  readonly scanRoleName!: string;

  @Field(() => String, {
    description:
      'Each account’s external id is this, a hyphen and the account’s id: !Sub "${Prefix}-${AWS::AccountId}".',
  })
  readonly externalIdPrefix!: string;

  @Field(() => RoleSetup, {
    description: 'The scan role of the management account, which a StackSet skips: it needs a stack of its own.',
  })
  readonly managementScan!: RoleSetup;

  @Field(() => RoleDeployment, {
    nullable: true,
    description:
      'One stack for the management account: these two roles, and a StackSet for all accounts, future ones too. Null while Mothball itself has no AWS credentials.',
  })
  readonly deployment!: RoleDeployment | null;
}

@ObjectType({ implements: () => [Node], description: 'A connection to AWS Organizations, which lists accounts.' })
export class Organization implements Node {
  constructor(readonly row: OrganizationRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Organization', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'Its name here.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { description: 'aws, aws-cn or aws-us-gov.' })
  get partition(): string {
    return this.row.partition;
  }

  @Field(() => String, { description: 'The AWS account id of its management account.' })
  get managementAccountId(): string {
    return this.row.management_account_id;
  }

  @Field(() => String, { nullable: true, description: 'AWS’s own id, "o-…"; null before the first sync.' })
  get awsOrganizationId(): string | null {
    return this.row.aws_organization_id;
  }

  @Field(() => DateTime, { description: 'When it was connected.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When its accounts were last listed; null: never.' })
  get syncedAt(): Date | null {
    return this.row.synced_at;
  }

  @Field(() => String, { nullable: true, description: 'Why the last sync failed; null: it did not.' })
  get problem(): string | null {
    return this.row.sync_problem;
  }

  @Field(() => String, { nullable: true, description: 'What to do about `problem`.' })
  get remedy(): string | null {
    return this.row.sync_remedy;
  }
}

export const OrganizationConnection = connectionOf(Organization, 'Organization');
