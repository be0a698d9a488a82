import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DomainError } from '../errors';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TenantDatabase } from '../tenancy/tenant-database';
import { SweepsService } from './sweeps.service';

/** Without an account: all of the tenant's. */
export const startSweep = defineTask('start-sweep', z.strictObject({ accountId: z.uuid().optional() }));

type Payload = z.infer<typeof startSweep.payload>;

const ofAccount = (event: { objectId: string }) => ({
  payload: { accountId: event.objectId },
  dedupeKey: event.objectId,
});

/** By schedule for all of a tenant's accounts; at once for an account that has just become the tenant's. */
@Injectable()
@Handles(startSweep, {
  on: { 'account.verified': ofAccount, 'account.assigned': ofAccount, 'account.regained-access': ofAccount },
})
export class StartSweepTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly sweeps: SweepsService,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { accountId } = task.payload;
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      if (accountId !== undefined) {
        await this.sweeps.startOne(manager, task.tenantId, 'mothball', accountId);
        return;
      }
      try {
        await this.sweeps.start(manager, task.tenantId, 'schedule');
      } catch (error) {
        // A tenant without accounts yet is no failure of its schedule.
        if (!(error instanceof DomainError && error.code === 'BAD_INPUT')) throw error;
      }
    });
  }
}
