import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { DAY_MS } from '../../clock';
import type { PlanGoal as Goal, PlanMode as Mode, PlanState as State } from '../../cleanup/items/plan-item';
import type { PlanRow, Share } from '../../cleanup/plans/plan';
import type { IdentityKind as Kind } from '../../scans/inventory';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import { Node } from '../core/node.type';
import { AppliedPolicy } from '../findings/finding.type';
import { IdentityKind } from '../inventory/identity.input';
import { type Outcome, PlanItemOutcome } from './plan-item-words';
import { PlanGoal, PlanMode, PlanState } from './plan-words';

@ObjectType({ description: 'How many of a plan’s items have come to the same.' })
export class PlanOutcomeCount {
  @Field(() => PlanItemOutcome, { description: 'What has become of them.' })
  readonly outcome!: Outcome;

  @Field(() => Int, { description: 'How many.' })
  readonly count!: number;
}

@ObjectType({ description: 'How much of an account a plan touches.' })
export class PlanShare {
  constructor(readonly share: Share) {}

  @Field(() => String, { description: 'The AWS account (twelve digits).' })
  get awsAccountId(): string {
    return this.share.awsAccountId;
  }

  @Field(() => IdentityKind, { description: 'Of which kind.' })
  get kind(): Kind {
    return this.share.kind;
  }

  @Field(() => Int, {
    description: 'How many of the plan’s items are of this kind and account; refused ones left out.',
  })
  get items(): number {
    return this.share.items;
  }

  @Field(() => Int, { description: 'How many the account had of this kind when the plan was made.' })
  get identities(): number {
    return this.share.identities;
  }

  @Field(() => Float, { description: 'The first as a percentage of the second.' })
  get percent(): number {
    const { items, identities } = this.share;
    return identities === 0 ? 0 : Math.round((1_000 * items) / identities) / 10;
  }
}

@ObjectType({
  description: 'How fast a plan may go under its bounds, at best: change windows, pauses and halts come on top.',
})
export class PlanPace {
  @Field(() => Int, { description: 'So many items are begun a day, over all accounts.' })
  readonly perDay!: number;

  @Field(() => Int, { description: 'So many in one execution of one account.' })
  readonly perExecution!: number;

  @Field(() => Int, { description: 'So many executions the account with the most items takes.' })
  readonly executions!: number;

  @Field(() => Int, { description: 'In so many days all have been begun.' })
  readonly days!: number;

  @Field(() => DateTime, {
    description:
      'When the last item is as far as the plan goes, at the earliest: counted from its approval, and until it has one from now.',
  })
  readonly finishesAt!: Date;

  static from({ terms, approved_at: approvedAt }: PlanRow, now: Date): PlanPace {
    const { days, perDay, perExecution, executions, daysToTheEnd } = terms.pace;
    const finishesAt = new Date((approvedAt ?? now).getTime() + daysToTheEnd * DAY_MS);
    return { days, perDay, perExecution, executions, finishesAt };
  }
}

@ObjectType({
  implements: () => [Node],
  description:
    'What is to be put away, agreed to as a whole. Once proposed it never changes: approvals are for its manifest’s hash.',
})
export class Plan implements Node {
  constructor(readonly row: PlanRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Plan', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'What it is called.' })
  get title(): string {
    return this.row.title;
  }

  @Field(() => String, { nullable: true, description: 'What whoever made it noted.' })
  get note(): string | null {
    return this.row.note;
  }

  @Field(() => PlanState, { description: 'How it stands.' })
  get state(): State {
    return this.row.state;
  }

  @Field(() => DateTime, { description: 'Since when.' })
  get stateChangedAt(): Date {
    return this.row.state_changed_at;
  }

  @Field(() => String, { nullable: true, description: 'Why it is halted, cancelled, refused or lapsed.' })
  get reason(): string | null {
    return this.row.reason;
  }

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  get remedy(): string | null {
    return this.row.remedy;
  }

  @Field(() => PlanGoal, { description: 'How far it goes.' })
  get goal(): Goal {
    return this.row.goal;
  }

  @Field(() => Boolean, {
    description: 'Whether nothing is changed: each item is looked at, and the requests that would be sent are shown.',
  })
  get dryRun(): boolean {
    return this.row.dry_run;
  }

  @Field(() => PlanMode, { description: 'Whether people or a policy made it.' })
  get mode(): Mode {
    return this.row.mode;
  }

  @Field(() => AppliedPolicy, { nullable: true, description: 'The policy that made it; null: people did.' })
  get policy(): AppliedPolicy | null {
    const { policy_name: name, policy_version: version } = this.row;
    return name === null || version === null ? null : { name, version };
  }

  @Field(() => String, { description: 'Who made it: whoever this is cannot approve it.' })
  get proposer(): string {
    return this.row.made_by;
  }

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of the plan’s manifest: what an approval is for. Null: a draft.',
  })
  get manifestHash(): string | null {
    return this.row.manifest_hash;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was proposed.' })
  get proposedAt(): Date | null {
    return this.row.proposed_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it had all of its approvals.' })
  get approvedAt(): Date | null {
    return this.row.approved_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When what has not been approved, or not been begun, by then lapses.',
  })
  get lapsesAt(): Date | null {
    return this.row.lapses_at;
  }

  @Field(() => Json, { description: 'What was asked for when it was made.' })
  get selection(): unknown {
    return this.row.selection;
  }

  @Field(() => Json, { description: 'The rules of clean-up that it is carried out by; part of the manifest.' })
  get rules(): unknown {
    return this.row.terms.rules;
  }

  @Field(() => [PlanShare], { description: 'How much of each account it touches.' })
  get shares(): PlanShare[] {
    return this.row.terms.shares.map((share) => new PlanShare(share));
  }
}

export const PlanConnection = connectionOf(Plan, 'Plan');
