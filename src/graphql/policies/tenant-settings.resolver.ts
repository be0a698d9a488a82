import { Args, ArgsType, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import {
  MOST_CONCURRENCY,
  type StoredSettings,
  TenantSettings as Settings,
} from '../../tenancy/tenant-settings.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';

@ObjectType({ description: 'How cautious clean-up is.' })
export class CleanupSettings {
  @Field(() => Boolean, { description: 'Whether anything is changed in AWS at all. False to begin with.' })
  readonly enabled!: boolean;

  @Field(() => Boolean, { description: 'Whether it only says what it would do. True to begin with.' })
  readonly dryRun!: boolean;

  @Field(() => Int, { description: 'How many identities are worked on at once. 16 to begin with.' })
  readonly concurrency!: number;
}

@ObjectType({ description: 'What a tenant has decided apart from its policies.' })
export class TenantSettings {
  @Field(() => CleanupSettings, { description: 'How cautious clean-up is.' })
  readonly cleanup!: CleanupSettings;

  @Field(() => Boolean, { description: 'Whether the platform lets the tenant’s policies delete by themselves.' })
  readonly automaticDeletionLeave!: boolean;

  @Field(() => String, { nullable: true, description: 'Who decided that; null: nobody has.' })
  readonly leaveDecidedBy!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When.' })
  readonly leaveDecidedAt!: Date | null;
}

@ArgsType()
class SetCleanupArgs extends ActArgs {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether anything is changed in AWS at all; left out: as it is.',
  })
  readonly enabled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it only says what it would do; left out: as it is.' })
  readonly dryRun?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many identities are worked on at once, 1 to ${MOST_CONCURRENCY}; left out: as it is.`,
  })
  readonly concurrency?: number | null;
}

@ArgsType()
class SetLeaveArgs extends ActArgs {
  @Field(() => Boolean, { description: 'Whether the tenant’s policies may delete by themselves.' })
  readonly granted!: boolean;
}

@Resolver()
export class TenantSettingsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly settings: Settings,
  ) {}

  @Query(() => TenantSettings, { description: 'What a tenant has decided apart from its policies.' })
  @Allow('read')
  tenantSettings(
    @Ask() ask: RequestContext,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): platform tokens must name it.',
    })
    tenant?: string | null,
  ): Promise<StoredSettings> {
    return this.read(ask, tenant);
  }

  @Mutation(() => TenantSettings, { description: 'Says how cautious clean-up is.' })
  @Allow('manage-policies')
  async setCleanupSettings(@Ask() ask: RequestContext, @Args() args: SetCleanupArgs): Promise<StoredSettings> {
    const { enabled, dryRun, concurrency } = args;
    await this.acting.inTenant(ask, { operation: 'setCleanupSettings', args }, async (manager, tenantId) => {
      await this.settings.setCleanup(manager, tenantId, {
        ...(enabled == null ? {} : { enabled }),
        ...(dryRun == null ? {} : { dryRun }),
        ...(concurrency == null ? {} : { concurrency }),
      });
      return {};
    });
    return this.read(ask, args.tenant);
  }

  @Mutation(() => TenantSettings, {
    description:
      'Lets a tenant’s policies delete by themselves, or no longer. For platform people, who name the tenant.',
  })
  @Allow('manage-platform')
  async setAutomaticDeletionLeave(@Ask() ask: RequestContext, @Args() args: SetLeaveArgs): Promise<StoredSettings> {
    const { granted } = args;
    const change = { operation: 'setAutomaticDeletionLeave', args };
    await this.acting.inTenant(ask, change, async (manager, tenantId) => {
      await this.settings.setAutomaticDeletionLeave(manager, tenantId, { granted, by: ask.principal.name });
      return {};
    });
    return this.read(ask, args.tenant);
  }

  private async read(ask: RequestContext, tenant: string | null | undefined): Promise<StoredSettings> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    return this.scope.read(ask.principal, ({ manager }) => this.settings.current(manager, tenantId), tenant);
  }
}
