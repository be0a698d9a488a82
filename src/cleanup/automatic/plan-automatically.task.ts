import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ACCOUNT_JUDGED } from '../../findings/judging-events';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { defineTask } from '../../tasks/task-definition';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { AutomaticPlans } from './automatic-plans.service';

export const planAutomatically = defineTask('plan-automatically', z.strictObject({ accountId: z.uuid() }));

type Payload = z.infer<typeof planAutomatically.payload>;

/** Makes the plans that policies ask for, after each judgement of an account. */
@Injectable()
@Handles(planAutomatically, {
  on: {
    [ACCOUNT_JUDGED]: ({ objectId }) => ({
      payload: { accountId: objectId },
      dedupeKey: objectId,
      priority: 'background',
    }),
  },
})
export class PlanAutomaticallyTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly plans: AutomaticPlans,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.plans.make(manager, { tenantId: task.tenantId, accountId: task.payload.accountId });
    });
  }
}
