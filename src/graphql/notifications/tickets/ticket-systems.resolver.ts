import { Args, ArgsType, Field, ID, InputType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { readIdOf } from '../../../api-id';
import { Config } from '../../../config';
import { notFound } from '../../../errors';
import type { TicketConnectionRow } from '../../../notifications/tickets/connections/ticket-connection';
import { TicketConnectionQueries } from '../../../notifications/tickets/connections/ticket-connection-queries';
import { TicketPreviews } from '../../../notifications/tickets/ticket-previews.service';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import { INBOUND_PATH } from '../../core/body-limit';
import { type Connection, ScopedConnectionArgs } from '../../core/connection';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { TicketSystemById } from './ticket-batches';
import { TicketPreview } from './ticket-preview.type';
import { TicketSystem, TicketSystemConnection } from './ticket-system.type';
import { TicketSystemState } from './ticket-words';

@InputType('TicketSystemFilter', { description: 'Which connections; all conditions must hold.' })
class TicketSystemFilterInput {
  @Field(() => [TicketSystemState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly states?: TicketConnectionRow['state'][] | null;
}

@ArgsType()
class TicketConnectionsArgs extends ScopedConnectionArgs {
  @Field(() => TicketSystemFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: TicketSystemFilterInput | null;
}

@Resolver(() => TicketSystem)
export class TicketSystemsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: TicketConnectionQueries,
    private readonly previews: TicketPreviews,
    private readonly byId: TicketSystemById,
    private readonly config: Config,
  ) {}

  @Query(() => TicketSystemConnection, {
    description: 'Connections to ticketing systems, by name. Removed ones are left out.',
  })
  @Allow('read')
  ticketConnections(
    @Ask() ask: RequestContext,
    @Args() args: TicketConnectionsArgs,
  ): Promise<Connection<TicketSystem>> {
    const filter = { states: args.filter?.states ?? null };
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new TicketSystem(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => TicketSystem, { description: 'One of them.' })
  @Allow('read')
  async ticketConnection(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The connection’s id.' }) id: string,
  ): Promise<TicketSystem> {
    const found = await ask.load(this.byId, readIdOf('TicketConnection', id, 'id').id);
    if (!found) throw notFound('The connection');
    return found;
  }

  @Query(() => TicketPreview, {
    description: 'What a connection would do if it were activated now. Nothing is sent, and nothing is changed.',
  })
  @Allow('read')
  async ticketConnectionPreview(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The connection’s id.' }) id: string,
  ): Promise<TicketPreview> {
    const wanted = readIdOf('TicketConnection', id, 'id');
    return new TicketPreview(
      await this.scope.read(ask.principal, (reader) => this.previews.preview(reader, wanted.id)),
    );
  }

  @ResolveField(() => String, {
    nullable: true,
    description:
      'Where the system is to send what happens to tickets, signed with the secret that `createTicketConnection` showed; null while the service does not know its own address (MOTHBALL_PUBLIC_URL).',
  })
  @Allow('read')
  inboundUrl(@Parent() { id }: TicketSystem): string | null {
    const { publicUrl } = this.config;
    return publicUrl === null ? null : `${publicUrl}/${INBOUND_PATH}/tickets/${id}`;
  }
}
