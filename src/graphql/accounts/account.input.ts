import { Field, ID, InputType } from '@nestjs/graphql';
import type { AccountFilter } from '../../accounts/account-queries';
import type { Coverage as CoverageValue } from '../../accounts/account';
import { readIdOf } from '../../api-id';
import { TagFilter } from '../core/tag.type';
import { Coverage } from './account.type';

@InputType('AccountFilter', { description: 'Which accounts; all conditions must hold.' })
export class AccountFilterInput {
  @Field(() => [Coverage], { nullable: true, description: 'Seen in one of these ways.' })
  readonly coverage?: CoverageValue[] | null;

  @Field(() => [String], { nullable: true, description: 'One of these AWS account ids (twelve digits).' })
  readonly awsAccountIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The name has this in it, without regard to case.' })
  readonly nameContains?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this organization (its id).' })
  readonly organization?: string | null;

  @Field(() => String, { nullable: true, description: 'In this organizational unit or below it: "/Workloads".' })
  readonly ouPath?: string | null;

  @Field(() => TagFilter, { nullable: true, description: 'With this tag in AWS Organizations.' })
  readonly tag?: TagFilter | null;
}

/** As services take it. Throws BAD_INPUT for ids that are none. */
export function toAccountFilter(input: AccountFilterInput | null | undefined, argument = 'filter'): AccountFilter {
  if (input == null) return {};
  const { organization, ...rest } = input;
  if (organization == null) return rest;
  return { ...rest, organizationId: readIdOf('Organization', organization, `${argument}.organization`).id };
}
