import { Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { TenantQueries } from './tenant-queries';
import { Tenant, Viewer } from './tenant.type';

@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(private readonly tenants: TenantQueries) {}

  @Query(() => Viewer, { description: 'Who you are, as your sign-in or your token says.' })
  @Allow('read')
  viewer(@Ask() ask: RequestContext): Viewer {
    return Viewer.from(ask.credential);
  }

  @ResolveField(() => Tenant, { nullable: true, description: 'The tenant that they are in now.' })
  @Allow('read')
  async tenant(@Parent() viewer: Viewer, @Ask() ask: RequestContext): Promise<Tenant | null> {
    const row = await ask.load(this.tenants, viewer.tenantId);
    return row && Tenant.from(row);
  }
}
