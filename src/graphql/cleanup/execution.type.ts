import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ActionCalls as Calls } from '../../aws/calls';
import { sourceIdentityOf } from '../../cleanup/execution/sessions/cleanup-door';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { ActionCalls } from '../inventory/scan.type';

export const ExecutionPurpose = { CLEAN_UP: 'clean-up', RESTORE: 'restore' } as const;

registerEnumType(ExecutionPurpose, {
  name: 'ExecutionPurpose',
  description: 'What an execution is for.',
  valuesMap: {
    CLEAN_UP: { description: 'Putting into quarantine, watching, giving back, deleting.' },
    RESTORE: { description: 'Making again what was deleted.' },
  },
});

export const ExecutionOutcome = { DONE: 'done', PAUSED: 'paused', HALTED: 'halted', FAILED: 'failed' } as const;

registerEnumType(ExecutionOutcome, {
  name: 'ExecutionOutcome',
  description: 'How an execution ended.',
  valuesMap: {
    DONE: { description: 'It did what was to be done.' },
    PAUSED: { description: 'Clean-up was paused while it ran.' },
    HALTED: { description: 'Its plan was halted while it ran.' },
    FAILED: { description: 'An error ended it; what is left is taken up by the next one.' },
  },
});

export interface ExecutionRow {
  tenant_id: string;
  id: string;
  account_id: string;
  aws_account_id: string;
  purpose: (typeof ExecutionPurpose)[keyof typeof ExecutionPurpose];
  began_at: Date;
  ended_at: Date | null;
  outcome: (typeof ExecutionOutcome)[keyof typeof ExecutionOutcome] | null;
  reason: string | null;
  aws_calls: Readonly<Record<string, Calls>>;
}

@ObjectType({ implements: () => [Node], description: 'One run over the items of one account.' })
export class Execution implements Node {
  constructor(readonly row: ExecutionRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Execution', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, {
    description: 'What CloudTrail has in `sourceIdentity` of every request that it sent.',
  })
  get sourceIdentity(): string {
    return sourceIdentityOf(this.row.id);
  }

  @Field(() => String, { description: 'The AWS account (twelve digits).' })
  get awsAccountId(): string {
    return this.row.aws_account_id;
  }

  @Field(() => ExecutionPurpose, { description: 'What it is for.' })
  get purpose(): ExecutionRow['purpose'] {
    return this.row.purpose;
  }

  @Field(() => DateTime, { description: 'When it began.' })
  get beganAt(): Date {
    return this.row.began_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null: it runs, or its process was killed.' })
  get endedAt(): Date | null {
    return this.row.ended_at;
  }

  @Field(() => ExecutionOutcome, { nullable: true, description: 'How it ended.' })
  get outcome(): ExecutionRow['outcome'] {
    return this.row.outcome;
  }

  @Field(() => String, { nullable: true, description: 'Why it was paused or halted, or failed.' })
  get reason(): string | null {
    return this.row.reason;
  }

  @Field(() => [ActionCalls], { description: 'What it asked AWS, by action.' })
  get awsCalls(): ActionCalls[] {
    return Object.entries(this.row.aws_calls).map(([action, calls]) => ({ action, ...calls }));
  }
}

export const ExecutionConnection = connectionOf(Execution, 'Execution');
