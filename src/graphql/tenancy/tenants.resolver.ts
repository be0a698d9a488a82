import { Args, ArgsType, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type TenantRow, TenantsService } from '../../tenancy/tenants.service';
import { Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ConnectionArgs, type Connection } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { SweepSchedule } from '../tasks/sweep-schedule.service';
import { TenantQueries } from './tenant-queries';
import { Tenant, TenantConnection } from './tenant.type';

@ArgsType()
class CreateTenantArgs extends OnceArgs {
  @Field(() => String, { description: 'Its name: 1 to 200 characters, not taken yet.' })
  readonly name!: string;
}

@Resolver(() => Tenant)
export class TenantsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: TenantQueries,
    private readonly tenantsService: TenantsService,
    private readonly schedule: SweepSchedule,
  ) {}

  @Query(() => TenantConnection, { description: 'All tenants, by name. For platform tokens.' })
  @Allow('read-platform')
  tenants(@Ask() ask: RequestContext, @Args() args: ConnectionArgs): Promise<Connection<Tenant>> {
    const { queries } = this;
    const listed = {
      page: queries.page.bind(queries),
      count: queries.count.bind(queries),
      toNode: (row: TenantRow) => Tenant.from(row),
    };
    return this.scope.list(ask.principal, listed, args);
  }

  @Query(() => Tenant, { description: 'One tenant. A tenant’s own token sees its own only.' })
  @Allow('read')
  async tenant(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The tenant’s id.' }) id: string,
  ): Promise<Tenant> {
    const wanted = readIdOf('Tenant', id, 'id');
    return Tenant.from(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @Mutation(() => Tenant, {
    description:
      'Makes a tenant. Its accounts are scanned once a day unless `setSchedule` says otherwise. For platform tokens.',
  })
  @Allow('manage-platform')
  async createTenant(@Ask() ask: RequestContext, @Args() args: CreateTenantArgs): Promise<Tenant> {
    const { id } = await this.acting.inPlatform(ask, { operation: 'createTenant', args }, async (manager) => ({
      id: await this.tenantsService.create(manager, args.name),
    }));
    // In its own tenant, so a transaction of its own; a request that is sent again makes up for one that was cut off.
    await this.acting.as(ask, () => this.schedule.setDailyWhereNone(id));
    return Tenant.from(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, id)));
  }
}
