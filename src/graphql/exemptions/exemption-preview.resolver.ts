import { Args, Field, ID, Int, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ExemptionPreviews, type PreviewedExemption } from '../../findings/exemptions/exemption-preview.service';
import { type FindingFilter, FindingQueries } from '../../findings/finding-queries';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { encodeId } from '../../api-id';
import { Ask } from '../core/ask';
import type { Connection } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Finding, FindingConnection } from '../findings/finding.type';
import { ExemptionPreviewInput, SparedFindingsArgs } from './exemption.input';

@ObjectType({ description: 'What an exemption would spare, were it made now. Nothing has changed.' })
export class ExemptionPreview {
  readonly filter: FindingFilter;

  constructor(
    readonly previewed: PreviewedExemption,
    readonly tenantId: string,
  ) {
    this.filter = { also: previewed.spared };
  }

  @Field(() => Boolean, { description: 'Whether a second person would have to agree.' })
  get needsSecondPerson(): boolean {
    return this.previewed.secondPerson;
  }

  @Field(() => DateTime, { description: 'When it would end.' })
  get endsAt(): Date {
    return this.previewed.endsAt;
  }
}

@Resolver(() => ExemptionPreview)
export class ExemptionPreviewResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly previews: ExemptionPreviews,
    private readonly findingQueries: FindingQueries,
  ) {}

  @Query(() => ExemptionPreview, {
    description: 'What an exemption would spare: the open findings that would be exempt.',
  })
  @Allow('read')
  async exemptionPreview(
    @Ask() ask: RequestContext,
    @Args('input', { type: () => ExemptionPreviewInput, description: 'The exemption.' }) input: ExemptionPreviewInput,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): platform tokens must name it.',
    })
    tenant?: string | null,
  ): Promise<ExemptionPreview> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    const previewed = await this.scope.read(
      ask.principal,
      ({ manager }) => this.previews.of(manager, input),
      tenant ?? null,
    );
    return new ExemptionPreview(previewed, tenantId);
  }

  @ResolveField(() => Int, { description: 'How many open findings it would spare.' })
  @Allow('read')
  findingsCount(@Parent() preview: ExemptionPreview, @Ask() ask: RequestContext): Promise<number> {
    return this.scope.read(
      ask.principal,
      (reader) => this.findingQueries.count(reader, preview.filter),
      encodeId('Tenant', preview.tenantId, preview.tenantId),
    );
  }

  @ResolveField(() => FindingConnection, { description: 'Those findings, the longest idle first.' })
  @Allow('read')
  findings(
    @Parent() preview: ExemptionPreview,
    @Ask() ask: RequestContext,
    @Args() args: SparedFindingsArgs,
  ): Promise<Connection<Finding>> {
    return this.scope.list(
      ask.principal,
      {
        page: (reader, page) => this.findingQueries.page(reader, preview.filter, 'IDLE_DAYS_DESC', page),
        count: (reader) => this.findingQueries.count(reader, preview.filter),
        toNode: (row) => new Finding(row),
      },
      args,
      encodeId('Tenant', preview.tenantId, preview.tenantId),
    );
  }
}
