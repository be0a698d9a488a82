import { Args, ArgsType, Field, ID, InputType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { readIdOf } from '../../../api-id';
import { notFound } from '../../../errors';
import { EndpointQueries } from '../../../notifications/endpoints/endpoint-queries';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import { type Connection, ScopedConnectionArgs } from '../../core/connection';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { EndpointById, HealthOfEndpoint } from './endpoint-batches';
import { EndpointChannel, EndpointState } from './endpoint-words';
import { Endpoint, EndpointConnection, EndpointHealth } from './endpoint.type';

@InputType('EndpointFilter', { description: 'Which endpoints; all conditions must hold.' })
class EndpointFilterInput {
  @Field(() => [EndpointChannel], { nullable: true, description: 'Told by one of these.' })
  readonly channels?: (typeof EndpointChannel)[keyof typeof EndpointChannel][] | null;

  @Field(() => [EndpointState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly states?: (typeof EndpointState)[keyof typeof EndpointState][] | null;

  @Field(() => String, { nullable: true, description: 'The name has this in it, without regard to case.' })
  readonly nameContains?: string | null;
}

@ArgsType()
class EndpointsArgs extends ScopedConnectionArgs {
  @Field(() => EndpointFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: EndpointFilterInput | null;
}

@Resolver(() => Endpoint)
export class EndpointsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: EndpointQueries,
    private readonly byId: EndpointById,
    private readonly healthOf: HealthOfEndpoint,
  ) {}

  @Query(() => EndpointConnection, {
    description: 'Who and what is told what happens, by name. Removed ones are left out.',
  })
  @Allow('read')
  endpoints(@Ask() ask: RequestContext, @Args() args: EndpointsArgs): Promise<Connection<Endpoint>> {
    const filter = args.filter ?? {};
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Endpoint(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Endpoint, { description: 'One of them.' })
  @Allow('read')
  async endpoint(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The endpoint’s id.' }) id: string,
  ): Promise<Endpoint> {
    const found = await ask.load(this.byId, readIdOf('Endpoint', id, 'id').id);
    if (!found) throw notFound('The endpoint');
    return found;
  }

  @ResolveField(() => EndpointHealth, { description: 'How well it is reached.' })
  @Allow('read')
  async health(@Parent() { row }: Endpoint, @Ask() ask: RequestContext): Promise<EndpointHealth> {
    return new EndpointHealth(row, await ask.load(this.healthOf, row.id));
  }
}
