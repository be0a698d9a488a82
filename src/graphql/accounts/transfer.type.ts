import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import type { TransferRow, TransferState as State } from '../../accounts/transfers.service';

export const TransferState = { OPEN: 'open', ACCEPTED: 'accepted', REFUSED: 'refused' } as const;

registerEnumType(TransferState, {
  name: 'TransferState',
  description: 'What has become of a transfer request.',
  valuesMap: {
    OPEN: { description: 'Nobody has decided yet.' },
    ACCEPTED: { description: 'The account is the asking tenant’s now.' },
    REFUSED: { description: 'The account stays where it is.' },
  },
});

@ObjectType({ description: 'A tenant has proven control of an AWS account that another tenant holds.' })
export class TransferRequest {
  constructor(readonly row: TransferRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('TransferRequest', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'The twelve digits of the AWS account.' })
  get awsAccountId(): string {
    return this.row.aws_account_id;
  }

  @Field(() => String, { description: 'aws, aws-cn or aws-us-gov.' })
  get partition(): string {
    return this.row.partition;
  }

  @Field(() => TransferState, { description: 'What has become of it.' })
  get state(): State {
    return this.row.state;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was decided.' })
  get decidedAt(): Date | null {
    return this.row.decided_at;
  }
}

export const TransferRequestConnection = connectionOf(TransferRequest, 'TransferRequest');
