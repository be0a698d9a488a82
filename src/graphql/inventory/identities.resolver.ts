import { Args, ArgsType, Field, ID, Int, Query, registerEnumType, Resolver } from '@nestjs/graphql';
import { IdentityQueries, type IdentityGroup as By, type IdentityOrder as Order } from '../../scans/identity-queries';
import { Allow } from '../core/allow';
import { encodeId, readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { type Group, GroupList } from '../core/group.type';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { IdentityFilterInput, toIdentityFilter } from './identity.input';
import { Identity, IdentityConnection, identityFrom } from './identity.type';

const IdentityOrder = {
  NAME_ASC: 'NAME_ASC',
  IDLE_DAYS_DESC: 'IDLE_DAYS_DESC',
  CREATED_AT_DESC: 'CREATED_AT_DESC',
} as const satisfies { [K in Order]: K };

registerEnumType(IdentityOrder, {
  name: 'IdentityOrder',
  description: 'In which order.',
  valuesMap: {
    NAME_ASC: { description: 'By name.' },
    IDLE_DAYS_DESC: { description: 'The longest idle first, unknown last.' },
    CREATED_AT_DESC: { description: 'The youngest first.' },
  },
});

const IdentityGroupBy = {
  USER: 'USER',
  USER_NAME: 'USER_NAME',
  ACCOUNT: 'ACCOUNT',
  KIND: 'KIND',
  OU: 'OU',
  TENANT: 'TENANT',
  PATH: 'PATH',
} as const satisfies { [K in By]: K };

registerEnumType(IdentityGroupBy, {
  name: 'IdentityGroupBy',
  description: 'What to count by.',
  valuesMap: {
    USER: { description: 'The user, or the user that owns the password or key; by ARN. Roles belong to no group.' },
    USER_NAME: { description: 'The same by name, over all accounts.' },
    ACCOUNT: { description: 'The AWS account.' },
    KIND: { description: 'User, role, password or access key.' },
    OU: { description: 'The organizational unit. Accounts that were registered by themselves belong to none.' },
    TENANT: { description: 'The tenant.' },
    PATH: { description: 'The IAM path.' },
  },
});

@ArgsType()
class IdentitiesArgs extends ScopedConnectionArgs {
  @Field(() => IdentityFilterInput, { nullable: true, description: 'Which identities; left out: all.' })
  readonly filter?: IdentityFilterInput | null;

  @Field(() => IdentityOrder, { nullable: true, description: 'In which order; default: NAME_ASC.' })
  readonly orderBy?: Order | null;
}

@ArgsType()
class IdentityGroupsArgs {
  @Field(() => IdentityGroupBy, { description: 'What to count by.' })
  readonly by!: By;

  @Field(() => IdentityFilterInput, { nullable: true, description: 'Which identities; left out: all.' })
  readonly filter?: IdentityFilterInput | null;

  @Field(() => Int, { nullable: true, description: 'How many groups at most: 1 to 1000, default 100.' })
  readonly first?: number | null;

  @Field(() => ID, { nullable: true, description: 'Only this tenant (its id). For platform tokens.' })
  readonly tenant?: string | null;
}

@Resolver()
export class IdentitiesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: IdentityQueries,
  ) {}

  @Query(() => IdentityConnection, {
    description: 'Users, roles, passwords and access keys, as the last scans saw them.',
  })
  @Allow('read')
  identities(@Ask() ask: RequestContext, @Args() args: IdentitiesArgs): Promise<Connection<Identity>> {
    const filter = toIdentityFilter(args.filter);
    const order = args.orderBy ?? 'NAME_ASC';
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, order, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: identityFrom,
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Identity, { description: 'One user, role, password or access key.' })
  @Allow('read')
  async identity(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The identity’s id in this API; for AWS’s own names use `lookup`.' })
    id: string,
  ): Promise<Identity> {
    const wanted = readIdOf('Identity', id, 'id');
    return identityFrom(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @Query(() => [Identity], {
    description:
      'What this text is, wherever it was found: an access key id (AKIA…), a unique id, an ARN, or a name. At most 50.',
  })
  @Allow('read')
  async lookup(
    @Ask() ask: RequestContext,
    @Args('text', { type: () => String, description: 'The text as it was found.' }) text: string,
  ): Promise<Identity[]> {
    const rows = await this.scope.read(ask.principal, (reader) => this.queries.lookup(reader, text));
    return rows.map(identityFrom);
  }

  @Query(() => GroupList, {
    description: 'Identities counted by group, at any threshold, straight from the inventory.',
  })
  @Allow('read')
  async identityGroups(@Ask() ask: RequestContext, @Args() args: IdentityGroupsArgs): Promise<GroupList> {
    const filter = toIdentityFilter(args.filter);
    const groups = await this.scope.read(
      ask.principal,
      (reader) => this.queries.groups(reader, filter, args.by, args.first ?? undefined),
      args.tenant,
    );
    return GroupList.from(groups, args.by === 'TENANT' ? tenantGroup : undefined);
  }
}

/** The group's key is the tenant's id in this API. */
export const tenantGroup = (group: Group): Group => ({ ...group, key: encodeId('Tenant', group.key, group.key) });
