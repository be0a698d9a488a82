import { ArgsType, Field, ID, InputType, registerEnumType } from '@nestjs/graphql';
import type { Course } from '../../cleanup/items/plan-item';
import type { PlanItemFilter, PlanItemOrder as Order } from '../../cleanup/plans/plan-item-queries';
import { badInput } from '../../errors';
import { ActArgs } from '../core/acting';
import { readIdOf } from '../../api-id';
import { ConnectionArgs, ScopedConnectionArgs } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { toCheckIds } from '../findings/finding.input';
import { type Outcome, PlanCourse, PlanItemOutcome, stagesOf } from './plan-item-words';
import { mustBeInOrder } from './plan.input';

const PlanItemOrder = { NEWEST: 'NEWEST', POSITION: 'POSITION' } as const satisfies { [K in Order]: K };

registerEnumType(PlanItemOrder, {
  name: 'PlanItemOrder',
  description: 'In which order.',
  valuesMap: {
    NEWEST: { description: 'What changed last first.' },
    POSITION: { description: 'As in the plan.' },
  },
});

@InputType({ isAbstract: true })
class PlanItemConditions {
  @Field(() => [PlanItemOutcome], { nullable: true, description: 'What has become of it: one of these.' })
  readonly outcome?: Outcome[] | null;

  @Field(() => [PlanCourse], { nullable: true, description: 'Putting away one of these.' })
  readonly course?: Course[] | null;

  @Field(() => [String], { nullable: true, description: 'Of a refusal or a halt: one of these codes.' })
  readonly code?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'That came to its stage at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'That came to its stage before this time.' })
  readonly to?: Date | null;

  @Field(() => ID, { nullable: true, description: 'In this account (its id).' })
  readonly account?: string | null;

  @Field(() => [String], { nullable: true, description: 'With a finding of one of these checks (their ids).' })
  readonly check?: string[] | null;

  @Field(() => String, { nullable: true, description: 'With this in the path, name, ARN, unique id or key id.' })
  readonly text?: string | null;
}

@InputType('ItemOfPlanFilter', { description: 'Which items of a plan; all conditions must hold.' })
export class ItemOfPlanFilterInput extends PlanItemConditions {}

@InputType('PlanItemFilter', { description: 'Which items of plans; all conditions must hold.' })
export class PlanItemFilterInput extends PlanItemConditions {
  @Field(() => ID, { nullable: true, description: 'Of this plan (its id).' })
  readonly plan?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this identity (its id).' })
  readonly identity?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Of dry runs, or of plans that change something.' })
  readonly dryRun?: boolean | null;
}

@ArgsType()
export class PlanItemsArgs extends ScopedConnectionArgs {
  @Field(() => PlanItemFilterInput, { nullable: true, description: 'Which items; left out: all.' })
  readonly filter?: PlanItemFilterInput | null;

  @Field(() => PlanItemOrder, {
    nullable: true,
    description: 'In which order; default: NEWEST. POSITION needs `filter.plan`.',
  })
  readonly orderBy?: Order | null;
}

@ArgsType()
export class ItemsOfPlanArgs extends ConnectionArgs {
  @Field(() => ItemOfPlanFilterInput, { nullable: true, description: 'Which items; left out: all, refused ones, too.' })
  readonly filter?: ItemOfPlanFilterInput | null;

  @Field(() => PlanItemOrder, { nullable: true, description: 'In which order; default: POSITION.' })
  readonly orderBy?: Order | null;
}

/** As services take it. Throws BAD_INPUT for ids and checks that do not exist. */
export function toPlanItemFilter(
  input: (ItemOfPlanFilterInput & Partial<PlanItemFilterInput>) | null | undefined,
): PlanItemFilter {
  const { outcome, course, code, from, to, account, check, text, plan, identity, dryRun } = input ?? {};
  mustBeInOrder(from, to);
  return {
    ...{ stages: stagesOf(outcome), courses: course ?? null, codes: code ?? null, checkIds: toCheckIds(check) },
    ...{ from: from ?? null, to: to ?? null, text: text ?? null, dryRun: dryRun ?? null },
    accountId: account == null ? null : readIdOf('Account', account, 'filter.account').id,
    planId: plan == null ? null : readIdOf('Plan', plan, 'filter.plan').id,
    identityId: identity == null ? null : readIdOf('Identity', identity, 'filter.identity').id,
  };
}

/** Throws BAD_INPUT for positions across plans. */
export function toPlanItemOrder(order: Order | null | undefined, filter: PlanItemFilter): Order {
  if (order === 'POSITION' && filter.planId == null) {
    throw badInput('orderBy: POSITION is the order of one plan. Give filter.plan as well, or take NEWEST.');
  }
  return order ?? 'NEWEST';
}

/** So many are decided about in one request. */
export const MOST_AT_ONCE = 200;

@ArgsType()
export class RestorePlanItemsArgs extends ActArgs {
  @Field(() => [ID], { description: `The items (their ids): 1 to ${MOST_AT_ONCE}, in quarantine, halted or deleted.` })
  readonly ids!: string[];
}

@ArgsType()
export class ContinuePlanItemArgs extends ActArgs {
  @Field(() => ID, { description: 'The item (its id), which has halted.' })
  readonly id!: string;
}

@ArgsType()
export class RecheckPlanItemArgs extends ActArgs {
  @Field(() => ID, { description: 'The item (its id).' })
  readonly id!: string;
}
