import { Args, ArgsType, Field, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OrganizationsService } from '../../accounts/organizations.service';
import { syncOrganization } from '../../accounts/sync-organization.definition';
import { TaskQueue } from '../../tasks/task-queue.service';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Organization, OrganizationConnection, OrganizationSetup } from './organization.type';
import { RoleSetups } from './role-setups.service';

@ArgsType()
class ConnectOrganizationArgs extends OnceArgs {
  @Field(() => String, { description: 'Its name here: 1 to 200 characters.' })
  readonly name!: string;

  @Field(() => String, { description: 'The AWS account id of its management account.' })
  readonly managementAccountId!: string;

  @Field(() => String, { nullable: true, description: 'aws (default), aws-cn or aws-us-gov.' })
  readonly partition?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The role that lists accounts; default: mothball-list in the management account. A delegated administrator’s will do.',
  })
  readonly listingRoleArn?: string | null;

  @Field(() => String, { nullable: true, description: 'The name of the role in each account; default: mothball-scan.' })
  readonly scanRoleName?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The management account’s own scan role, where it has another name.',
  })
  readonly managementScanRoleArn?: string | null;
}

@ArgsType()
class SyncOrganizationArgs extends OnceArgs {
  @Field(() => ID, { description: 'The organization’s id.' })
  readonly id!: string;
}

@Resolver(() => Organization)
export class OrganizationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly service: OrganizationsService,
    private readonly queue: TaskQueue,
    private readonly setups: RoleSetups,
  ) {}

  @Query(() => OrganizationConnection, { description: 'Connected organizations, by name. For platform tokens.' })
  @Allow('read-platform')
  organizations(@Ask() ask: RequestContext, @Args() args: ConnectionArgs): Promise<Connection<Organization>> {
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.service.page(reader, page),
        count: (reader) => this.service.count(reader),
        toNode: (row) => new Organization(row),
      },
      args,
    );
  }

  @Query(() => Organization, { description: 'One connected organization. For platform tokens.' })
  @Allow('read-platform')
  organization(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The organization’s id.' }) id: string,
  ): Promise<Organization> {
    return this.read(ask, readIdOf('Organization', id, 'id').id);
  }

  @Mutation(() => Organization, {
    description:
      'Connects an organization. Create what `setup` says in AWS, then `syncOrganization`; afterwards it is synced daily.',
  })
  @Allow('manage-platform')
  async connectOrganization(@Ask() ask: RequestContext, @Args() args: ConnectOrganizationArgs): Promise<Organization> {
    const { id } = await this.acting.inPlatform(ask, { operation: 'connectOrganization', args }, async (manager) => ({
      id: await this.service.connect(manager, args),
    }));
    return this.read(ask, id);
  }

  @Mutation(() => Organization, {
    description: 'Has the organization’s accounts listed now; see `syncedAt` and `problem`.',
  })
  @Allow('manage-platform')
  async syncOrganization(@Ask() ask: RequestContext, @Args() args: SyncOrganizationArgs): Promise<Organization> {
    const { id } = readIdOf('Organization', args.id, 'id');
    await this.acting.inPlatform(ask, { operation: 'syncOrganization', args }, async (manager) => {
      await this.service.byId({ manager, tenantId: PLATFORM_TENANT_ID }, id);
      const task = await this.queue.enqueue(manager, {
        tenantId: PLATFORM_TENANT_ID,
        task: syncOrganization,
        payload: { organizationId: id },
        dedupeKey: id,
        priority: 'urgent',
      });
      return { task };
    });
    return this.read(ask, id);
  }

  @ResolveField(() => OrganizationSetup, { description: 'What has to be created in AWS.' })
  @Allow('manage-platform')
  setup(@Parent() { row }: Organization): Promise<OrganizationSetup> {
    return this.setups.ofOrganization(row);
  }

  private async read(ask: RequestContext, id: string): Promise<Organization> {
    return new Organization(await this.scope.read(ask.principal, (reader) => this.service.byId(reader, id)));
  }
}
