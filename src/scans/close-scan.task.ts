import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../clock';
import { Handles, type TaskHandler } from '../tasks/handles';
import { TASK_FAILED } from '../tasks/parking.service';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TenantDatabase } from '../tenancy/tenant-database';
import { scanAccount } from './scan-account.definition';
import { ScanRecords } from './scan-records.service';

export const closeScan = defineTask('close-scan', z.strictObject({ scanId: z.uuid(), taskId: z.uuid() }));

type Payload = z.infer<typeof closeScan.payload>;

/** A scan whose task was given up is over, too: it must not stand open for ever, nor keep the next one from beginning. */
@Injectable()
@Handles(closeScan, {
  on: {
    [TASK_FAILED]: ({ data, objectId }) => {
      if (data['kind'] !== scanAccount.kind) return null;
      const { scanId } = scanAccount.payload.parse(data['payload']);
      return { payload: { scanId, taskId: objectId }, dedupeKey: scanId };
    },
  },
})
export class CloseScanTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly records: ScanRecords,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { scanId, taskId } = task.payload;
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      // Somebody may have retried it meanwhile.
      const [parked] = await manager.query<{ error_code: string; error_message: string }[]>(
        `SELECT error_code, error_message FROM tasks WHERE tenant_id = $1 AND id = $2 AND state = 'failed'`,
        [task.tenantId, taskId],
      );
      if (!parked) return;
      await this.records.giveUp(manager, task.tenantId, scanId, {
        at: this.clock.now(),
        code: parked.error_code,
        reason: parked.error_message,
      });
    });
  }
}
