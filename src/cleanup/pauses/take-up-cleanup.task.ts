import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../clock';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { defineTask } from '../../tasks/task-definition';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { CleanupDue } from '../execution/cleanup-due.service';

/** After the platform's pause, in its tenant: every tenant's clean-up is taken up again. */
export const takeUpCleanup = defineTask('take-up-cleanup', z.strictObject({}));

/** Each tenant in a transaction of its own. Repeated, it does no harm: what has a task by then gets no other one. */
@Injectable()
@Handles(takeUpCleanup)
export class TakeUpCleanupTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: CleanupDue,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask): Promise<void> {
    const tenants = await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return manager.query<{ id: string }[]>('SELECT tenant_id AS id FROM tenants_to_clean_up($1)', [this.clock.now()]);
    });
    for (const { id } of tenants) {
      task.signal.throwIfAborted();
      await this.database.inTenant(id, (manager) => this.due.takeUp(manager, id));
    }
  }
}
