import { Args, ArgsType, Field, ID, InputType, Query, Resolver } from '@nestjs/graphql';
import { notFound } from '../../errors';
import { checks, findCheck } from '../../findings/checks/index';
import { UnknownQueries, type UnknownFilter } from '../../findings/unknown-queries';
import { Allow } from '../core/allow';
import { readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Check } from './check.type';
import { toCheckIds } from './finding.input';
import { Unknown, UnknownConnection } from './finding.type';

@InputType('UnknownFilter', { description: 'Which; all conditions must hold.' })
class UnknownFilterInput {
  @Field(() => [ID], { nullable: true, description: 'In one of these accounts (their ids).' })
  readonly accounts?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Of one of these checks (their ids: "unused-role").' })
  readonly check?: string[] | null;
}

@ArgsType()
class UnknownsArgs extends ScopedConnectionArgs {
  @Field(() => UnknownFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: UnknownFilterInput | null;
}

@Resolver()
export class ChecksResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly unknownQueries: UnknownQueries,
  ) {}

  @Query(() => [Check], { description: 'Every rule that identities are judged by.' })
  @Allow('read')
  checks(): Check[] {
    return checks.map((check) => new Check(check));
  }

  @Query(() => Check, { description: 'One rule.' })
  @Allow('read')
  check(@Args('id', { type: () => ID, description: 'Its name: "unused-access-key".' }) id: string): Check {
    const check = findCheck(id);
    if (!check) throw notFound(`The check "${id}"`);
    return new Check(check);
  }

  @Query(() => UnknownConnection, {
    description: 'What could not be judged, and why. It is not the same as being fine, and never acted on.',
  })
  @Allow('read')
  unknowns(@Ask() ask: RequestContext, @Args() args: UnknownsArgs): Promise<Connection<Unknown>> {
    const filter: UnknownFilter = {
      accountIds: readIdsOf('Account', args.filter?.accounts, 'filter.accounts') ?? null,
      checkIds: toCheckIds(args.filter?.check),
    };
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.unknownQueries.page(reader, filter, page),
        count: (reader) => this.unknownQueries.count(reader, filter),
        toNode: (row) => new Unknown(row),
      },
      args,
      args.tenant,
    );
  }
}
