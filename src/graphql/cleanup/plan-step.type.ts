import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ItemStepRow } from '../../cleanup/plans/plan-item-queries';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';

export const StepPurpose = {
  QUARANTINE: 'quarantine',
  SILENCE: 'silence',
  DELETION: 'deletion',
  RETURN: 'return',
  RE_CREATION: 're-creation',
  REPAIR: 'repair',
} as const satisfies Record<string, ItemStepRow['purpose']>;

registerEnumType(StepPurpose, {
  name: 'StepPurpose',
  description: 'What a request is part of.',
  valuesMap: {
    QUARANTINE: { description: 'Putting into quarantine.' },
    SILENCE: { description: 'Making a user’s keys inactive, before it is deleted.' },
    DELETION: { description: 'Deleting.' },
    RETURN: { description: 'Giving back from quarantine.' },
    RE_CREATION: { description: 'Making again what was deleted.' },
    REPAIR: { description: 'Attaching again what a deletion that was refused had detached.' },
  },
});

export const StepOutcome = {
  DONE: 'done',
  ALREADY: 'already',
  REFUSED: 'refused',
  FAILED: 'failed',
  UNANSWERED: 'unanswered',
} as const satisfies Record<string, NonNullable<ItemStepRow['outcome']>>;

registerEnumType(StepOutcome, {
  name: 'StepOutcome',
  description: 'What has become of a request.',
  valuesMap: {
    DONE: { description: 'AWS has done it.' },
    ALREADY: { description: 'When it was looked at again, it was so.' },
    REFUSED: { description: 'AWS does not allow it.' },
    FAILED: { description: 'AWS answered with an error.' },
    UNANSWERED: { description: 'No answer came: what is there is looked at before anything else is sent.' },
  },
});

@ObjectType({
  description:
    'One request to AWS that changes something: written down before it was sent, completed when it was answered.',
})
export class PlanItemStep {
  constructor(readonly row: ItemStepRow) {}

  @Field(() => StepPurpose, { description: 'What it is part of.' })
  get purpose(): ItemStepRow['purpose'] {
    return this.row.purpose;
  }

  @Field(() => String, { description: 'The action, "iam:DeleteRole".' })
  get action(): string {
    return this.row.action;
  }

  @Field(() => Json, { description: 'Its parameters; policy documents by their hash.' })
  get request(): unknown {
    return this.row.request;
  }

  @Field(() => Boolean, { description: 'Whether it belongs to a dry run: it would have been sent, and was not.' })
  get rehearsed(): boolean {
    return this.row.rehearsed;
  }

  @Field(() => DateTime, { description: 'When it was written down.' })
  get intendedAt(): Date {
    return this.row.intended_at;
  }

  @Field(() => StepOutcome, {
    nullable: true,
    description: 'What has become of it; null: not known yet, or a dry run.',
  })
  get outcome(): ItemStepRow['outcome'] {
    return this.row.outcome;
  }

  @Field(() => ID, { nullable: true, description: 'AWS’s id of the request, as CloudTrail has it.' })
  get awsRequestId(): string | null {
    return this.row.aws_request_id;
  }

  @Field(() => String, { nullable: true, description: 'AWS’s code of the error.' })
  get errorCode(): string | null {
    return this.row.error_code;
  }

  @Field(() => String, { nullable: true, description: 'What AWS said.' })
  get errorMessage(): string | null {
    return this.row.error_message;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was answered.' })
  get answeredAt(): Date | null {
    return this.row.answered_at;
  }
}
