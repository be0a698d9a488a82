import { Args, ArgsType, Field, ID, InputType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ScanQueries, type ScanFilter } from '../../scans/scan-queries';
import type { ScanOutcome as Outcome, ScanState as State } from '../../scans/scan';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { Allow } from '../core/allow';
import { readIdOf, readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Scan, ScanConnection, ScanOutcome, ScanState } from './scan.type';

@InputType('ScanFilter', { description: 'Which scans; all conditions must hold.' })
class ScanFilterInput {
  @Field(() => [ID], { nullable: true, description: 'Of one of these accounts (their ids).' })
  readonly accounts?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Of this sweep (its id).' })
  readonly sweep?: string | null;

  @Field(() => [ScanState], { nullable: true, description: 'In one of these states.' })
  readonly state?: State[] | null;

  @Field(() => [ScanOutcome], { nullable: true, description: 'With one of these outcomes.' })
  readonly outcome?: Outcome[] | null;
}

@ArgsType()
class ScansArgs extends ScopedConnectionArgs {
  @Field(() => ScanFilterInput, { nullable: true, description: 'Which scans; left out: all.' })
  readonly filter?: ScanFilterInput | null;
}

@Resolver(() => Scan)
export class ScansResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: ScanQueries,
    private readonly accounts: AccountById,
  ) {}

  @Query(() => ScanConnection, { description: 'Scans, the newest first.' })
  @Allow('read')
  scans(@Ask() ask: RequestContext, @Args() args: ScansArgs): Promise<Connection<Scan>> {
    const filter = toFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Scan(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Scan, { description: 'One scan.' })
  @Allow('read')
  async scan(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The scan’s id.' }) id: string,
  ): Promise<Scan> {
    const wanted = readIdOf('Scan', id, 'id');
    return new Scan(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @ResolveField(() => Account, { nullable: true, description: 'The account that it reads.' })
  @Allow('read')
  account(@Parent() { row }: Scan, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }
}

function toFilter(input: ScanFilterInput | null | undefined): ScanFilter {
  return {
    accountIds: readIdsOf('Account', input?.accounts, 'filter.accounts') ?? null,
    sweepId: input?.sweep == null ? null : readIdOf('Sweep', input.sweep, 'filter.sweep').id,
    states: input?.state ?? null,
    outcomes: input?.outcome ?? null,
  };
}
