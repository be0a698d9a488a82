import { Args, ID, Resolver, Subscription } from '@nestjs/graphql';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { PlanChanges } from './plan-changes';
import { PlanItem } from './plan-item.type';
import { Plan } from './plan.type';

@Resolver()
export class PlanChangesResolver {
  constructor(private readonly changes: PlanChanges) {}

  @Subscription(() => Plan, {
    description:
      'The plan now, and again whenever it or the outcomes of its items have changed, a few times a second at most. Goes on until you end it.',
    resolve: (plan: Plan) => plan,
  })
  @Allow('read')
  planChanged(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The plan’s id.' }) id: string,
  ): Promise<AsyncIterableIterator<Plan>> {
    return this.changes.ofPlan(ask, readIdOf('Plan', id, 'id').id);
  }

  @Subscription(() => [PlanItem], {
    description:
      'The items of a plan that changed last, 200 at most, and from then on those that have changed, a few times a second at most. Goes on until you end it.',
    resolve: (items: PlanItem[]) => items,
  })
  @Allow('read')
  planItemsChanged(
    @Ask() ask: RequestContext,
    @Args('plan', { type: () => ID, description: 'The plan’s id.' }) plan: string,
  ): Promise<AsyncIterableIterator<PlanItem[]>> {
    return this.changes.ofItems(ask, readIdOf('Plan', plan, 'plan').id);
  }
}
