import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { readIdOf } from '../../../api-id';
import { notFound } from '../../../errors';
import { DeliveryQueries } from '../../../notifications/deliveries/delivery-queries';
import { AccountById } from '../../accounts/account-batches';
import { Account } from '../../accounts/account.type';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import type { Connection } from '../../core/connection';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { EndpointById } from '../endpoints/endpoint-batches';
import { Endpoint } from '../endpoints/endpoint.type';
import { PublishedEventById } from '../events/event-batches';
import { PublishedEvent } from '../events/published-event.type';
import { AttemptsOfDelivery, DeliveryById } from './delivery-batches';
import { DeliveriesArgs, toDeliveryFilter } from './delivery.input';
import { Delivery, DeliveryAttempt, DeliveryConnection } from './delivery.type';

@Resolver()
export class DeliveriesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: DeliveryQueries,
    private readonly byId: DeliveryById,
  ) {}

  @Query(() => DeliveryConnection, { description: 'What was sent, waits to be sent or has failed: the newest first.' })
  @Allow('read')
  deliveries(@Ask() ask: RequestContext, @Args() args: DeliveriesArgs): Promise<Connection<Delivery>> {
    const filter = toDeliveryFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Delivery(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Delivery, { description: 'One of them.' })
  @Allow('read')
  async delivery(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The delivery’s id.' }) id: string,
  ): Promise<Delivery> {
    const found = await ask.load(this.byId, readIdOf('Delivery', id, 'id').id);
    if (!found) throw notFound('The delivery');
    return found;
  }
}

/** What a delivery has besides its own row. */
@Resolver(() => Delivery)
export class DeliveryFieldsResolver {
  constructor(
    private readonly endpoints: EndpointById,
    private readonly events: PublishedEventById,
    private readonly accounts: AccountById,
    private readonly attemptsOf: AttemptsOfDelivery,
  ) {}

  @ResolveField(() => Endpoint, { nullable: true, description: 'For whom it is; null: that was removed.' })
  @Allow('read')
  endpoint(@Parent() { row }: Delivery, @Ask() ask: RequestContext): Promise<Endpoint | null> {
    return ask.load(this.endpoints, row.endpoint_id);
  }

  @ResolveField(() => PublishedEvent, {
    nullable: true,
    description: 'The event; null: it is a batch or a test, or the event is so old that it was pruned.',
  })
  @Allow('read')
  event(@Parent() { row }: Delivery, @Ask() ask: RequestContext): Promise<PublishedEvent | null> {
    return row.event_id === null ? Promise.resolve(null) : ask.load(this.events, row.event_id);
  }

  @ResolveField(() => Account, { nullable: true, description: 'Of a batch: the account; else null.' })
  @Allow('read')
  account(@Parent() { row }: Delivery, @Ask() ask: RequestContext): Promise<Account | null> {
    return row.account_id === null ? Promise.resolve(null) : ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => [DeliveryAttempt], { description: 'Every attempt to send it, of all rounds, the oldest first.' })
  @Allow('read')
  attempts(@Parent() { row }: Delivery, @Ask() ask: RequestContext): Promise<DeliveryAttempt[]> {
    return ask.load(this.attemptsOf, row.id);
  }
}
