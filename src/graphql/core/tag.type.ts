import { Field, InputType, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'A tag, as AWS has it.' })
export class Tag {
  @Field(() => String, { description: 'Its key.' })
  readonly key!: string;

  @Field(() => String, { description: 'Its value; may be empty.' })
  readonly value!: string;

  static listOf(tags: Readonly<Record<string, string>>): Tag[] {
    return Object.entries(tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value }));
  }
}

@InputType({ description: 'A tag to look for.' })
export class TagFilter {
  @Field(() => String, { description: 'Its key.' })
  readonly key!: string;

  @Field(() => String, { nullable: true, description: 'Its value; left out: any.' })
  readonly value?: string | null;
}
