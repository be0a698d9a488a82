import { Args, ArgsType, Field, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AccountQueries } from '../../accounts/account-queries';
import { badInput } from '../../errors';
import { ScanQueries } from '../../scans/scan-queries';
import { SweepsService } from '../../scans/sweeps.service';
import { AccountFilterInput, toAccountFilter } from '../accounts/account.input';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Scan, ScanConnection, Sweep } from './scan.type';

@ArgsType()
class StartSweepArgs extends ActArgs {
  @Field(() => AccountFilterInput, {
    nullable: true,
    description: 'Which accounts; left out: all. A filter that no account matches is an error.',
  })
  readonly filter?: AccountFilterInput | null;
}

@ArgsType()
class ScanAccountArgs extends ActArgs {
  @Field(() => ID, { description: 'The account’s id.' })
  readonly id!: string;
}

@Resolver(() => Sweep)
export class SweepsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly sweeps: SweepsService,
    private readonly accounts: AccountQueries,
    private readonly scanQueries: ScanQueries,
  ) {}

  @Query(() => Sweep, { description: 'One sweep and how far it is.' })
  @Allow('read')
  sweep(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The sweep’s id.' }) id: string,
  ): Promise<Sweep> {
    return this.read(ask, readIdOf('Sweep', id, 'id').id);
  }

  @Mutation(() => Sweep, {
    description: 'Has accounts scanned now. An account that is being scanned already is joined.',
  })
  @Allow('operate')
  async startSweep(@Ask() ask: RequestContext, @Args() args: StartSweepArgs): Promise<Sweep> {
    const filter = toAccountFilter(args.filter);
    const { id } = await this.acting.inTenant(ask, { operation: 'startSweep', args }, async (manager, tenantId) => ({
      id: await this.sweeps.start(manager, tenantId, ask.principal.name, filter),
    }));
    return this.read(ask, id);
  }

  @Mutation(() => Sweep, { description: 'Has one account scanned now.' })
  @Allow('operate')
  async scanAccount(@Ask() ask: RequestContext, @Args() args: ScanAccountArgs): Promise<Sweep> {
    const account = readIdOf('Account', args.id, 'id');
    const { id } = await this.acting.inTenant(ask, { operation: 'scanAccount', args }, async (manager, tenantId) => {
      await this.accounts.byId({ manager, tenantId }, account.id);
      const sweep = await this.sweeps.startOne(manager, tenantId, ask.principal.name, account.id);
      if (sweep === null) throw badInput('id: this account cannot be scanned. It must be verified, and ACTIVE.');
      return { id: sweep };
    });
    return this.read(ask, id);
  }

  @ResolveField(() => ScanConnection, { description: 'Its scans, the newest first.' })
  @Allow('read')
  scans(@Parent() { row }: Sweep, @Ask() ask: RequestContext, @Args() args: ConnectionArgs): Promise<Connection<Scan>> {
    const filter = { sweepId: row.id };
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.scanQueries.page(reader, filter, page),
        count: (reader) => this.scanQueries.count(reader, filter),
        toNode: (scan) => new Scan(scan),
      },
      args,
    );
  }

  private async read(ask: RequestContext, id: string): Promise<Sweep> {
    return new Sweep(await this.scope.read(ask.principal, (reader) => this.sweeps.byId(reader, id)));
  }
}
