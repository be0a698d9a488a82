import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import type { PlanGoal as Goal, PlanMode as Mode, PlanState as State } from '../../cleanup/items/plan-item';
import type { PlanRequest, PlanSelection } from '../../cleanup/plans/plan';
import type { PlanFilter } from '../../cleanup/plans/plan-queries';
import { badInput } from '../../errors';
import { ActArgs } from '../core/acting';
import { readIdsOf } from '../../api-id';
import { ScopedConnectionArgs } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { FindingFilterInput, toFindingFilter } from '../findings/finding.input';
import { PlanGoal, PlanMode, PlanState } from './plan-words';

@InputType('PlanFilter', { description: 'Which plans; all conditions must hold.' })
export class PlanFilterInput {
  @Field(() => [PlanState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly state?: State[] | null;

  @Field(() => [PlanMode], { nullable: true, description: 'Made in one of these ways.' })
  readonly mode?: Mode[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Dry runs, or those that change something.' })
  readonly dryRun?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Made by the policy of this name.' })
  readonly policy?: string | null;

  @Field(() => [ID], { nullable: true, description: 'With an item in one of these accounts (their ids).' })
  readonly accounts?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Made at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Made before this time.' })
  readonly to?: Date | null;

  @Field(() => String, { nullable: true, description: 'With this in the title, the note or who made it.' })
  readonly text?: string | null;
}

@ArgsType()
export class PlansArgs extends ScopedConnectionArgs {
  @Field(() => PlanFilterInput, { nullable: true, description: 'Which plans; left out: all.' })
  readonly filter?: PlanFilterInput | null;
}

/** As services take it. Throws BAD_INPUT for ids that are none and times that leave nothing. */
export function toPlanFilter(input: PlanFilterInput | null | undefined): PlanFilter {
  const { state, mode, accounts, from, to, ...rest } = input ?? {};
  mustBeInOrder(from, to);
  return {
    ...{ ...rest, from: from ?? null, to: to ?? null },
    ...{ states: state ?? null, modes: mode ?? null },
    accountIds: readIdsOf('Account', accounts, 'filter.accounts') ?? null,
  };
}

/** Throws BAD_INPUT. */
export function mustBeInOrder(from: Date | null | undefined, to: Date | null | undefined): void {
  if (from != null && to != null && from >= to) throw badInput('filter.to: must be after filter.from.');
}

@InputType({ description: 'A plan to look at before it is proposed.' })
export class PlanInput {
  @Field(() => [ID], { nullable: true, description: 'These findings (their ids), or …' })
  readonly findings?: string[] | null;

  @Field(() => FindingFilterInput, {
    nullable: true,
    description: '… all open findings that this takes in. It must say something: an empty filter is an error.',
  })
  readonly filter?: FindingFilterInput | null;

  @Field(() => PlanGoal, { description: 'How far it goes.' })
  readonly goal!: Goal;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether nothing is changed; left out: as the tenant’s settings say, which is true to begin with.',
  })
  readonly dryRun?: boolean | null;

  @Field(() => String, { nullable: true, description: 'What it is called; left out: made from what is selected.' })
  readonly title?: string | null;

  @Field(() => String, { nullable: true, description: 'For those who approve it.' })
  readonly note?: string | null;
}

@ArgsType()
export class PreviewPlanArgs extends ActArgs {
  @Field(() => PlanInput, { description: 'What it is to hold, and how far it goes.' })
  readonly input!: PlanInput;
}

/** Throws BAD_INPUT for a selection in both ways or in none. */
export function toPlanRequest({ findings, filter, ...rest }: PlanInput): PlanRequest {
  return { ...rest, selection: selectionOf(findings, filter) };
}

function selectionOf(
  findings: readonly string[] | null | undefined,
  filter: FindingFilterInput | null | undefined,
): PlanSelection {
  if ((findings == null) === (filter == null)) {
    throw badInput('input.findings, input.filter: give exactly one of them, to say what the plan is to hold.');
  }
  if (filter != null) return { filter: toFindingFilter(filter) };
  const findingIds = readIdsOf('Finding', findings, 'input.findings') ?? [];
  if (findingIds.length === 0) throw badInput('input.findings: the list is empty. Name at least one finding.');
  return { findingIds };
}

@ArgsType()
export class PlanArgs extends ActArgs {
  @Field(() => ID, { description: 'The plan (its id).' })
  readonly id!: string;
}

@ArgsType()
export class NotedPlanArgs extends PlanArgs {
  @Field(() => String, { nullable: true, description: 'Why, for those who read it later.' })
  readonly note?: string | null;
}

@ArgsType()
export class DecidePlanArgs extends NotedPlanArgs {
  @Field(() => String, {
    description: 'The `manifestHash` of the plan that you looked at: with another one it is the error CONFLICT.',
  })
  readonly manifestHash!: string;
}
