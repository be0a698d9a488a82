import { Args, ArgsType, Field, ID, Mutation, ObjectType, Query, registerEnumType, Resolver } from '@nestjs/graphql';
import { type PauseInForce, Pauses } from '../../cleanup/pauses/pauses.service';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { ActArgs, Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { encodeId } from '../../api-id';
import { Ask } from '../core/ask';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';

const PauseScope = { TENANT: 'tenant', PLATFORM: 'platform' } as const satisfies Record<string, PauseInForce['scope']>;

registerEnumType(PauseScope, {
  name: 'PauseScope',
  description: 'Whose clean-up is paused.',
  valuesMap: { TENANT: { description: 'This tenant’s.' }, PLATFORM: { description: 'Everyone’s.' } },
});

@ObjectType({
  description: 'Clean-up is paused: nothing is put away or deleted. Watching, giving back and restoring go on.',
})
export class CleanupPause {
  @Field(() => PauseScope, { description: 'Whose.' })
  readonly scope!: PauseInForce['scope'];

  @Field(() => String, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => DateTime, { description: 'Since when.' })
  readonly pausedAt!: Date;

  @Field(() => String, { nullable: true, description: 'Who paused it; null: one of the platform’s people.' })
  readonly pausedBy!: string | null;
}

const REASON = 'Why, for those who see that nothing moves.';

@ArgsType()
class PauseArgs extends ActArgs {
  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@ArgsType()
class PauseAllArgs extends OnceArgs {
  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

/** The emergency stop. */
@Resolver()
export class CleanupPauseResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly pauses: Pauses,
  ) {}

  @Query(() => CleanupPause, {
    nullable: true,
    description: 'What stops clean-up in a tenant; for platform people who name none, everyone’s. Null: nothing.',
  })
  @Allow('read')
  cleanupPause(
    @Ask() ask: RequestContext,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): a tenant’s own token need not name it.',
    })
    tenant?: string | null,
  ): Promise<CleanupPause | null> {
    return this.read(ask, tenant);
  }

  @Mutation(() => CleanupPause, {
    nullable: true,
    description:
      'Stops the tenant’s clean-up at once: within a second no process sends another request that puts something away. Watching, giving back and restoring go on. Paused again it only changes the reason.',
  })
  @Allow('plan')
  async pauseCleanup(@Ask() ask: RequestContext, @Args() args: PauseArgs): Promise<CleanupPause | null> {
    await this.acting.inTenant(ask, { operation: 'pauseCleanup', args }, async (manager, tenantId) => {
      await this.pauses.pause(manager, tenantId, ask.principal, args.reason);
      return {};
    });
    return this.read(ask, args.tenant);
  }

  @Mutation(() => CleanupPause, {
    nullable: true,
    description: 'Lets the tenant’s clean-up go on. Answers with what still stops it: the platform’s pause, or null.',
  })
  @Allow('plan')
  async resumeCleanup(@Ask() ask: RequestContext, @Args() args: ActArgs): Promise<CleanupPause | null> {
    await this.acting.inTenant(ask, { operation: 'resumeCleanup', args }, async (manager, tenantId) => {
      await this.pauses.resume(manager, tenantId, ask.principal);
      return {};
    });
    return this.read(ask, args.tenant);
  }

  @Mutation(() => CleanupPause, {
    nullable: true,
    description: 'Stops the clean-up of all tenants at once. For platform people.',
  })
  @Allow('manage-platform')
  async pauseAllCleanup(@Ask() ask: RequestContext, @Args() args: PauseAllArgs): Promise<CleanupPause | null> {
    await this.acting.inPlatform(ask, { operation: 'pauseAllCleanup', args }, async (manager) => {
      await this.pauses.pause(manager, PLATFORM_TENANT_ID, ask.principal, args.reason);
      return {};
    });
    return this.read(ask, null);
  }

  @Mutation(() => CleanupPause, {
    nullable: true,
    description:
      'Lets the clean-up of all tenants go on, but for those that have paused their own. For platform people.',
  })
  @Allow('manage-platform')
  async resumeAllCleanup(@Ask() ask: RequestContext, @Args() args: OnceArgs): Promise<CleanupPause | null> {
    await this.acting.inPlatform(ask, { operation: 'resumeAllCleanup', args }, async (manager) => {
      await this.pauses.resume(manager, PLATFORM_TENANT_ID, ask.principal);
      return {};
    });
    return this.read(ask, null);
  }

  private read(ask: RequestContext, tenant: string | null | undefined): Promise<CleanupPause | null> {
    const { principal } = ask;
    const named = tenant ?? encodeId('Tenant', principal.tenantId, principal.tenantId);
    const tenantId = this.acting.tenantOf(principal, named);
    return this.scope.read(principal, ({ manager }) => this.pauses.inForce(manager, tenantId), tenant ?? null);
  }
}
