import { Args, ArgsType, Field, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { TenantQueries } from '../tenancy/tenant-queries';
import { Tenant } from '../tenancy/tenant.type';
import { TransferRequest, TransferRequestConnection, TransferState } from './transfer.type';
import { Transfers, type TransferState as State } from '../../accounts/transfers.service';

@ArgsType()
class TransferRequestsArgs extends ConnectionArgs {
  @Field(() => [TransferState], { nullable: true, description: 'In these states; default: OPEN.' })
  readonly state?: State[] | null;
}

@ArgsType()
class ResolveTransferArgs extends OnceArgs {
  @Field(() => ID, { description: 'The request’s id.' })
  readonly id!: string;

  @Field(() => Boolean, { description: 'true: the account goes to the tenant that asked; false: it stays.' })
  readonly accept!: boolean;
}

@Resolver(() => TransferRequest)
export class TransfersResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly transfers: Transfers,
    private readonly tenants: TenantQueries,
  ) {}

  @Query(() => TransferRequestConnection, {
    description: 'Who asks for accounts that others hold. For platform tokens.',
  })
  @Allow('read-platform')
  transferRequests(
    @Ask() ask: RequestContext,
    @Args() args: TransferRequestsArgs,
  ): Promise<Connection<TransferRequest>> {
    const states = args.state ?? (['open'] as const);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.transfers.page(reader, states, page),
        count: (reader) => this.transfers.count(reader, states),
        toNode: (row) => new TransferRequest(row),
      },
      args,
    );
  }

  @Mutation(() => TransferRequest, {
    description: 'Decides a transfer request. One that is decided already stays as it is. For platform tokens.',
  })
  @Allow('manage-platform')
  async resolveTransfer(@Ask() ask: RequestContext, @Args() args: ResolveTransferArgs): Promise<TransferRequest> {
    const { id } = readIdOf('TransferRequest', args.id, 'id');
    await this.acting.inPlatform(ask, { operation: 'resolveTransfer', args }, async (manager) => {
      const { state } = await this.transfers.decide(manager, id, args.accept);
      return { state };
    });
    const request = await this.scope.read(ask.principal, (reader) => this.transfers.byId(reader, id));
    await this.acting.as(ask, () => this.transfers.announce(request));
    return new TransferRequest(request);
  }

  @ResolveField(() => Tenant, { nullable: true, description: 'The tenant that holds the account.' })
  @Allow('read-platform')
  from(@Parent() { row }: TransferRequest, @Ask() ask: RequestContext): Promise<Tenant | null> {
    return this.tenant(ask, row.from_tenant_id);
  }

  @ResolveField(() => Tenant, { nullable: true, description: 'The tenant that asks for it.' })
  @Allow('read-platform')
  to(@Parent() { row }: TransferRequest, @Ask() ask: RequestContext): Promise<Tenant | null> {
    return this.tenant(ask, row.to_tenant_id);
  }

  private async tenant(ask: RequestContext, id: string): Promise<Tenant | null> {
    const row = await ask.load(this.tenants, id);
    return row && Tenant.from(row);
  }
}
