import {
  Args,
  ArgsType,
  Field,
  ID,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { RestorePreviews, type RestorePreview as Previewed } from '../../cleanup/restores/restore-previews.service';
import { Restores } from '../../cleanup/restores/restores.service';
import { badInput } from '../../errors';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PlanItemById } from './plan-batches';
import { MOST_AT_ONCE, RestorePlanItemsArgs } from './plan-item.input';
import { PlanItem } from './plan-item.type';

@ArgsType()
class RestorePreviewArgs {
  @Field(() => [ID], { description: `The items (their ids): 1 to ${MOST_AT_ONCE}.` })
  readonly ids!: string[];

  @Field(() => ID, { nullable: true, description: 'The tenant (its id): platform tokens must name it.' })
  readonly tenant?: string | null;
}

@ObjectType({ description: 'What would come of restoring an item. Nothing has changed, and AWS was not asked.' })
export class RestorePreview {
  constructor(readonly previewed: Previewed) {}

  @Field(() => Boolean, { description: 'Whether it can be asked for; false: see `reason`.' })
  get possible(): boolean {
    return this.previewed.refusal === null && this.previewed.way !== 'under-way';
  }

  @Field(() => String, { nullable: true, description: 'Why it cannot.' })
  get reason(): string | null {
    if (this.previewed.way === 'under-way') return 'It is being brought back already.';
    return this.previewed.refusal?.reason ?? null;
  }

  @Field(() => String, { nullable: true, description: 'What to do about it.' })
  get remedy(): string | null {
    if (this.previewed.way === 'under-way') return 'Wait a minute, and look at the item.';
    return this.previewed.refusal?.remedy ?? null;
  }

  @Field(() => [String], { description: 'What comes back.' })
  get comesBack(): readonly string[] {
    return this.previewed.comesBack;
  }

  @Field(() => [String], { description: 'What never does, and what must be mended by hand.' })
  get neverComesBack(): readonly string[] {
    return this.previewed.neverComesBack;
  }
}

/** The way back. */
@Resolver(() => RestorePreview)
export class RestorePreviewResolver {
  constructor(
    private readonly acting: Acting,
    private readonly database: TenantDatabase,
    private readonly previews: RestorePreviews,
    private readonly items: PlanItemById,
  ) {}

  @Query(() => [RestorePreview], {
    description: 'What would come back if these items were restored, and what never does.',
  })
  @Allow('plan')
  async restorePreview(@Ask() ask: RequestContext, @Args() args: RestorePreviewArgs): Promise<RestorePreview[]> {
    const ids = someIds(args.ids);
    const tenantId = this.acting.tenantOf(ask.principal, args.tenant);
    // Not as platform people read elsewhere: snapshots are the tenant's own.
    const previews = await this.database.inTenant(tenantId, (manager) => this.previews.of(manager, tenantId, ids));
    return previews.map((previewed) => new RestorePreview(previewed));
  }

  @ResolveField(() => PlanItem, { nullable: true, description: 'The item.' })
  @Allow('read')
  item(@Parent() { previewed }: RestorePreview, @Ask() ask: RequestContext): Promise<PlanItem | null> {
    return ask.load(this.items, previewed.itemId);
  }
}

@Resolver()
export class RestoresResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly restores: Restores,
    private readonly items: PlanItemById,
  ) {}

  @Mutation(() => [PlanItem], {
    description:
      'Brings items back, all of them or none: from quarantine exactly as they were, after a deletion made again from their snapshot by the account’s restore role. Never paused, halted or bound to change windows.',
  })
  @Allow('plan')
  async restorePlanItems(@Ask() ask: RequestContext, @Args() args: RestorePlanItemsArgs): Promise<PlanItem[]> {
    const ids = someIds(args.ids);
    await this.acting.inTenant(ask, { operation: 'restorePlanItems', args }, async (manager, tenantId) => {
      await this.restores.request(manager, tenantId, ids, ask.principal);
      return {};
    });
    return this.read(ask, ids, args.tenant);
  }

  private async read(ask: RequestContext, ids: readonly string[], tenant?: string | null): Promise<PlanItem[]> {
    const found = await this.scope.read(ask.principal, (reader) => this.items.load(reader, ids), tenant ?? null);
    return found.flatMap((item) => item ?? []);
  }
}

function someIds(texts: readonly string[]): string[] {
  if (texts.length === 0 || texts.length > MOST_AT_ONCE) {
    throw badInput(`ids: name 1 to ${MOST_AT_ONCE} items, by the field "id" of planItems.`);
  }
  return [...new Set(readIdsOf('PlanItem', texts, 'ids'))];
}
