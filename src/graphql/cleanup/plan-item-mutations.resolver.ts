import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { GoingOn } from '../../cleanup/quarantine/going-on.service';
import { Rechecks } from '../../cleanup/quarantine/rechecks.service';
import { notFound } from '../../errors';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PlanItemById } from './plan-batches';
import { ContinuePlanItemArgs, RecheckPlanItemArgs } from './plan-item.input';
import { PlanItem } from './plan-item.type';

/** Deciding about one item on its way. */
@Resolver()
export class PlanItemMutationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly rechecks: Rechecks,
    private readonly goingOn: GoingOn,
    private readonly items: PlanItemById,
  ) {}

  @Mutation(() => PlanItem, {
    description:
      'Has an item looked at now instead of later: what it holds is read again and watched for signs of life. Nothing is put away by it.',
  })
  @Allow('operate')
  async recheckPlanItem(@Ask() ask: RequestContext, @Args() args: RecheckPlanItemArgs): Promise<PlanItem> {
    const { id } = readIdOf('PlanItem', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'recheckPlanItem', args }, async (manager, tenantId) => {
      await this.rechecks.request(manager, tenantId, id);
      return {};
    });
    return this.one(ask, id, args.tenant);
  }

  @Mutation(() => PlanItem, {
    description:
      'Lets a halted item go on where it stopped, once somebody has looked at why. It is read afresh first: what stopped it stops it again where it is still so. While its plan is halted, it waits for `resumePlan`.',
  })
  @Allow('approve')
  async continuePlanItem(@Ask() ask: RequestContext, @Args() args: ContinuePlanItemArgs): Promise<PlanItem> {
    const { id } = readIdOf('PlanItem', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'continuePlanItem', args }, async (manager, tenantId) => {
      await this.goingOn.request(manager, tenantId, id, ask.principal);
      return {};
    });
    return this.one(ask, id, args.tenant);
  }

  private async one(ask: RequestContext, id: string, tenant?: string | null): Promise<PlanItem> {
    const [item] = await this.scope.read(ask.principal, (reader) => this.items.load(reader, [id]), tenant ?? null);
    if (!item) throw notFound('The item');
    return item;
  }
}
