import { Field, ID, InputType, Int } from '@nestjs/graphql';
import { badInput } from '../../errors';
import { checks, isCheckId } from '../../findings/checks/index';
import type { FindingStatus as Status } from '../../findings/finding';
import type { FindingFilter } from '../../findings/finding-queries';
import type { CheckId, Severity as SeverityValue } from '../../findings/policy';
import { readIdsOf } from '../../api-id';
import { IdentityConditions, toIdentityFilter } from '../inventory/identity.input';
import { Severity } from './check.type';
import { FindingStatus } from './finding.type';

@InputType('FindingOwnerFilter', { description: 'Whose findings; all conditions must hold.' })
export class OwnerConditionInput {
  @Field(() => [String], { nullable: true, description: 'One of these owners, by name without regard to case.' })
  readonly names?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'One of these owners (their ids).' })
  readonly ids?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'True: nobody’s only; false: somebody’s only.' })
  readonly unowned?: boolean | null;
}

@InputType('FindingFilter', {
  description: 'Which findings, by themselves and by their identity; all conditions must hold.',
})
export class FindingFilterInput extends IdentityConditions {
  @Field(() => [FindingStatus], { nullable: true, description: 'Standing in one of these ways.' })
  readonly status?: Status[] | null;

  @Field(() => [String], { nullable: true, description: 'Of one of these checks (their ids: "unused-access-key").' })
  readonly check?: string[] | null;

  @Field(() => [Severity], { nullable: true, description: 'As bad as one of these.' })
  readonly severity?: SeverityValue[] | null;

  @Field(() => Int, { nullable: true, description: 'Idle for at least so many days when the account was last read.' })
  readonly idleDaysAtLeast?: number | null;

  @Field(() => OwnerConditionInput, { nullable: true, description: 'By whose it is.' })
  readonly owner?: OwnerConditionInput | null;
}

/** As services take it. Throws BAD_INPUT for checks and ids that do not exist. */
export function toFindingFilter(input: FindingFilterInput | null | undefined): FindingFilter {
  if (input == null) return {};
  const { status, check, severity, idleDaysAtLeast, owner, ...identity } = input;
  return {
    statuses: status ?? null,
    checkIds: toCheckIds(check),
    severities: severity ?? null,
    idleDaysAtLeast: idleDaysAtLeast ?? null,
    owner: owner == null ? null : { ...owner, ids: readIdsOf('Owner', owner.ids, 'filter.owner.ids') ?? null },
    identity: toIdentityFilter(identity),
  };
}

export function toCheckIds(ids: readonly string[] | null | undefined): CheckId[] | null {
  if (ids == null) return null;
  return ids.map((id) => {
    if (!isCheckId(id)) {
      throw badInput(
        `filter.check: there is no check "${id}". There are: ${checks.map((check) => check.id).join(', ')}.`,
      );
    }
    return id;
  });
}
