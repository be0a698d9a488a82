import { Field, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import type { IdentityFilter, NameFilter } from '../../scans/identity';
import type { IdentityKind as Kind, LastUsed } from '../../scans/inventory';
import { AccountFilterInput, toAccountFilter } from '../accounts/account.input';
import { readIdsOf } from '../../api-id';
import { TagFilter } from '../core/tag.type';
import { LastUsedState } from './last-used.type';

export const IdentityKind = { USER: 'user', ROLE: 'role', PASSWORD: 'password', ACCESS_KEY: 'access-key' } as const;

registerEnumType(IdentityKind, {
  name: 'IdentityKind',
  description: 'What an identity is.',
  valuesMap: {
    USER: { description: 'An IAM user, or the root user.' },
    ROLE: { description: 'An IAM role.' },
    PASSWORD: { description: 'A user’s console password.' },
    ACCESS_KEY: { description: 'A user’s access key.' },
  },
});

@InputType('NameFilter', { description: 'Which names; all conditions must hold.' })
export class NameFilterInput implements NameFilter {
  @Field(() => [String], { nullable: true, description: 'One of these.' })
  readonly in?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'None of these.' })
  readonly notIn?: string[] | null;

  @Field(() => String, { nullable: true, description: 'With this in it, without regard to case.' })
  readonly contains?: string | null;
}

@InputType('UserFilter', { description: 'Which user.' })
export class UserFilterInput {
  @Field(() => NameFilterInput, { nullable: true, description: 'Its name.' })
  readonly name?: NameFilterInput | null;
}

@InputType('LastUsedFilter', { description: 'By last use; all conditions must hold.' })
export class LastUsedFilterInput {
  @Field(() => Int, {
    nullable: true,
    description: 'Not used for at least so many days when the account was last read. What is not known never matches.',
  })
  readonly olderThanDays?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Must be said with `olderThanDays`: whether what has no record of use at all, and has existed for as long, counts, too.',
  })
  readonly includeNeverUsed?: boolean | null;

  @Field(() => [LastUsedState], { nullable: true, description: 'In one of these states.' })
  readonly state?: LastUsed['state'][] | null;
}

@InputType({ isAbstract: true })
export abstract class IdentityConditions {
  @Field(() => [IdentityKind], { nullable: true, description: 'One of these kinds.' })
  readonly kind?: Kind[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Access keys: whether they can be used. Everything else is active.',
  })
  readonly active?: boolean | null;

  @Field(() => [ID], { nullable: true, description: 'In one of these accounts (their ids).' })
  readonly accounts?: string[] | null;

  @Field(() => AccountFilterInput, {
    nullable: true,
    description: 'In an account like this: by OU, tag, AWS account id …',
  })
  readonly account?: AccountFilterInput | null;

  @Field(() => NameFilterInput, { nullable: true, description: 'By its own name.' })
  readonly name?: NameFilterInput | null;

  @Field(() => String, { nullable: true, description: 'With an IAM path that begins so: "/ci/".' })
  readonly pathPrefix?: string | null;

  @Field(() => UserFilterInput, {
    nullable: true,
    description:
      'By the user that owns the password or key; a user itself counts as its own. Roles have none and never match.',
  })
  readonly user?: UserFilterInput | null;

  @Field(() => LastUsedFilterInput, { nullable: true, description: 'By last use.' })
  readonly lastUsed?: LastUsedFilterInput | null;

  @Field(() => TagFilter, { nullable: true, description: 'With this tag, or with a user that has it.' })
  readonly tag?: TagFilter | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is of the root user.' })
  readonly isRoot?: boolean | null;
}

@InputType('IdentityFilter', { description: 'Which identities; all conditions must hold.' })
export class IdentityFilterInput extends IdentityConditions {
  @Field(() => Boolean, { nullable: true, description: 'Also what no longer exists; default: false.' })
  readonly includeGone?: boolean | null;
}

/** As services take it. Throws BAD_INPUT for ids that are none. */
export function toIdentityFilter(
  input: (IdentityConditions & { readonly includeGone?: boolean | null }) | null | undefined,
): IdentityFilter {
  if (input == null) return {};
  const { kind, accounts, account, lastUsed, active, name, pathPrefix, user, tag, isRoot, includeGone } = input;
  return {
    kinds: kind ?? null,
    accountIds: readIdsOf('Account', accounts, 'filter.accounts') ?? null,
    account: account == null ? null : toAccountFilter(account, 'filter.account'),
    lastUsed: lastUsed == null ? null : { ...lastUsed, states: lastUsed.state ?? null },
    active: active ?? null,
    name: name ?? null,
    pathPrefix: pathPrefix ?? null,
    user: user ?? null,
    tag: tag ?? null,
    isRoot: isRoot ?? null,
    includeGone: includeGone ?? null,
  };
}
