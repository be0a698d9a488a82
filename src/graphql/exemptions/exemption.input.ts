import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import type { ExemptionState as State } from '../../findings/exemptions/exemption';
import type { ExemptionFilter } from '../../findings/exemptions/exemption-queries';
import type { ExemptionRequest } from '../../findings/exemptions/exemption-request';
import type { IdentityKind as Kind } from '../../scans/inventory';
import { ActArgs } from '../core/acting';
import { ConnectionArgs, ScopedConnectionArgs } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { IdentityKind } from '../inventory/identity.input';
import { ExemptionState } from './exemption.type';

@InputType({ description: 'A tag of users and roles.' })
export class ExemptTagInput {
  @Field(() => String, { description: 'Its key, as it is.' })
  readonly key!: string;

  @Field(() => String, { nullable: true, description: 'A glob on its value; left out: any.' })
  readonly value?: string | null;
}

@InputType({ description: 'What is spared: exactly one of these.' })
export class ExemptionScopeInput {
  @Field(() => String, {
    nullable: true,
    description:
      'One identity by its AWS unique id: AIDA… (a user with its password and keys), AROA… (a role), AKIA… (one access key), or the account’s number (its root user).',
  })
  readonly uniqueId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Users and roles whose path and name match: "/ci/*", "*-breakglass". Needs a second person.',
  })
  readonly glob?: string | null;

  @Field(() => ExemptTagInput, {
    nullable: true,
    description: 'Users and roles with this tag. Needs a second person.',
  })
  readonly tag?: ExemptTagInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'Everything but the root user in this AWS account (twelve digits). Needs a second person.',
  })
  readonly awsAccountId?: string | null;
}

@InputType({ isAbstract: true })
class SparedInput implements ExemptionRequest {
  @Field(() => ExemptionScopeInput, { description: 'What is spared.' })
  readonly scope!: ExemptionScopeInput;

  @Field(() => [String], { nullable: true, description: 'From these checks only (their ids); left out: from all.' })
  readonly checks?: string[] | null;

  @Field(() => [IdentityKind], { nullable: true, description: 'These kinds only; left out: all.' })
  readonly kinds?: Kind[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Glob and tag: in these AWS accounts only (twelve digits); left out: in all.',
  })
  readonly accounts?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Glob and tag: in these organizational units or below them only; left out: in all.',
  })
  readonly organizationalUnits?: string[] | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it ends; left out: in 90 days, or sooner where the platform’s limit is shorter.',
  })
  readonly until?: Date | null;
}

@InputType({ description: 'An exemption to look at before it is made.' })
export class ExemptionPreviewInput extends SparedInput {}

@InputType({ description: 'An exemption to make.' })
export class ExemptionInput extends SparedInput {
  @Field(() => String, { description: 'Why; shown on every finding that it spares.' })
  readonly reason!: string;

  @Field(() => String, { description: 'Who answers for it: a person or a team, by name.' })
  readonly owner!: string;
}

@ArgsType()
export class MakeExemptionArgs extends ActArgs {
  @Field(() => ExemptionInput, { description: 'The exemption.' })
  readonly input!: ExemptionInput;
}

@ArgsType()
export class ExemptFindingsArgs extends ActArgs {
  @Field(() => [ID], { description: 'The findings (their ids): 1 to 200.' })
  readonly ids!: string[];

  @Field(() => String, { description: 'Why; shown on each of them.' })
  readonly reason!: string;

  @Field(() => String, { description: 'Who answers for it: a person or a team, by name.' })
  readonly owner!: string;

  @Field(() => DateTime, { nullable: true, description: 'When it ends; left out: in 90 days.' })
  readonly until?: Date | null;
}

@ArgsType()
export class ExtendExemptionArgs extends ActArgs {
  @Field(() => ID, { description: 'The exemption (its id).' })
  readonly id!: string;

  @Field(() => DateTime, { description: 'When it is to end: later than it does now.' })
  readonly until!: Date;
}

@ArgsType()
export class AgreeToExemptionArgs extends ActArgs {
  @Field(() => ID, { description: 'The exemption (its id).' })
  readonly id!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The end that you agree to. An extension needs it: its `proposedEndsAt`.',
  })
  readonly until?: Date | null;
}

@ArgsType()
export class CloseExemptionArgs extends ActArgs {
  @Field(() => ID, { description: 'The exemption (its id).' })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'Why.' })
  readonly note?: string | null;
}

@InputType('ExemptionFilter', { description: 'Which exemptions; all conditions must hold.' })
export class ExemptionFilterInput {
  @Field(() => DateTime, {
    nullable: true,
    description: 'That end before this. Without `state` only those that are not over.',
  })
  readonly endsBefore?: Date | null;

  @Field(() => [ExemptionState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly state?: State[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it, or a later end of it, waits for a second person.' })
  readonly waiting?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Of one of these owners, by name without regard to case.' })
  readonly owner?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'That are for this AWS account (twelve digits) or spare something in it.',
  })
  readonly account?: string | null;

  @Field(() => String, { nullable: true, description: 'With this in the reason, the scope or who made it.' })
  readonly text?: string | null;
}

@ArgsType()
export class ExemptionsArgs extends ScopedConnectionArgs {
  @Field(() => ExemptionFilterInput, { nullable: true, description: 'Which; left out: all, those that are over, too.' })
  readonly filter?: ExemptionFilterInput | null;
}

@ArgsType()
export class SparedFindingsArgs extends ConnectionArgs {}

export function toExemptionFilter(input: ExemptionFilterInput | null | undefined): ExemptionFilter {
  if (input == null) return {};
  const { state, owner, account, ...rest } = input;
  return { ...rest, states: state ?? null, owners: owner ?? null, awsAccountId: account ?? null };
}
