import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Clock } from '../../clock';
import { PlanItemQueries } from '../../cleanup/plans/plan-item-queries';
import type { PlanRow, PlanTerms } from '../../cleanup/plans/plan';
import { PlanQueries } from '../../cleanup/plans/plan-queries';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import type { Connection } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PlanApproval } from './plan-approval.type';
import { ApprovalsOfPlan, CountsOfPlan, RaisedApprovalsOfPlan } from './plan-batches';
import { ItemsOfPlanArgs, toPlanItemFilter } from './plan-item.input';
import { PlanItem, PlanItemConnection } from './plan-item.type';
import { PlansArgs, toPlanFilter } from './plan.input';
import { Plan, PlanConnection, PlanOutcomeCount, PlanPace } from './plan.type';
import { TimelineEntry } from './timeline.type';
import { TimelineOfPlan } from './timelines';

@Resolver()
export class PlansResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: PlanQueries,
  ) {}

  @Query(() => PlanConnection, { description: 'What is to be put away, or was: the newest plan first.' })
  @Allow('read')
  plans(@Ask() ask: RequestContext, @Args() args: PlansArgs): Promise<Connection<Plan>> {
    const filter = toPlanFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Plan(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Plan, { description: 'One plan.' })
  @Allow('read')
  async plan(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The plan’s id.' }) id: string,
  ): Promise<Plan> {
    const wanted = readIdOf('Plan', id, 'id');
    return new Plan(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }
}

/** What a plan has besides its own row. */
@Resolver(() => Plan)
export class PlanFieldsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly items: PlanItemQueries,
    private readonly countsOf: CountsOfPlan,
    private readonly timelineOf: TimelineOfPlan,
  ) {}

  @ResolveField(() => PlanItemConnection, { name: 'items', description: 'What it holds, what it leaves out included.' })
  @Allow('read')
  itemsOf(
    @Parent() { row }: Plan,
    @Ask() ask: RequestContext,
    @Args() args: ItemsOfPlanArgs,
  ): Promise<Connection<PlanItem>> {
    const filter = { ...toPlanItemFilter(args.filter), planId: row.id };
    const order = args.orderBy ?? 'POSITION';
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.items.page(reader, filter, order, page),
        count: (reader) => this.items.count(reader, filter),
        toNode: (item) => new PlanItem(item),
      },
      args,
    );
  }

  @ResolveField(() => [PlanOutcomeCount], { description: 'How many of its items have come to what.' })
  @Allow('read')
  counts(@Parent() { row }: Plan, @Ask() ask: RequestContext): Promise<PlanOutcomeCount[]> {
    return ask.load(this.countsOf, row.id);
  }

  @ResolveField(() => [TimelineEntry], { description: 'What has happened to it, the newest last.' })
  @Allow('read')
  timeline(@Parent() { row }: Plan, @Ask() ask: RequestContext): Promise<TimelineEntry[]> {
    return ask.load(this.timelineOf, row.id);
  }
}

/** How many people have to agree to it, and who has. */
@Resolver(() => Plan)
export class PlanApprovalsResolver {
  constructor(
    private readonly approvalsOf: ApprovalsOfPlan,
    private readonly raisedOf: RaisedApprovalsOfPlan,
  ) {}

  @ResolveField(() => [PlanApproval], { description: 'What was decided about it, the oldest first.' })
  @Allow('read')
  approvals(@Parent() { row }: Plan, @Ask() ask: RequestContext): Promise<PlanApproval[]> {
    return ask.load(this.approvalsOf, row.id);
  }

  @ResolveField(() => Int, {
    description:
      'How many approvals it needs: as many as when it was proposed, or, while it waits for them, as the rules ask for by now where that is more.',
  })
  @Allow('read')
  async approvalsNeeded(@Parent() { row }: Plan, @Ask() ask: RequestContext): Promise<number> {
    return (await this.raised(row, ask))?.needed ?? row.approvals_needed;
  }

  @ResolveField(() => [String], { description: 'Why it needs more than usual; empty: it does not.' })
  @Allow('read')
  async approvalsBecause(@Parent() { row }: Plan, @Ask() ask: RequestContext): Promise<readonly string[]> {
    return ((await this.raised(row, ask)) ?? row.terms.approvals).because;
  }

  private raised(row: PlanRow, ask: RequestContext): Promise<PlanTerms['approvals'] | null> {
    const { tenant_id, id, state, approvals_needed } = row;
    return ask.load(this.raisedOf, { tenant_id, id, state, approvals_needed });
  }
}

@Resolver(() => Plan)
export class PlanPaceResolver {
  constructor(private readonly clock: Clock) {}

  @ResolveField(() => PlanPace, { description: 'How long it takes under its bounds, at best.' })
  @Allow('read')
  pace(@Parent() { row }: Plan): PlanPace {
    return PlanPace.from(row, this.clock.now());
  }
}
