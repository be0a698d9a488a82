import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ExemptionQueries } from '../../findings/exemptions/exemption-queries';
import { FindingQueries } from '../../findings/finding-queries';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import type { Connection } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Event, Finding, FindingConnection } from '../findings/finding.type';
import { OwnerById } from '../owners/owner-batches';
import { Owner } from '../owners/owner.type';
import { ExemptionById, FindingsCountOfExemption, HistoryOfExemption } from './exemption-batches';
import { ExemptionsArgs, SparedFindingsArgs, toExemptionFilter } from './exemption.input';
import { AppliedExemption, Exemption, ExemptionConnection } from './exemption.type';

@Resolver(() => Exemption)
export class ExemptionsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: ExemptionQueries,
    private readonly findingQueries: FindingQueries,
    private readonly findingsCountOf: FindingsCountOfExemption,
    private readonly historyOf: HistoryOfExemption,
  ) {}

  @Query(() => ExemptionConnection, { description: 'What is spared, the next to end first.' })
  @Allow('read')
  exemptions(@Ask() ask: RequestContext, @Args() args: ExemptionsArgs): Promise<Connection<Exemption>> {
    const filter = toExemptionFilter(args.filter);
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.queries.page(reader, filter, page),
        count: (reader) => this.queries.count(reader, filter),
        toNode: (row) => new Exemption(row),
      },
      args,
      args.tenant,
    );
  }

  @Query(() => Exemption, { description: 'One exemption.' })
  @Allow('read')
  async exemption(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The exemption’s id.' }) id: string,
  ): Promise<Exemption> {
    const wanted = readIdOf('Exemption', id, 'id');
    return new Exemption(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, wanted.id)));
  }

  @ResolveField(() => Int, { description: 'How many findings it spares now.' })
  @Allow('read')
  findingsCount(@Parent() { row }: Exemption, @Ask() ask: RequestContext): Promise<number> {
    return ask.load(this.findingsCountOf, row.id);
  }

  @ResolveField(() => FindingConnection, { description: 'The findings that it spares now, the longest idle first.' })
  @Allow('read')
  findings(
    @Parent() { row }: Exemption,
    @Ask() ask: RequestContext,
    @Args() args: SparedFindingsArgs,
  ): Promise<Connection<Finding>> {
    const filter = { exemptionId: row.id, statuses: ['exempt'] } as const;
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.findingQueries.page(reader, filter, 'IDLE_DAYS_DESC', page),
        count: (reader) => this.findingQueries.count(reader, filter),
        toNode: (finding) => new Finding(finding),
      },
      args,
    );
  }

  @ResolveField(() => [Event], { description: 'What has happened to it, the newest last.' })
  @Allow('read')
  history(@Parent() { row }: Exemption, @Ask() ask: RequestContext): Promise<Event[]> {
    return ask.load(this.historyOf, row.id);
  }
}

@Resolver(() => Exemption)
export class ExemptionOwnerResolver {
  constructor(private readonly owners: OwnerById) {}

  @ResolveField(() => Owner, { nullable: true, description: 'Who answers for it.' })
  @Allow('read')
  owner(@Parent() { row }: Exemption, @Ask() ask: RequestContext): Promise<Owner | null> {
    return ask.load(this.owners, row.owner_id);
  }
}

@Resolver(() => AppliedExemption)
export class AppliedExemptionOwnerResolver {
  constructor(private readonly owners: OwnerById) {}

  @ResolveField(() => Owner, { nullable: true, description: 'Who answers for the exemption.' })
  @Allow('read')
  owner(@Parent() { row }: AppliedExemption, @Ask() ask: RequestContext): Promise<Owner | null> {
    return ask.load(this.owners, row.owner_id);
  }
}

@Resolver(() => Finding)
export class FindingExemptionResolver {
  constructor(private readonly exemptions: ExemptionById) {}

  @ResolveField(() => AppliedExemption, {
    nullable: true,
    description: 'With EXEMPT: the exemption that spares it; null: the policy does, see exemptReason.',
  })
  @Allow('read')
  async exemption(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<AppliedExemption | null> {
    if (row.exemption_id === null || row.status !== 'exempt') return null;
    const exemption = await ask.load(this.exemptions, row.exemption_id);
    return exemption && new AppliedExemption(exemption.row);
  }
}
