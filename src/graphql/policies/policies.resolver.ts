import { Args, ArgsType, Field, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  PolicyQueries,
  type ListedVersion,
  type ShownPolicy,
  type VersionsOf,
} from '../../findings/policies/policy-queries';
import { standingPolicies } from '../../findings/policies/policy-store.service';
import { badInput, notFound } from '../../errors';
import { countOf, fetchPage } from '../../paging';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ConnectionArgs, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PolicyReads } from './policy-reads.service';
import { Policy, PolicyConnection, PolicyVersion, PolicyVersionConnection } from './policy.type';

@ArgsType()
class TenantArgs {
  @Field(() => ID, { nullable: true, description: 'The tenant (its id): platform tokens must name it.' })
  readonly tenant?: string | null;
}

@ArgsType()
class PolicyArgs extends TenantArgs {
  @Field(() => ID, { nullable: true, description: 'Its id. Leave it out to ask by name.' })
  readonly id?: string | null;

  @Field(() => String, { nullable: true, description: 'Its name; default: "default".' })
  readonly name?: string | null;
}

@ArgsType()
class VersionArgs {
  @Field(() => ID, { description: 'The policy’s id; a retired one’s, too.' })
  readonly id!: string;

  @Field(() => Int, { description: 'The number of the version.' })
  readonly version!: number;
}

@Resolver(() => Policy)
export class PoliciesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: PolicyQueries,
    private readonly reads: PolicyReads,
  ) {}

  @Query(() => PolicyConnection, {
    description:
      'A tenant’s policies in their order: the first whose scope takes an identity in decides about it. What none takes in, the built-in default decides (`policy`).',
  })
  @Allow('read')
  async policies(@Ask() ask: RequestContext, @Args() args: ScopedConnectionArgs): Promise<Connection<Policy>> {
    const tenantId = this.acting.tenantOf(ask.principal, args.tenant);
    return this.scope.list<ShownPolicy, Policy>(
      ask.principal,
      {
        page: async (reader, page) => {
          const listed = await fetchPage<{ id: string }>(reader.manager, standingPolicies(tenantId), page);
          const { policies } = await this.queries.all(reader, tenantId);
          const rows = listed.rows.flatMap(({ id }) => policies.filter(({ policy }) => policy.id === id));
          return { ...listed, rows };
        },
        count: (reader) => countOf(reader.manager, standingPolicies(tenantId)),
        toNode: (shown) => Policy.from(shown),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => String, {
    description:
      'Names a tenant’s policies as they stand, versions and order. Sent to `policyApply` as `expectedHash`, nobody’s change in between is overwritten.',
  })
  @Allow('read')
  async policiesHash(@Ask() ask: RequestContext, @Args() args: TenantArgs): Promise<string> {
    const tenantId = this.acting.tenantOf(ask.principal, args.tenant);
    const set = await this.scope.read(ask.principal, (reader) => this.queries.all(reader, tenantId), args.tenant);
    return set.hash;
  }

  @Query(() => Policy, {
    description: 'One policy, by id or name; by default "default", which is the built-in one where none was saved.',
  })
  @Allow('read')
  async policy(@Ask() ask: RequestContext, @Args() { id, name, tenant }: PolicyArgs): Promise<Policy> {
    if (id != null && name != null) throw badInput('id, name: give one of them, not both.');
    if (id != null) {
      const wanted = readIdOf('Policy', id, 'id');
      return this.scope.read(ask.principal, (reader) => this.reads.byId(reader, wanted), tenant);
    }
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    return this.scope.read(ask.principal, (reader) => this.reads.byName(reader, tenantId, name ?? 'default'), tenant);
  }

  @Query(() => PolicyVersion, { description: 'One version of a policy, in force or not.' })
  @Allow('read')
  async policyVersion(@Ask() ask: RequestContext, @Args() { id, version }: VersionArgs): Promise<PolicyVersion> {
    const wanted = readIdOf('Policy', id, 'id');
    return this.scope.read(ask.principal, async (reader) => {
      const of = { ...(await this.queries.find(reader, wanted.id)), version };
      const { rows } = await this.queries.versions(reader, of, { first: 1 });
      if (!rows[0]) throw notFound('version: this version of the policy');
      return PolicyVersion.listed(rows[0]);
    });
  }

  @ResolveField(() => PolicyVersionConnection, { description: 'Its versions, the newest first.' })
  @Allow('read')
  async versions(
    @Parent() { tenantId, name }: Policy,
    @Ask() ask: RequestContext,
    @Args() args: ConnectionArgs,
  ): Promise<Connection<PolicyVersion>> {
    const of: VersionsOf = { tenantId, name };
    return this.scope.list<ListedVersion, PolicyVersion>(
      ask.principal,
      {
        page: (reader, page) => this.queries.versions(reader, of, page),
        count: (reader) => this.queries.countVersions(reader, of),
        toNode: (row) => PolicyVersion.listed(row),
      },
      args,
    );
  }
}
