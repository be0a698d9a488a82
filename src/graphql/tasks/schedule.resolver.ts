import { Args, ArgsType, Field, ID, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { type ScheduleRow, SweepSchedule } from './sweep-schedule.service';

@ObjectType({ description: 'When a tenant’s accounts are scanned by themselves.' })
export class Schedule {
  @Field(() => String, { description: 'The pattern, as in cron. H stands for a value that is fixed for each tenant.' })
  readonly cron!: string;

  @Field(() => String, { description: 'The time zone that the pattern is read in.' })
  readonly timezone!: string;

  @Field(() => Boolean, { description: 'Whether it is in force.' })
  readonly enabled!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When it next comes due; null: it is not in force.' })
  readonly nextDueAt!: Date | null;

  static from({ cron, timezone, enabled, next_due_at }: ScheduleRow): Schedule {
    return { cron, timezone, enabled, nextDueAt: enabled ? next_due_at : null };
  }
}

@ArgsType()
class SetScheduleArgs extends ActArgs {
  @Field(() => String, {
    description:
      'Five fields: minute hour day month weekday. "0 3 * * *" is daily at three; "H H * * *" leaves the time to Mothball.',
  })
  readonly cron!: string;

  @Field(() => String, { nullable: true, description: 'An IANA time zone, "Asia/Tokyo"; default: UTC.' })
  readonly timezone?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'false keeps it without effect; default: true.' })
  readonly enabled?: boolean | null;
}

@Resolver(() => Schedule)
export class ScheduleResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly schedules: SweepSchedule,
  ) {}

  @Query(() => Schedule, {
    nullable: true,
    description: 'When a tenant’s accounts are scanned by themselves; null: never.',
  })
  @Allow('read')
  schedule(
    @Ask() ask: RequestContext,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): platform tokens must name it.',
    })
    tenant?: string | null,
  ): Promise<Schedule | null> {
    return this.read(ask, tenant);
  }

  @Mutation(() => Schedule, { nullable: true, description: 'Says when a tenant’s accounts are scanned by themselves.' })
  @Allow('manage-policies')
  async setSchedule(@Ask() ask: RequestContext, @Args() args: SetScheduleArgs): Promise<Schedule | null> {
    await this.acting.inTenant(ask, { operation: 'setSchedule', args }, async (manager, tenantId) => {
      await this.schedules.set(manager, tenantId, args);
      return {};
    });
    return this.read(ask, args.tenant);
  }

  private async read(ask: RequestContext, tenant: string | null | undefined): Promise<Schedule | null> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    const row = await this.scope.read(
      ask.principal,
      ({ manager }) => this.schedules.current(manager, tenantId),
      tenant,
    );
    return row && Schedule.from(row);
  }
}
