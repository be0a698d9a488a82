import { Args, ArgsType, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { RulesService } from '../../cleanup/rules/rules.service';
import { badInput } from '../../errors';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { ActArgs, Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { encodeId } from '../../api-id';
import { Ask } from '../core/ask';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { CleanupRules } from './cleanup-rules.type';

const RULES =
  'The whole document, as JSON: what it leaves out follows the level above, {} takes it away. docs/clean-up.md describes each field.';

@ArgsType()
class SaveRulesArgs extends ActArgs {
  @Field(() => Json, { description: RULES })
  readonly rules!: unknown;
}

@ArgsType()
class SavePlatformRulesArgs extends OnceArgs {
  @Field(() => Json, { description: RULES })
  readonly rules!: unknown;
}

/** How far clean-up may go. */
@Resolver()
export class CleanupRulesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly rules: RulesService,
  ) {}

  @Query(() => CleanupRules, {
    description:
      'How far clean-up may go in a tenant; for platform people who name none, what the platform has said for everyone.',
  })
  @Allow('read')
  cleanupRules(
    @Ask() ask: RequestContext,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): a tenant’s own token need not name it.',
    })
    tenant?: string | null,
  ): Promise<CleanupRules> {
    return this.read(ask, tenant);
  }

  @Mutation(() => CleanupRules, {
    description:
      'Saves the tenant’s own rules of clean-up. They may only be stricter than what the platform allows: a looser one is an error that names the field and its bound. Plans that were proposed keep the rules that they were approved with.',
  })
  @Allow('manage-policies')
  async saveCleanupRules(@Ask() ask: RequestContext, @Args() args: SaveRulesArgs): Promise<CleanupRules> {
    await this.acting.inTenant(ask, { operation: 'saveCleanupRules', args }, async (manager, tenantId) => {
      await this.rules.save(manager, tenantId, 'tenant', { rules: args.rules, by: ask.principal.name });
      return {};
    });
    return this.read(ask, args.tenant);
  }

  @Mutation(() => CleanupRules, {
    description:
      'Lets one tenant go further than what holds for everyone, or asks more of it. For platform people, who name the tenant.',
  })
  @Allow('manage-platform')
  async grantCleanupRules(@Ask() ask: RequestContext, @Args() args: SaveRulesArgs): Promise<CleanupRules> {
    await this.acting.inTenant(ask, { operation: 'grantCleanupRules', args }, async (manager, tenantId) => {
      if (tenantId === PLATFORM_TENANT_ID) throw badInput('tenant: for everyone there is savePlatformCleanupRules.');
      await this.rules.save(manager, tenantId, 'platform', { rules: args.rules, by: ask.principal.name });
      return {};
    });
    return this.read(ask, args.tenant);
  }

  @Mutation(() => CleanupRules, {
    description: 'Saves what holds for every tenant to which nothing else was granted. For platform people.',
  })
  @Allow('manage-platform')
  async savePlatformCleanupRules(
    @Ask() ask: RequestContext,
    @Args() args: SavePlatformRulesArgs,
  ): Promise<CleanupRules> {
    await this.acting.inPlatform(ask, { operation: 'savePlatformCleanupRules', args }, async (manager) => {
      await this.rules.save(manager, PLATFORM_TENANT_ID, 'platform', { rules: args.rules, by: ask.principal.name });
      return {};
    });
    return this.read(ask, null);
  }

  private async read(ask: RequestContext, tenant: string | null | undefined): Promise<CleanupRules> {
    const { principal } = ask;
    const named = tenant ?? encodeId('Tenant', principal.tenantId, principal.tenantId);
    const tenantId = this.acting.tenantOf(principal, named);
    return CleanupRules.from(
      await this.scope.read(principal, ({ manager }) => this.rules.shown(manager, tenantId), tenant ?? null),
    );
  }
}
