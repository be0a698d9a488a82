import { Field, ObjectType } from '@nestjs/graphql';
import { DateTime } from '../core/date-time.scalar';

@ObjectType({ description: 'Something that has happened to a plan, to one of its items or to an identity.' })
export class TimelineEntry {
  @Field(() => DateTime, { description: 'When.' })
  readonly at!: Date;

  @Field(() => String, { description: 'What, for programs: "plan.proposed", "identity.quarantined" …' })
  readonly what!: string;

  @Field(() => String, { description: 'The same as a sentence, with the reason where there is one.' })
  readonly text!: string;

  @Field(() => String, { nullable: true, description: 'Who did it; null: the service, by itself.' })
  readonly by!: string | null;
}
