import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Clock } from '../../clock';
import { Handles, type TaskHandler } from '../../tasks/handles';
import { Postpone, type RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from './plan-states.service';
import { watchPlan } from './watch-plan.definition';

type Payload = z.infer<typeof watchPlan.payload>;

/** Lapses a plan whose time is over: unapproved, or approved and not begun. */
@Injectable()
@Handles(watchPlan)
export class WatchPlanTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly states: PlanStates,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId, payload } = task;
    const early = new Date(payload.at).getTime() - this.clock.now().getTime();
    if (early > 0) throw new Postpone(early, 'The database’s clock is ahead of this host’s.');
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const [plan] = await manager.query<{ approved_at: Date | null; lapses_at: Date | null }[]>(
        'SELECT approved_at, lapses_at FROM plans WHERE tenant_id = $1 AND id = $2',
        [tenantId, payload.planId],
      );
      // Approved since, it has another end.
      if (!plan?.lapses_at || plan.lapses_at > this.clock.now()) return;
      await this.states.lapse(manager, tenantId, payload.planId, plan.approved_at ? BEGUN_TOO_LATE : NOT_APPROVED);
    });
  }
}

const remedy = 'Make a new plan from what is found now.';

const NOT_APPROVED = { code: 'LAPSED', reason: 'The plan was not approved in time.', remedy };
const BEGUN_TOO_LATE = {
  code: 'LAPSED',
  reason: 'What of the plan had not been begun in time lapsed: its approval was given long ago.',
  remedy,
};
