import { Field, ObjectType } from '@nestjs/graphql';
import { defaultRules } from '../../cleanup/rules/cleanup-rules';
import type { ShownRules, StoredRules } from '../../cleanup/rules/shown-rules';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';

@ObjectType({ description: 'Rules of clean-up as somebody has written them.' })
export class StoredCleanupRules {
  @Field(() => Json, { description: 'What was written; what it leaves out follows the level above.' })
  readonly rules!: unknown;

  @Field(() => String, { description: 'Who saved them.' })
  readonly savedBy!: string;

  @Field(() => DateTime, { description: 'When.' })
  readonly savedAt!: Date;

  static from({ rules, savedBy, savedAt }: StoredRules): StoredCleanupRules {
    return { rules, savedBy, savedAt };
  }
}

@ObjectType({
  description: 'How far clean-up may go: times, caps, approvals, windows. docs/clean-up.md describes each.',
})
export class CleanupRules {
  @Field(() => Json, { description: 'What holds.' })
  readonly effective!: unknown;

  @Field(() => Json, { description: 'What the platform allows: the tenant’s own may only be stricter.' })
  readonly bound!: unknown;

  @Field(() => StoredCleanupRules, { nullable: true, description: 'The tenant’s own; null: it has written none.' })
  readonly own!: StoredCleanupRules | null;

  @Field(() => StoredCleanupRules, {
    nullable: true,
    description: 'What the platform lets this tenant have, or asks of it, beyond what holds for all; null: nothing.',
  })
  readonly granted!: StoredCleanupRules | null;

  @Field(() => Json, { description: 'What holds where nobody has written anything.' })
  readonly defaults!: unknown;

  static from({ effective, bound, own, grant }: ShownRules): CleanupRules {
    return {
      ...{ effective, bound, defaults: defaultRules },
      own: own && StoredCleanupRules.from(own),
      granted: grant && StoredCleanupRules.from(grant),
    };
  }
}
