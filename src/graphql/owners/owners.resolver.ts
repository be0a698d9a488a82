import { Args, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OwnerChanges } from '../../findings/owners/owner-changes.service';
import { OwnerQueries } from '../../findings/owners/owner-queries';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import type { Connection } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Finding } from '../findings/finding.type';
import { OpenFindingsOfOwner, OwnerById, ReassignmentOfFinding } from './owner-batches';
import { OwnersArgs, SaveOwnerArgs } from './owner.input';
import { Owner, OwnerConnection, Reassignment } from './owner.type';

@Resolver(() => Owner)
export class OwnersResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: OwnerQueries,
    private readonly changes: OwnerChanges,
    private readonly openFindingsOf: OpenFindingsOfOwner,
  ) {}

  @Query(() => OwnerConnection, { description: 'The people and teams that answer for identities, by name.' })
  @Allow('read')
  owners(@Ask() ask: RequestContext, @Args() args: OwnersArgs): Promise<Connection<Owner>> {
    const filter = args.filter ?? {};
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Owner(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Owner, { description: 'One owner.' })
  @Allow('read')
  async owner(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The owner’s id.' }) id: string,
  ): Promise<Owner> {
    const wanted = readIdOf('Owner', id, 'id');
    return new Owner(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @Mutation(() => Owner, { description: 'Makes an owner, or changes its address or notes.' })
  @Allow('manage-policies')
  async saveOwner(@Ask() ask: RequestContext, @Args() args: SaveOwnerArgs): Promise<Owner> {
    const { id } = await this.acting.inTenant(ask, { operation: 'saveOwner', args }, async (manager, tenantId) => ({
      id: await this.changes.save(manager, tenantId, args),
    }));
    return new Owner(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, id), args.tenant));
  }

  @ResolveField(() => Int, { description: 'How many open findings are theirs.' })
  @Allow('read')
  openFindingsCount(@Parent() { row }: Owner, @Ask() ask: RequestContext): Promise<number> {
    return ask.load(this.openFindingsOf, row.id);
  }
}

@Resolver(() => Finding)
export class FindingOwnerResolver {
  constructor(
    private readonly owners: OwnerById,
    private readonly reassignmentOf: ReassignmentOfFinding,
  ) {}

  @ResolveField(() => Owner, {
    nullable: true,
    description: 'Whose its identity is, by tags, path, mapping or reassignment; null: nobody’s.',
  })
  @Allow('read')
  async owner(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Owner | null> {
    return row.owner_id === null ? null : ask.load(this.owners, row.owner_id);
  }

  @ResolveField(() => Reassignment, {
    nullable: true,
    description: 'Who said whose its identity is; null: nobody did, the rules decide.',
  })
  @Allow('read')
  reassignment(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Reassignment | null> {
    return ask.load(this.reassignmentOf, row.id);
  }
}
