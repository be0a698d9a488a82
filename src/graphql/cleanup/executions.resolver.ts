import { Args, ArgsType, Field, ID, InputType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { Allow } from '../core/allow';
import { readIdOf, readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { type ExecutionFilter, ExecutionQueries } from './execution-queries';
import { Execution, ExecutionConnection } from './execution.type';
import { mustBeInOrder } from './plan.input';

@InputType('ExecutionFilter', { description: 'Which executions; all conditions must hold.' })
class ExecutionFilterInput {
  @Field(() => [ID], { nullable: true, description: 'In one of these accounts (their ids).' })
  readonly accounts?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'That sent something for this plan (its id).' })
  readonly plan?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Begun at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Begun before this time.' })
  readonly to?: Date | null;
}

@ArgsType()
class ExecutionsArgs extends ScopedConnectionArgs {
  @Field(() => ExecutionFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: ExecutionFilterInput | null;
}

@Resolver(() => Execution)
export class ExecutionsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: ExecutionQueries,
    private readonly accounts: AccountById,
  ) {}

  @Query(() => ExecutionConnection, { description: 'The runs over accounts, the newest first.' })
  @Allow('read')
  executions(@Ask() ask: RequestContext, @Args() args: ExecutionsArgs): Promise<Connection<Execution>> {
    const filter = toExecutionFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Execution(row),
      },
      args,
      args.tenant,
    );
  }

  @ResolveField(() => Account, { nullable: true, description: 'The account; null: it is another tenant’s by now.' })
  @Allow('read')
  account(@Parent() { row }: Execution, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }
}

function toExecutionFilter(input: ExecutionFilterInput | null | undefined): ExecutionFilter {
  const { accounts, plan, from, to } = input ?? {};
  mustBeInOrder(from, to);
  return {
    ...{ from: from ?? null, to: to ?? null },
    accountIds: readIdsOf('Account', accounts, 'filter.accounts') ?? null,
    planId: plan == null ? null : readIdOf('Plan', plan, 'filter.plan').id,
  };
}
