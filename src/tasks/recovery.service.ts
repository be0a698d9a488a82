import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import type { CarriedTask } from './carried-task';
import { Carrier } from './carrier';
import { Parking } from './parking.service';

/** How many workers a task may take with it before it is parked. */
const CRASHES_ALLOWED = 1;
const BATCH = 500;

interface LostRun {
  tenantId: string;
  taskId: string;
  fence: number;
  crashes: number;
}

/** Finds what got lost on the way (an emptied Redis, a dispatcher that ended half-way) or with its worker. */
@Injectable()
export class Recovery {
  private readonly logger = new Logger(Recovery.name);

  constructor(
    private readonly database: CrossTenantDatabase,
    private readonly carrier: Carrier,
    private readonly parking: Parking,
    private readonly config: Config,
  ) {}

  /** Rows that were handed over a while ago and that the carrier does not know wait again; returns how many. */
  async readmitUnknown(): Promise<number> {
    const handedOver = await this.database.acrossTenants('dispatcher', 'tasks in the carrier', (manager) =>
      manager.query<CarriedTask[]>(
        `SELECT tenant_id AS "tenantId", id AS "taskId", admission FROM tasks
         WHERE state IN ('admitted', 'running') AND state = 'admitted'
           AND admitted_at < now() - make_interval(secs => $1) LIMIT ${BATCH}`,
        [this.config.leaseMs / 3_000],
      ),
    );
    if (handedOver.length === 0) return 0;
    const unknown = await this.carrier.unknownOf(handedOver);
    if (unknown.length === 0) return 0;
    const rows = await this.database.acrossTenants('dispatcher', 'tasks that the carrier lost', (manager) =>
      manager.query<unknown[]>(
        `WITH lost AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r("tenantId" uuid, "taskId" uuid, admission integer)),
         back AS (
           UPDATE tasks t SET state = 'waiting' FROM lost
           WHERE t.tenant_id = lost."tenantId" AND t.id = lost."taskId" AND t.admission = lost.admission
             AND t.state = 'admitted'
           RETURNING 1
         ) SELECT * FROM back`,
        [JSON.stringify(unknown)],
      ),
    );
    if (rows.length > 0) this.logger.warn(`${rows.length} tasks were lost by the queue's back end and wait again.`);
    return rows.length;
  }

  /** Runs whose worker has not been heard of wait again; those that lost a worker before are parked. Returns how many. */
  async recoverLostRuns(): Promise<number> {
    const lost = await this.database.acrossTenants('dispatcher', 'runs of lost workers', (manager) =>
      manager.query<LostRun[]>(
        `WITH lost AS (
           SELECT tenant_id, id FROM tasks t
           WHERE state IN ('admitted', 'running') AND state = 'running'
             AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = t.worker_id AND w.expires_at > clock_timestamp())
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
         ), back AS (
           UPDATE tasks t SET crashes = t.crashes + 1, fence = t.fence + 1, worker_id = NULL, due_at = now(), state = 'waiting'
           FROM lost WHERE t.tenant_id = lost.tenant_id AND t.id = lost.id AND t.crashes < ${CRASHES_ALLOWED}
           RETURNING t.tenant_id, t.id, t.fence, t.crashes
         )
         SELECT tenant_id AS "tenantId", id AS "taskId", fence, crashes FROM back
         UNION ALL
         SELECT t.tenant_id, t.id, t.fence, t.crashes + 1 FROM tasks t JOIN lost USING (tenant_id, id)
         WHERE t.crashes >= ${CRASHES_ALLOWED}`,
      ),
    );
    for (const run of lost) {
      this.logger.warn(`Task ${run.taskId} lost its worker (${run.crashes} times).`);
      if (run.crashes > CRASHES_ALLOWED) await this.parking.parkPoison(run.tenantId, run.taskId, run.fence);
    }
    return lost.length;
  }

  /** Forgets workers and lane leases that ended long ago. */
  async tidy(): Promise<void> {
    await this.database.acrossTenants('dispatcher', 'forget lost workers and leases', async (manager) => {
      await manager.query(
        `DELETE FROM workers w WHERE expires_at < clock_timestamp() - interval '1 hour'
           AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.state IN ('admitted', 'running') AND t.worker_id = w.id)`,
      );
      await manager.query(`DELETE FROM lanes WHERE expires_at < clock_timestamp() - interval '1 minute'`);
    });
  }
}
