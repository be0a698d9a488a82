import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { AccountRow, Coverage as CoverageValue } from '../../accounts/account';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { Tag } from '../core/tag.type';
import { RoleDeployment } from './role-deployment.type';

export const Coverage = {
  COMPLETE: 'complete',
  PARTIAL: 'partial',
  FAILED: 'failed',
  STALE: 'stale',
  PENDING: 'pending',
  NO_ACCESS: 'no_access',
  EXCLUDED: 'excluded',
  LEFT: 'left',
} as const satisfies Record<Uppercase<CoverageValue>, CoverageValue>;

registerEnumType(Coverage, {
  name: 'Coverage',
  description: 'How well an account is seen.',
  valuesMap: {
    COMPLETE: { description: 'The last scan read everything.' },
    PARTIAL: { description: 'The last scan could not read something; see `lastScan { notRead { … } }`.' },
    FAILED: { description: 'The last scan could not read the account at all; see `lastScan { reason remedy }`.' },
    STALE: { description: 'Not read completely for 48 hours.' },
    PENDING: { description: 'Not verified or not scanned yet.' },
    NO_ACCESS: {
      description: 'Its scan role cannot be assumed: see `problem` and `remedy`. What is known of it stays.',
    },
    EXCLUDED: { description: 'Not ACTIVE in its organization (suspended, closed …), so it is not scanned.' },
    LEFT: { description: 'No longer in its organization.' },
  },
});

export const AccountSource = { ORGANIZATION: 'organization', REGISTERED: 'registered' } as const;

registerEnumType(AccountSource, {
  name: 'AccountSource',
  description: 'How an account came here.',
  valuesMap: {
    ORGANIZATION: { description: 'Listed by a connected organization.' },
    REGISTERED: { description: 'Registered by itself.' },
  },
});

@ObjectType({ description: 'What has to be created in AWS so that Mothball can read.' })
export class RoleSetup {
  @Field(() => String, { description: 'The role that Mothball assumes.' })
  readonly roleArn!: string;

  @Field(() => String, {
    description: 'What its trust policy must demand as sts:ExternalId. Made by Mothball, never by you.',
  })
  readonly externalId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The role’s trust policy, as JSON; null while Mothball itself has no AWS credentials to name in it.',
  })
  readonly trustPolicy!: string | null;

  @Field(() => [String], { description: 'The actions that the role must be allowed; all of them only read.' })
  readonly permissions!: readonly string[];

  @Field(() => String, { description: 'The role’s permissions as an IAM policy, as JSON.' })
  readonly policy!: string;

  @Field(() => RoleDeployment, {
    nullable: true,
    description:
      'How to make it. Null for a role that an organization’s `deployment` makes, and while Mothball itself has no AWS credentials.',
  })
  readonly deployment!: RoleDeployment | null;
}

@ObjectType({ implements: () => [Node], description: 'An AWS account.' })
export class Account implements Node {
  constructor(readonly row: AccountRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Account', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'The twelve digits.' })
  get awsAccountId(): string {
    return this.row.aws_account_id;
  }

  @Field(() => String, { description: 'Its name.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { description: 'aws, aws-cn or aws-us-gov.' })
  get partition(): string {
    return this.row.partition;
  }

  @Field(() => Coverage, { description: 'How well it is seen.' })
  get coverage(): CoverageValue {
    return this.row.coverage;
  }

  @Field(() => AccountSource, { description: 'How it came here.' })
  get source(): AccountRow['source'] {
    return this.row.source;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'Its state as AWS Organizations says: ACTIVE, SUSPENDED, CLOSED …; null when it was registered by itself.',
  })
  get state(): string | null {
    return this.row.aws_state;
  }

  @Field(() => String, { nullable: true, description: 'Its organizational units, "/Workloads/Prod"; "/" is the root.' })
  get ouPath(): string | null {
    return this.row.ou_path;
  }

  @Field(() => [Tag], { description: 'Its tags in AWS Organizations, by key.' })
  get tags(): Tag[] {
    return Tag.listOf(this.row.tags);
  }

  @Field(() => DateTime, { description: 'Since when it is known here.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When control of it was proven; null: not yet.' })
  get verifiedAt(): Date | null {
    return this.row.verified_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when its scan role cannot be assumed; null: it can, as far as is known.',
  })
  get accessLostAt(): Date | null {
    return this.row.access_lost_at;
  }

  @Field(() => String, { description: 'The role that reads it.' })
  get scanRoleArn(): string {
    return this.row.role_arn;
  }

  @Field(() => String, { nullable: true, description: 'The role that cleans it up; null: it has none.' })
  get cleanupRoleArn(): string | null {
    return this.row.cleanup_role_arn;
  }

  @Field(() => String, { nullable: true, description: 'The role that restores what was deleted; null: it has none.' })
  get restoreRoleArn(): string | null {
    return this.row.restore_role_arn;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it left its organization.' })
  get leftAt(): Date | null {
    return this.row.left_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was last read completely: what idle days are counted to.',
  })
  get readAt(): Date | null {
    return this.row.inventory_at;
  }

  @Field(() => String, { nullable: true, description: 'Why it could not be verified, or can no longer be read.' })
  get problem(): string | null {
    return this.row.problem;
  }

  @Field(() => String, { nullable: true, description: 'What to do about `problem`.' })
  get remedy(): string | null {
    return this.row.remedy;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the platform was asked to transfer it here from another tenant.',
  })
  get transferRequestedAt(): Date | null {
    return this.row.transfer_requested_at;
  }
}

export const AccountConnection = connectionOf(Account, 'Account');

@ObjectType({ description: 'What came of a verification.' })
export class Verification {
  @Field(() => Account, { description: 'The account, as it is now.' })
  readonly account!: Account;

  @Field(() => Boolean, { description: 'Whether control of it is proven.' })
  readonly verified!: boolean;

  @Field(() => Boolean, { description: 'Whether it is still being looked at: ask for the account again in a moment.' })
  readonly pending!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it could not be verified.' })
  readonly problem!: string | null;

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  readonly remedy!: string | null;
}
