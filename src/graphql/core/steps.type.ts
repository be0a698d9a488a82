import { Field, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'What to do, step by step.' })
export class Steps {
  @Field(() => [String], { description: 'In the AWS console.' })
  readonly console!: readonly string[];

  @Field(() => [String], { description: 'As commands to paste into a shell; a line that begins with # explains.' })
  readonly cli!: readonly string[];
}
