import { Args, ArgsType, Field, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AccountQueries } from '../../accounts/account-queries';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { ScanById } from '../inventory/scan-batches';
import { Scan } from '../inventory/scan.type';
import { TenantQueries } from '../tenancy/tenant-queries';
import { Tenant } from '../tenancy/tenant.type';
import { AccountFilterInput, toAccountFilter } from './account.input';
import { Account, AccountConnection } from './account.type';

@ArgsType()
class AccountsArgs extends ScopedConnectionArgs {
  @Field(() => AccountFilterInput, { nullable: true, description: 'Which accounts; left out: all.' })
  readonly filter?: AccountFilterInput | null;
}

@Resolver(() => Account)
export class AccountsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: AccountQueries,
    private readonly scans: ScanById,
    private readonly tenants: TenantQueries,
  ) {}

  @Query(() => AccountConnection, { description: 'Accounts, by name.' })
  @Allow('read')
  accounts(@Ask() ask: RequestContext, @Args() args: AccountsArgs): Promise<Connection<Account>> {
    const filter = toAccountFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Account(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Account, { description: 'One account.' })
  @Allow('read')
  async account(
    @Ask() ask: RequestContext,
    @Args('id', {
      type: () => ID,
      description: 'The account’s id in this API; for an AWS account id use the filter of `accounts`.',
    })
    id: string,
  ): Promise<Account> {
    const wanted = readIdOf('Account', id, 'id');
    return new Account(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @ResolveField(() => Scan, { nullable: true, description: 'The last scan that has finished; null: none yet.' })
  @Allow('read')
  async lastScan(@Parent() { row }: Account, @Ask() ask: RequestContext): Promise<Scan | null> {
    return row.last_scan_id === null ? null : ask.load(this.scans, row.last_scan_id);
  }

  @ResolveField(() => Tenant, { nullable: true, description: 'The tenant that owns it.' })
  @Allow('read')
  async tenant(@Parent() { row }: Account, @Ask() ask: RequestContext): Promise<Tenant | null> {
    const tenant = await ask.load(this.tenants, row.tenant_id);
    return tenant && Tenant.from(tenant);
  }
}
