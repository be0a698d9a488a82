import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Groups } from '../../grouping';

@ObjectType({ description: 'One group and how many it has.' })
export class Group {
  @Field(() => String, { description: 'What tells the group apart: an ARN, an AWS account id, a check’s id …' })
  readonly key!: string;

  @Field(() => String, { description: 'The group for people.' })
  readonly label!: string;

  @Field(() => Int, { description: 'How many belong to it.' })
  readonly count!: number;
}

@ObjectType({ description: 'What matches, counted by group, the largest groups first.' })
export class GroupList {
  @Field(() => Int, { description: 'How many match, in whichever group or none.' })
  readonly totalMatched!: number;

  @Field(() => Int, {
    description: 'Of those, the ones that belong to no group: roles have no owning user, for example.',
  })
  readonly totalUnmatched!: number;

  @Field(() => Int, { description: 'How many groups there are; `nodes` may have fewer.' })
  readonly groupCount!: number;

  @Field(() => [Group], { description: 'The largest groups.' })
  readonly nodes!: readonly Group[];

  /** `rename` puts a group's key and label into the API's words. */
  static from(groups: Groups, rename: (group: Group) => Group = (group) => group): GroupList {
    return { ...groups, nodes: groups.nodes.map(rename) };
  }
}
