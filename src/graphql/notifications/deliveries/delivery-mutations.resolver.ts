import { Args, Int, Mutation, Resolver } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { readIdOf, readIdsOf } from '../../../api-id';
import { badInput } from '../../../errors';
import { Replays } from '../../../notifications/deliveries/replays.service';
import { TestDeliveries } from '../../../notifications/deliveries/test-deliveries.service';
import { type ActArgs, Acting } from '../../core/acting';
import { Allow } from '../../core/allow';
import { Answering, type WorkOnOne } from '../../core/answering';
import { Ask } from '../../core/ask';
import { RequestContext } from '../../core/request-context';
import { EndpointArgs } from '../endpoints/endpoint.input';
import { DeliveryById } from './delivery-batches';
import { CancelDeliveriesArgs, DeliveryArgs, ReplayDeliveriesArgs } from './delivery.input';
import { Delivery } from './delivery.type';

const MOST_CANCELLED_BY_ID = 200;

/** Sending something again, or not at all. */
@Resolver()
export class DeliveryMutationsResolver {
  constructor(
    private readonly answering: Answering,
    private readonly acting: Acting,
    private readonly tests: TestDeliveries,
    private readonly replays: Replays,
    private readonly byId: DeliveryById,
  ) {}

  @Mutation(() => Delivery, {
    description:
      'Sends a test to an endpoint, whatever it asks for: a message like any other, of the type "endpoint.test". See its attempts.',
  })
  @Allow('manage-notifications')
  sendTestEvent(@Ask() ask: RequestContext, @Args() args: EndpointArgs): Promise<Delivery> {
    const { id } = readIdOf('Endpoint', args.id, 'id');
    return this.answer(ask, 'sendTestEvent', args, async (manager, tenantId) => {
      const { deliveryId } = await this.tests.send(manager, tenantId, id);
      return deliveryId;
    });
  }

  @Mutation(() => Delivery, {
    description:
      'Sends one message again, whatever became of it, with the same `messageId`: a new round of attempts begins. It is sent even if something newer about the same thing was accepted.',
  })
  @Allow('manage-notifications')
  replayDelivery(@Ask() ask: RequestContext, @Args() args: DeliveryArgs): Promise<Delivery> {
    const { id } = readIdOf('Delivery', args.id, 'id');
    return this.answer(ask, 'replayDelivery', args, async (manager, tenantId) => {
      await this.replays.one(manager, tenantId, id);
      return id;
    });
  }

  @Mutation(() => Int, {
    description:
      'Sends again what an endpoint has missed: all that failed, or everything of a time. What something newer about the same thing has overtaken is not sent, but marked as superseded. Answers how many are sent again.',
  })
  @Allow('manage-notifications')
  replayDeliveries(@Ask() ask: RequestContext, @Args() args: ReplayDeliveriesArgs): Promise<number> {
    const { id: endpointId } = readIdOf('Endpoint', args.endpoint, 'endpoint');
    const { from, to, onlyFailed, fromEvent, toEvent } = args;
    const range = {
      ...{ endpointId, onlyFailed: onlyFailed ?? true, from: from ?? null, to: to ?? null },
      fromEventId: fromEvent == null ? null : readIdOf('Event', fromEvent, 'fromEvent').id,
      toEventId: toEvent == null ? null : readIdOf('Event', toEvent, 'toEvent').id,
    };
    return this.count(ask, 'replayDeliveries', args, (manager, tenantId) =>
      this.replays.many(manager, tenantId, range),
    );
  }

  @Mutation(() => Int, {
    description: 'Calls off what waits for an endpoint. It can be replayed later. Answers how many were called off.',
  })
  @Allow('manage-notifications')
  cancelDeliveries(@Ask() ask: RequestContext, @Args() args: CancelDeliveriesArgs): Promise<number> {
    const { id: endpointId } = readIdOf('Endpoint', args.endpoint, 'endpoint');
    const ids = readIdsOf('Delivery', args.ids, 'ids');
    if (ids && (ids.length === 0 || ids.length > MOST_CANCELLED_BY_ID)) {
      throw badInput(`ids: name 1 to ${MOST_CANCELLED_BY_ID}, or leave it out for all that wait.`);
    }
    return this.count(ask, 'cancelDeliveries', args, (manager, tenantId) =>
      this.replays.cancel(manager, tenantId, { endpointId, ...(ids ? { ids } : {}) }),
    );
  }

  private async count(
    ask: RequestContext,
    operation: string,
    args: ActArgs,
    work: (manager: EntityManager, tenantId: string) => Promise<number>,
  ): Promise<number> {
    const { count } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => ({
      count: String(await work(manager, tenantId)),
    }));
    return Number(count);
  }

  /** With the delivery as it is afterwards. */
  private answer(ask: RequestContext, operation: string, args: ActArgs, work: WorkOnOne): Promise<Delivery> {
    return this.answering.after(ask, { operation, args, byId: this.byId, called: 'The delivery' }, work);
  }
}
