import { Injectable } from '@nestjs/common';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from '../decisions/plan-states.service';
import { watchQuarantines } from './clean-account.definition';
import { CleanupDue } from './cleanup-due.service';

/**
 * The safety net: whatever is due has a task, even if the one that was to do it was lost or cancelled, and a plan that has
 * come to its end says so.
 */
@Injectable()
@Handles(watchQuarantines)
export class WatchQuarantinesTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: CleanupDue,
    private readonly plans: PlanStates,
  ) {}

  async run(task: RunningTask): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.due.enqueue(manager, task.tenantId, 'all due');
      await this.plans.completeAllOver(manager, task.tenantId);
    });
  }
}
