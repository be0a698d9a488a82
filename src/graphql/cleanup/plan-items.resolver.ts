import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { itemWords } from '../../cleanup/plans/item-words';
import { PlanItemQueries } from '../../cleanup/plans/plan-item-queries';
import { findCheck } from '../../findings/checks/index';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import type { Connection } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Check } from '../findings/check.type';
import { FindingById } from '../findings/finding-batches';
import { Finding } from '../findings/finding.type';
import { IdentityById } from '../inventory/identity-batches';
import { Identity } from '../inventory/identity.type';
import { ExecutionById } from './execution-queries';
import { Execution } from './execution.type';
import { PlanById, PlanItemById, StepsOfItem } from './plan-batches';
import { PlanItemsArgs, toPlanItemFilter, toPlanItemOrder } from './plan-item.input';
import { PlanItem, PlanItemConnection, PlanItemOutlook } from './plan-item.type';
import { PlanItemStep } from './plan-step.type';
import { Plan } from './plan.type';
import { TimelineEntry } from './timeline.type';
import { TimelineOfItem } from './timelines';

@Resolver()
export class PlanItemsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: PlanItemQueries,
  ) {}

  @Query(() => PlanItemConnection, {
    description: 'What is being put away, was, or was refused, over all plans: what changed last first.',
  })
  @Allow('read')
  planItems(@Ask() ask: RequestContext, @Args() args: PlanItemsArgs): Promise<Connection<PlanItem>> {
    const filter = toPlanItemFilter(args.filter);
    const order = toPlanItemOrder(args.orderBy, filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, order, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new PlanItem(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => PlanItem, { description: 'One item of a plan.' })
  @Allow('read')
  async planItem(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The item’s id.' }) id: string,
  ): Promise<PlanItem> {
    const wanted = readIdOf('PlanItem', id, 'id');
    return new PlanItem(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }
}

/** What an item is about. */
@Resolver(() => PlanItem)
export class PlanItemSubjectResolver {
  constructor(
    private readonly accounts: AccountById,
    private readonly identities: IdentityById,
    private readonly findingById: FindingById,
    private readonly plans: PlanById,
    private readonly items: PlanItemById,
  ) {}

  @ResolveField(() => Plan, { nullable: true, description: 'The plan it belongs to.' })
  @Allow('read')
  plan(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<Plan | null> {
    return ask.load(this.plans, row.plan_id);
  }

  @ResolveField(() => Account, { nullable: true, description: 'The account; null: it is another tenant’s by now.' })
  @Allow('read')
  account(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => Identity, {
    nullable: true,
    description: 'What is put away, as the inventory has it; null: its account is another tenant’s by now.',
  })
  @Allow('read')
  identity(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ask.load(this.identities, row.identity_id);
  }

  @ResolveField(() => [Finding], { description: 'The findings that it puts right.' })
  @Allow('read')
  async findings(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<Finding[]> {
    const found = await Promise.all(row.finding_ids.map((id) => ask.load(this.findingById, id)));
    return found.flatMap((finding) => finding ?? []);
  }

  @ResolveField(() => [Check], { description: 'The checks of those findings.' })
  @Allow('read')
  checks(@Parent() { row }: PlanItem): Check[] {
    return row.check_ids.flatMap((id) => {
      const check = findCheck(id);
      return check ? [new Check(check)] : [];
    });
  }

  @ResolveField(() => PlanItem, {
    nullable: true,
    description: 'The item of an earlier plan that put it into quarantine, with which this one goes on.',
  })
  @Allow('read')
  async continues(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<PlanItem | null> {
    return row.continues_item_id === null ? null : ask.load(this.items, row.continues_item_id);
  }
}

@Resolver(() => PlanItem)
export class PlanItemOutlookResolver {
  constructor(private readonly plans: PlanById) {}

  @ResolveField(() => PlanItemOutlook, {
    nullable: true,
    description: 'What will be done, what comes back and what never does; null: it was refused, and nothing is done.',
  })
  @Allow('read')
  async outlook(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<PlanItemOutlook | null> {
    if (row.stage === 'refused') return null;
    const plan = await ask.load(this.plans, row.plan_id);
    return plan && itemWords(row, plan.row.goal, plan.row.terms.rules);
  }
}

/** What was done to it. */
@Resolver(() => PlanItem)
export class PlanItemWorkResolver {
  constructor(
    private readonly stepsOf: StepsOfItem,
    private readonly executions: ExecutionById,
    private readonly timelineOf: TimelineOfItem,
  ) {}

  @ResolveField(() => [PlanItemStep], {
    description: 'Each request to AWS that changes something, in order; of a dry run those that would have been sent.',
  })
  @Allow('read')
  steps(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<PlanItemStep[]> {
    return ask.load(this.stepsOf, row.id);
  }

  @ResolveField(() => Execution, { nullable: true, description: 'The run in which it was last worked on.' })
  @Allow('read')
  async execution(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<Execution | null> {
    return row.execution_id === null ? null : ask.load(this.executions, row.execution_id);
  }

  @ResolveField(() => [TimelineEntry], {
    description: 'What has happened to it and to its plan, in one list, the newest last.',
  })
  @Allow('read')
  timeline(@Parent() { row }: PlanItem, @Ask() ask: RequestContext): Promise<TimelineEntry[]> {
    return ask.load(this.timelineOf, row.id);
  }
}

@Resolver(() => PlanItemStep)
export class PlanItemStepResolver {
  constructor(private readonly executions: ExecutionById) {}

  @ResolveField(() => Execution, { nullable: true, description: 'The run that sent it.' })
  @Allow('read')
  execution(@Parent() { row }: PlanItemStep, @Ask() ask: RequestContext): Promise<Execution | null> {
    return ask.load(this.executions, row.execution_id);
  }
}
