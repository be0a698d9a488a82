import { Args, ArgsType, Field, ID, Int, Query, registerEnumType, Resolver } from '@nestjs/graphql';
import { findCheck } from '../../findings/checks/index';
import type { FindingOrder as Order } from '../../findings/finding';
import { FindingQueries, type FindingGroup as By } from '../../findings/finding-queries';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { type Group, GroupList } from '../core/group.type';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { tenantGroup } from '../inventory/identities.resolver';
import { FindingFilterInput, toFindingFilter } from './finding.input';
import { Finding, FindingConnection } from './finding.type';

const FindingOrder = {
  IDLE_DAYS_DESC: 'IDLE_DAYS_DESC',
  SEVERITY_DESC: 'SEVERITY_DESC',
  FIRST_SEEN_DESC: 'FIRST_SEEN_DESC',
  ACCOUNT_ASC: 'ACCOUNT_ASC',
} as const satisfies { [K in Order]: K };

registerEnumType(FindingOrder, {
  name: 'FindingOrder',
  description: 'In which order.',
  valuesMap: {
    IDLE_DAYS_DESC: { description: 'The longest idle first, what is not about idle time last.' },
    SEVERITY_DESC: { description: 'The worst first, among them the longest idle.' },
    FIRST_SEEN_DESC: { description: 'The newest first.' },
    ACCOUNT_ASC: { description: 'By the account’s name, within it the longest idle first.' },
  },
});

const FindingGroupBy = {
  CHECK: 'CHECK',
  SEVERITY: 'SEVERITY',
  STATUS: 'STATUS',
  ACCOUNT: 'ACCOUNT',
  USER: 'USER',
  USER_NAME: 'USER_NAME',
  OU: 'OU',
  TENANT: 'TENANT',
  OWNER: 'OWNER',
} as const satisfies { [K in By]: K };

registerEnumType(FindingGroupBy, {
  name: 'FindingGroupBy',
  description: 'What to count by.',
  valuesMap: {
    CHECK: { description: 'The check.' },
    SEVERITY: { description: 'How bad it is.' },
    STATUS: { description: 'Open, exempt or resolved.' },
    ACCOUNT: { description: 'The AWS account.' },
    USER: { description: 'The user, or the user that owns the password or key; by ARN. Roles belong to no group.' },
    USER_NAME: { description: 'The same by name, over all accounts.' },
    OU: { description: 'The organizational unit. Accounts that were registered by themselves belong to none.' },
    TENANT: { description: 'The tenant.' },
    OWNER: { description: 'Whose it is, by name. What is nobody’s belongs to no group.' },
  },
});

@ArgsType()
class FindingsArgs extends ScopedConnectionArgs {
  @Field(() => FindingFilterInput, { nullable: true, description: 'Which findings; left out: all, in every status.' })
  readonly filter?: FindingFilterInput | null;

  @Field(() => FindingOrder, { nullable: true, description: 'In which order; default: IDLE_DAYS_DESC.' })
  readonly orderBy?: Order | null;
}

@ArgsType()
class FindingGroupsArgs {
  @Field(() => FindingGroupBy, { description: 'What to count by.' })
  readonly by!: By;

  @Field(() => FindingFilterInput, { nullable: true, description: 'Which findings; left out: all, in every status.' })
  readonly filter?: FindingFilterInput | null;

  @Field(() => Int, { nullable: true, description: 'How many groups at most: 1 to 1000, default 100.' })
  readonly first?: number | null;

  @Field(() => ID, { nullable: true, description: 'Only this tenant (its id). For platform tokens.' })
  readonly tenant?: string | null;
}

@Resolver()
export class FindingsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: FindingQueries,
  ) {}

  @Query(() => FindingConnection, { description: 'What is wrong.' })
  @Allow('read')
  findings(@Ask() ask: RequestContext, @Args() args: FindingsArgs): Promise<Connection<Finding>> {
    const filter = toFindingFilter(args.filter);
    const order = args.orderBy ?? 'IDLE_DAYS_DESC';
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, order, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Finding(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Finding, { description: 'One finding.' })
  @Allow('read')
  async finding(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The finding’s id.' }) id: string,
  ): Promise<Finding> {
    const wanted = readIdOf('Finding', id, 'id');
    return new Finding(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @Query(() => GroupList, { description: 'Findings counted by group.' })
  @Allow('read')
  async findingGroups(@Ask() ask: RequestContext, @Args() args: FindingGroupsArgs): Promise<GroupList> {
    const filter = toFindingFilter(args.filter);
    const groups = await this.scope.read(
      ask.principal,
      (reader) => this.queries.groups(reader, filter, args.by, args.first ?? undefined),
      args.tenant,
    );
    return GroupList.from(groups, { CHECK: checkGroup, TENANT: tenantGroup }[args.by as string]);
  }
}

const checkGroup = (group: Group): Group => ({ ...group, label: findCheck(group.key)?.title ?? group.label });
