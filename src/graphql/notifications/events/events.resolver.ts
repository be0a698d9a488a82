import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { readIdOf } from '../../../api-id';
import { Config } from '../../../config';
import { badInput, notFound } from '../../../errors';
import { eventTypes, LATEST_VERSION } from '../../../notifications/catalogue/index';
import { payloadOf } from '../../../notifications/catalogue/payload';
import { PublishedEventQueries } from '../../../notifications/publishing/published-event-queries';
import { AccountById } from '../../accounts/account-batches';
import { Account } from '../../accounts/account.type';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import type { Connection } from '../../core/connection';
import { Node } from '../../core/node.type';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { FindingById } from '../../findings/finding-batches';
import { NodeBatches } from '../../node-batches.service';
import { PublishedEventById } from './event-batches';
import { kindOfObject } from './event-objects';
import { EventTypeEntry } from './event-type.type';
import { EventsArgs, toPublishedEventFilter } from './event.input';
import { PublishedEvent, PublishedEventConnection } from './published-event.type';

@Resolver()
export class EventsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: PublishedEventQueries,
    private readonly byId: PublishedEventById,
  ) {}

  @Query(() => PublishedEventConnection, {
    description:
      'What has happened, in the order in which it was published: the oldest first. Nothing ever comes in before what was read already, so whoever keeps `endCursor` and asks for what is after it misses nothing.',
  })
  @Allow('read')
  events(@Ask() ask: RequestContext, @Args() args: EventsArgs): Promise<Connection<PublishedEvent>> {
    const filter = toPublishedEventFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new PublishedEvent(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => PublishedEvent, { description: 'One of them.' })
  @Allow('read')
  async event(
    @Ask() ask: RequestContext,
    @Args('id', {
      type: () => ID,
      description: 'The event’s id: of a webhook, what follows `evt_` in its `webhook-id`.',
    })
    id: string,
  ): Promise<PublishedEvent> {
    const found = await ask.load(this.byId, readIdOf('Event', id, 'id').id);
    if (!found) throw notFound('The event');
    return found;
  }

  @Query(() => [EventTypeEntry], {
    description: 'Every type of events that is published. docs/events.md shows them all.',
  })
  @Allow('read')
  eventTypes(): readonly EventTypeEntry[] {
    return eventTypes.map((type) => new EventTypeEntry(type));
  }
}

/** What an event has besides its own row. */
@Resolver(() => PublishedEvent)
export class PublishedEventFieldsResolver {
  constructor(
    private readonly batches: NodeBatches,
    private readonly findings: FindingById,
    private readonly accounts: AccountById,
    private readonly config: Config,
  ) {}

  @ResolveField(() => String, { description: 'What has happened, in one line.' })
  @Allow('read')
  title(@Parent() { row }: PublishedEvent): string {
    return payloadOf(row, LATEST_VERSION, this.config.publicUrl).words.title;
  }

  @ResolveField(() => String, { description: 'The same in some sentences.' })
  @Allow('read')
  text(@Parent() { row }: PublishedEvent): string {
    return payloadOf(row, LATEST_VERSION, this.config.publicUrl).words.text;
  }

  @ResolveField(() => String, { description: 'The JSON that a webhook gets, byte for byte.' })
  @Allow('read')
  payload(
    @Parent() { row }: PublishedEvent,
    @Args('version', {
      type: () => Int,
      nullable: true,
      description: 'In this version of the payload; left out: the newest.',
    })
    version?: number | null,
  ): string {
    const wanted = version ?? LATEST_VERSION;
    if (wanted < 1 || wanted > LATEST_VERSION) {
      throw badInput(`version: must be from 1 to ${LATEST_VERSION}, the newest that there is.`);
    }
    return payloadOf(row, wanted, this.config.publicUrl).body;
  }

  @ResolveField(() => Node, {
    nullable: true,
    description: 'What it is about, as it is now; null: it is no more, or can be asked for by a field of its own only.',
  })
  @Allow('read')
  object(@Parent() { row }: PublishedEvent, @Ask() ask: RequestContext): Promise<Node | null> {
    const kind = kindOfObject(row.objectType);
    const batch = kind === 'Finding' ? this.findings : kind && this.batches.of(kind);
    return batch ? ask.load(batch, row.objectId) : Promise.resolve(null);
  }

  @ResolveField(() => Account, {
    nullable: true,
    description: 'The account that it happened in; null: in none, or it is gone.',
  })
  @Allow('read')
  account(@Parent() { row }: PublishedEvent, @Ask() ask: RequestContext): Promise<Account | null> {
    const { accountId } = row.facets;
    return accountId === undefined ? Promise.resolve(null) : ask.load(this.accounts, accountId);
  }
}
