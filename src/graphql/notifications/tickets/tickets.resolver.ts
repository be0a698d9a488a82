import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { readIdOf } from '../../../api-id';
import { notFound } from '../../../errors';
import { TicketQueries } from '../../../notifications/tickets/ticket-queries';
import { TicketRetries } from '../../../notifications/tickets/ticket-retries.service';
import { Acting } from '../../core/acting';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import type { Connection } from '../../core/connection';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { Finding } from '../../findings/finding.type';
import { StepsOfTicket, TicketById, TicketsOfFinding, TicketSystemById } from './ticket-batches';
import { TicketSystem } from './ticket-system.type';
import { TicketArgs, TicketsArgs, toTicketFilter } from './ticket.input';
import { Ticket, TicketConnection, TicketStep } from './ticket.type';

@Resolver()
export class TicketsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: TicketQueries,
    private readonly retries: TicketRetries,
    private readonly byId: TicketById,
  ) {}

  @Query(() => TicketConnection, { description: 'Tickets in other systems, the newest first.' })
  @Allow('read')
  tickets(@Ask() ask: RequestContext, @Args() args: TicketsArgs): Promise<Connection<Ticket>> {
    const filter = toTicketFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Ticket(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Ticket, { description: 'One of them.' })
  @Allow('read')
  async ticket(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The ticket’s id.' }) id: string,
  ): Promise<Ticket> {
    const found = await ask.load(this.byId, readIdOf('Ticket', id, 'id').id);
    if (!found) throw notFound('The ticket');
    return found;
  }

  @Mutation(() => Ticket, {
    description: 'Takes a ticket up again at once, one that stands still because of a `problem` as well.',
  })
  @Allow('manage-notifications')
  async retryTicket(@Ask() ask: RequestContext, @Args() args: TicketArgs): Promise<Ticket> {
    const { id } = readIdOf('Ticket', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'retryTicket', args }, async (manager, tenantId) => {
      await this.retries.retry(manager, tenantId, id);
      return { id };
    });
    const read = this.scope.read(ask.principal, (reader) => this.byId.load(reader, [id]), args.tenant ?? null);
    const [ticket] = await read;
    if (!ticket) throw notFound('The ticket');
    return ticket;
  }
}

/** What a ticket has besides its own row. */
@Resolver(() => Ticket)
export class TicketFieldsResolver {
  constructor(
    private readonly systems: TicketSystemById,
    private readonly stepsOf: StepsOfTicket,
  ) {}

  @ResolveField(() => TicketSystem, { nullable: true, description: 'The connection by which it was opened.' })
  @Allow('read')
  connection(@Parent() { row }: Ticket, @Ask() ask: RequestContext): Promise<TicketSystem | null> {
    return ask.load(this.systems, row.connection_id);
  }

  @ResolveField(() => [TicketStep], { description: 'Every request about it that is still kept, the oldest first.' })
  @Allow('read')
  steps(@Parent() { row }: Ticket, @Ask() ask: RequestContext): Promise<TicketStep[]> {
    return ask.load(this.stepsOf, row.id);
  }
}

@Resolver(() => Finding)
export class FindingTicketsResolver {
  constructor(private readonly ticketsOf: TicketsOfFinding) {}

  @ResolveField(() => [Ticket], { description: 'The tickets that speak of it; of each connection one at most.' })
  @Allow('read')
  tickets(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Ticket[]> {
    return ask.load(this.ticketsOf, row.id);
  }
}
