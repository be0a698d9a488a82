import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../tenancy/tenant-database';
import { Events } from './events.service';

/** Recorded when a task is parked, with `{ kind, code, payload }`: stages react to it to close what the task was for. */
export const TASK_FAILED = 'task.failed';

/** Parks tasks that cannot succeed: they keep their error and wait for people to retry or cancel them. */
@Injectable()
export class Parking {
  constructor(
    private readonly database: TenantDatabase,
    private readonly events: Events,
  ) {}

  /**
   * Ends run `fence` as failed. When the task was asked for once more meanwhile, it waits again instead, with all of its
   * attempts. Returns false when the run had lost its task.
   */
  async park(
    tenantId: string,
    id: string,
    fence: number,
    failure: { code: string; message: string },
  ): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const rows = await manager.query<{ state: string; kind: string; payload: object }[]>(
        `WITH parked AS (
           UPDATE tasks SET
             state = CASE WHEN again THEN 'waiting' ELSE 'failed' END,
             attempts = CASE WHEN again THEN 0 ELSE attempts END,
             due_at = CASE WHEN again THEN now() ELSE due_at END,
             finished_at = CASE WHEN again THEN NULL ELSE now() END,
             again = false, fence = fence + 1, worker_id = NULL, error_code = $4, error_message = $5
           WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'
           RETURNING state, kind, payload
         ) SELECT * FROM parked`,
        [tenantId, id, fence, failure.code, failure.message],
      );
      const task = rows[0];
      if (task?.state === 'failed') {
        const data = { kind: task.kind, code: failure.code, payload: task.payload };
        await this.events.record(manager, tenantId, [{ type: TASK_FAILED, objectType: 'task', objectId: id, data }]);
      }
      return task !== undefined;
    });
  }

  async parkPoison(tenantId: string, id: string, fence: number): Promise<boolean> {
    return this.park(tenantId, id, fence, {
      code: 'WORKER_LOST',
      message:
        'The process that worked on this task ended or stood still, twice. Look at its logs, then retry the task.',
    });
  }
}
