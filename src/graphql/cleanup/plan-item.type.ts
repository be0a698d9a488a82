import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Course, PlanItemRow, Reference, SignOfLife as Life, Stage } from '../../cleanup/items/plan-item';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import { Node } from '../core/node.type';
import { type Outcome, outcomeOf, PlanCourse, PlanItemOutcome, PlanItemStage } from './plan-item-words';

const ReferenceKind = {
  TRUST_POLICY: 'trust-policy',
  INSTANCE_PROFILE: 'instance-profile',
  GROUP: 'group',
  ATTACHED_POLICY: 'attached-policy',
  UNSEEN: 'unseen',
} as const satisfies Record<string, Reference['kind']>;

registerEnumType(ReferenceKind, {
  name: 'ReferenceKind',
  description: 'Where something is named.',
  valuesMap: {
    TRUST_POLICY: { description: 'In the trust policy of a role: that role could be assumed by it.' },
    INSTANCE_PROFILE: { description: 'In an instance profile: a running instance may use it.' },
    GROUP: { description: 'In a group.' },
    ATTACHED_POLICY: { description: 'A policy is attached to it.' },
    UNSEEN: { description: 'What nobody could look at.' },
  },
});

@ObjectType({ description: 'What names an item, or what may name it and cannot be seen.' })
export class PlanItemReference {
  @Field(() => ReferenceKind, { description: 'Where.' })
  readonly kind!: Reference['kind'];

  @Field(() => String, { nullable: true, description: 'The ARN or name of what holds it; null: it cannot be seen.' })
  readonly holder!: string | null;

  @Field(() => String, { description: 'As a sentence.' })
  readonly text!: string;
}

@ObjectType({ description: 'A use of something that is in quarantine. It ends the quarantine.' })
export class SignOfLife {
  constructor(private readonly life: Life) {}

  @Field(() => String, {
    description:
      'Who told of it: service-last-accessed, role-last-used, access-key-last-used, password-last-used, scan, cloudtrail.',
  })
  get source(): string {
    return this.life.source;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was used; null: AWS did not say.' })
  get at(): Date | null {
    return this.life.at === null ? null : new Date(this.life.at);
  }

  @Field(() => String, { description: 'What was used, and where.' })
  get detail(): string {
    return this.life.detail;
  }
}

@ObjectType({ description: 'What an item comes to, a sentence each.' })
export class PlanItemOutlook {
  @Field(() => [String], { description: 'What will be done, in this order.' })
  readonly willBeDone!: readonly string[];

  @Field(() => [String], { description: 'What comes back when it is restored.' })
  readonly comesBack!: readonly string[];

  @Field(() => [String], { description: 'What never does.' })
  readonly neverComesBack!: readonly string[];
}

@ObjectType({
  implements: () => [Node],
  description: 'One access key, password, user or role of a plan: what is done to it, how far that is, and why.',
})
export class PlanItem implements Node {
  constructor(readonly row: PlanItemRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('PlanItem', this.row.tenant_id, this.row.id);
  }

  @Field(() => Int, { description: 'Its place in its plan, from 1: items are taken in this order within an account.' })
  get position(): number {
    return this.row.position;
  }

  @Field(() => PlanCourse, { description: 'What is put away.' })
  get course(): Course {
    return this.row.course;
  }

  @Field(() => String, { description: 'The AWS account it is in (twelve digits).' })
  get awsAccountId(): string {
    return this.row.aws_account_id;
  }

  @Field(() => String, { description: 'The name of the role, or of the user; a password’s and a key’s is its user’s.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { description: 'Its IAM path.' })
  get path(): string {
    return this.row.path;
  }

  @Field(() => String, { description: 'The ARN of the role or user.' })
  get arn(): string {
    return this.row.arn;
  }

  @Field(() => String, {
    description: 'What AWS never uses again, AIDA… or AROA…: another one under the same name is never touched.',
  })
  get uniqueId(): string {
    return this.row.principal_id;
  }

  @Field(() => String, { nullable: true, description: 'With ACCESS_KEY and OBSERVED_KEY: the key, AKIA….' })
  get accessKeyId(): string | null {
    return this.row.access_key_id;
  }

  @Field(() => PlanItemOutcome, { description: 'What has become of it.' })
  get outcome(): Outcome {
    return outcomeOf(this.row.stage);
  }

  @Field(() => PlanItemStage, { description: 'Exactly how far it is.' })
  get stage(): Stage {
    return this.row.stage;
  }

  @Field(() => DateTime, { description: 'Since when.' })
  get stageAt(): Date {
    return this.row.stage_at;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Of a refusal or a halt, for programs: USED_SINCE, RE_CREATED ….',
  })
  get code(): string | null {
    return this.row.code;
  }

  @Field(() => String, { nullable: true, description: 'Why it was refused, halted, dropped or given back.' })
  get reason(): string | null {
    return this.row.reason;
  }

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  get remedy(): string | null {
    return this.row.remedy;
  }

  @Field(() => Json, {
    description:
      'What the approval was given for: its tags, policies, groups, keys, last use … A fresh read that shows anything else refuses it.',
  })
  get approvedFacts(): unknown {
    return this.row.approved;
  }

  @Field(() => [PlanItemReference], { description: 'What was found that names it, and what cannot be seen.' })
  get references(): readonly PlanItemReference[] {
    return this.row.references_found;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it is taken up next; null: nothing is to be done.' })
  get nextAt(): Date | null {
    return this.row.next_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'Since when it is, or was, in quarantine.' })
  get quarantinedAt(): Date | null {
    return this.row.quarantined_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it is deleted, unless it shows a sign of life.' })
  get deletionDueAt(): Date | null {
    return this.row.deletion_due_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When signs of life were last looked for.' })
  get watchedAt(): Date | null {
    return this.row.watched_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description:
      'From when on it can no longer be called off, only restored: the first step of its deletion was answered.',
  })
  get pointOfNoReturnAt(): Date | null {
    return this.row.point_of_no_return_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was over.' })
  get endedAt(): Date | null {
    return this.row.ended_at;
  }

  @Field(() => SignOfLife, { nullable: true, description: 'The sign of life that ended its quarantine.' })
  get life(): SignOfLife | null {
    return this.row.life && new SignOfLife(this.row.life);
  }

  @Field(() => [String], {
    description: 'What has been detached or lost, what did not come back, and what must be mended by hand.',
  })
  get losses(): readonly string[] {
    return this.row.losses;
  }
}

export const PlanItemConnection = connectionOf(PlanItem, 'PlanItem');
