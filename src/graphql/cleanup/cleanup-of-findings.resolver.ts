import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { Finding } from '../findings/finding.type';
import { Identity } from '../inventory/identity.type';
import { ItemsOfIdentity, OpenItemOfFinding, PlanById } from './plan-batches';
import { PlanItem } from './plan-item.type';
import { Plan } from './plan.type';
import { TimelineEntry } from './timeline.type';
import { TimelineOfIdentity } from './timelines';

/** What clean-up does about a finding. */
@Resolver(() => Finding)
export class FindingCleanupResolver {
  constructor(
    private readonly openItemOf: OpenItemOfFinding,
    private readonly plans: PlanById,
  ) {}

  @ResolveField(() => PlanItem, {
    nullable: true,
    description: 'The item of a plan that it is in, if that was proposed and the item is not over.',
  })
  @Allow('read')
  planItem(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<PlanItem | null> {
    return ask.load(this.openItemOf, row.id);
  }

  @ResolveField(() => Plan, { nullable: true, description: 'The plan of that item.' })
  @Allow('read')
  async plan(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Plan | null> {
    const item = await ask.load(this.openItemOf, row.id);
    return item && ask.load(this.plans, item.row.plan_id);
  }
}

/** What clean-up does, and has done, to an identity. */
@Resolver(() => Identity)
export class IdentityCleanupResolver {
  constructor(
    private readonly itemsOf: ItemsOfIdentity,
    private readonly timelineOf: TimelineOfIdentity,
  ) {}

  @ResolveField(() => [PlanItem], { description: 'Its items in all plans, what changed last first.' })
  @Allow('read')
  planItems(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<PlanItem[]> {
    return ask.load(this.itemsOf, row.id);
  }

  @ResolveField(() => [TimelineEntry], {
    description: 'What has happened to it: its findings, its quarantine, its deletion; the newest last.',
  })
  @Allow('read')
  timeline(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<TimelineEntry[]> {
    return ask.load(this.timelineOf, row.id);
  }
}
