import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../clock';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RecordedEvent } from '../../tasks/recorded-event';
import type { RunningTask } from '../../tasks/running-task';
import { defineTask } from '../../tasks/task-definition';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { CleanupDue } from '../execution/cleanup-due.service';

export const hearScan = defineTask('hear-scan', z.strictObject({ accountId: z.uuid() }));

type Payload = z.infer<typeof hearScan.payload>;

const ofScan = (event: RecordedEvent) => {
  const accountId = z.uuid().parse(event.data['accountId']);
  return { payload: { accountId }, dedupeKey: accountId };
};

/**
 * Scans are ears as well: where one saw something in quarantine used, or active again, it is looked at now instead of at
 * its next look. The inventory alone gives nothing back; a fresh look does. Calls nobody.
 */
@Injectable()
@Handles(hearScan, { on: { 'scan.completed': ofScan, 'scan.partial': ofScan } })
export class HearScanTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: CleanupDue,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId } = task;
    const { accountId } = task.payload;
    const now = this.clock.now();
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const heard = await manager.query<unknown[]>(
        `WITH heard AS (
           UPDATE plan_items i SET next_at = $3
           WHERE i.tenant_id = $1 AND i.account_id = $2 AND i.quarantined_at IS NOT NULL
             AND i.stage IN ('announced', 'quarantined', 'silenced', 'halted') AND i.point_of_no_return_at IS NULL
             AND (i.next_at IS NULL OR i.next_at > $3)
             AND EXISTS (
               SELECT 1 FROM identities d WHERE d.tenant_id = $1 AND d.account_id = $2 AND d.gone_at IS NULL
                 AND (d.id = i.identity_id OR (i.course = 'user' AND d.owner_id = i.identity_id))
                 AND (d.last_used_at > i.quarantined_at - make_interval(days => (i.approved ->> 'idleDays')::int)
                   OR (i.course = 'access-key' AND d.active AND d.changed_at > i.quarantined_at)))
           RETURNING i.id
         ) SELECT id FROM heard`,
        [tenantId, accountId, now],
      );
      if (heard.length > 0) await this.due.enqueue(manager, tenantId, [accountId]);
    });
  }
}
