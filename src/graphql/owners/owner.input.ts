import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import type { OwnerRuleRequest } from '../../findings/owners/owner-rule-input';
import { ActArgs } from '../core/acting';
import { ScopedConnectionArgs } from '../core/connection';

@InputType('OwnerFilter', { description: 'Which owners; all conditions must hold.' })
export class OwnerFilterInput {
  @Field(() => String, { nullable: true, description: 'With this in the name, without regard to case.' })
  readonly text?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether they have open findings.' })
  readonly withOpenFindings?: boolean | null;
}

@ArgsType()
export class OwnersArgs extends ScopedConnectionArgs {
  @Field(() => OwnerFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: OwnerFilterInput | null;
}

@InputType({
  description: 'One way to find out whose something is: exactly one of the fields besides `owner`.',
})
export class OwnerRuleInput implements OwnerRuleRequest {
  @Field(() => [String], {
    nullable: true,
    description:
      'Keys of tags of the user or role: the value of the first one that is there is the owner’s name. No `owner`.',
  })
  readonly identityTag?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The same with the account’s tags in AWS Organizations. No `owner`.',
  })
  readonly accountTag?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The part of the path that is the owner’s name, from 1: of "/teams/data/" 2 is "data". No `owner`.',
  })
  readonly pathSegment?: number | null;

  @Field(() => String, { nullable: true, description: 'Paths that begin so: "/ci/". With `owner`.' })
  readonly pathPrefix?: string | null;

  @Field(() => String, { nullable: true, description: 'Path and name like this glob: "/ci/*". With `owner`.' })
  readonly glob?: string | null;

  @Field(() => String, { nullable: true, description: 'Everything in this AWS account (twelve digits). With `owner`.' })
  readonly awsAccountId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Everything in this organizational unit or below it: "/Workloads". With `owner`.',
  })
  readonly organizationalUnit?: string | null;

  @Field(() => String, { nullable: true, description: 'The owner’s name; made where there is none yet.' })
  readonly owner?: string | null;
}

@ArgsType()
export class SetOwnerRulesArgs extends ActArgs {
  @Field(() => [OwnerRuleInput], {
    description: 'All rules, in their order: the first one that gives an owner decides.',
  })
  readonly rules!: OwnerRuleInput[];
}

@ArgsType()
export class SaveOwnerArgs extends ActArgs {
  @Field(() => String, { description: 'The owner’s name, without regard to case; made where there is none yet.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'Its e-mail address; null: none; left out: as it is.' })
  readonly contact?: string | null;

  @Field(() => String, { nullable: true, description: 'Notes for people; null: none; left out: as they are.' })
  readonly notes?: string | null;
}

@ArgsType()
export class IdentityOrFindingArgs extends ActArgs {
  @Field(() => ID, { nullable: true, description: 'A user, role, password or access key (its id).' })
  readonly identity?: string | null;

  @Field(() => ID, { nullable: true, description: 'Instead of `identity`: a finding of it (its id).' })
  readonly finding?: string | null;
}

@ArgsType()
export class ReassignOwnerArgs extends IdentityOrFindingArgs {
  @Field(() => String, {
    nullable: true,
    description: 'The owner’s name; made where there is none yet. Null or left out: nobody’s, until somebody takes it.',
  })
  readonly owner?: string | null;

  @Field(() => String, { nullable: true, description: 'Why: "moved to the data team".' })
  readonly note?: string | null;
}
