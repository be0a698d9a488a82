import { Injectable } from '@nestjs/common';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';

export interface TaskCount {
  readonly kind: string;
  readonly state: 'waiting' | 'admitted' | 'running' | 'failed';
  readonly count: number;
}

export interface TaskCounts {
  readonly counts: readonly TaskCount[];
  /** For how long the task that waits longest has been due; 0 when none is. */
  readonly oldestDueSeconds: number;
  readonly liveWorkers: number;
  readonly liveSlots: number;
}

/** Numbers for `/metrics`, across tenants. What is done or cancelled is not counted: that would read the whole history. */
@Injectable()
export class TaskStats {
  constructor(private readonly database: CrossTenantDatabase) {}

  async counts(): Promise<TaskCounts> {
    return this.database.acrossTenants('dispatcher', 'count tasks for the metrics', async (manager) => {
      const counts = await manager.query<TaskCount[]>(
        `SELECT kind, state, count(*)::int AS count FROM tasks WHERE state = 'waiting' GROUP BY kind, state
         UNION ALL SELECT kind, state, count(*)::int FROM tasks WHERE state IN ('admitted', 'running') GROUP BY kind, state
         UNION ALL SELECT kind, state, count(*)::int FROM tasks WHERE state = 'failed' GROUP BY kind, state`,
      );
      const [now] = await manager.query<Omit<TaskCounts, 'counts'>[]>(
        `SELECT greatest(0, coalesce(extract(epoch FROM now() - min(due_at)), 0))::float8 AS "oldestDueSeconds",
           (SELECT count(*)::int FROM workers WHERE expires_at > now()) AS "liveWorkers",
           (SELECT coalesce(sum(slots), 0)::int FROM workers WHERE expires_at > now()) AS "liveSlots"
         FROM tasks WHERE state = 'waiting'`,
      );
      return { counts, ...(now ?? { oldestDueSeconds: 0, liveWorkers: 0, liveSlots: 0 }) };
    });
  }
}
