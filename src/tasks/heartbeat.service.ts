import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../config';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import { StaleFence } from './running-task';
import type { Claim } from './runs.service';

/** A run of this process, as long as it goes on. */
export interface LiveRun {
  readonly claim: Claim;
  readonly abort: AbortController;
  /** On `performance.now()`'s clock; null without a lane, or when it was lost. */
  laneDeadline: number | null;
  /** Its end is being written: it cannot be lost any more. */
  settling: boolean;
}

interface RunRow {
  tenantId: string;
  id: string;
  fence: number;
}

/**
 * Says that this worker lives, renews the lanes of its runs and finds those that it has lost. A run lives as long as its
 * worker: no row of `tasks` is touched, so a long transaction of a handler blocks nothing.
 */
@Injectable()
export class Heartbeat {
  private readonly logger = new Logger(Heartbeat.name);
  readonly leaseMs: number;
  private runs: ReadonlyMap<string, LiveRun> = new Map();
  private worker = { id: '', slots: 0 };
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  private strays = new Set<string>();

  constructor(
    private readonly database: CrossTenantDatabase,
    config: Config,
  ) {
    this.leaseMs = config.leaseMs;
  }

  /** Resolves after the first beat. `runs`: by task id; read at each beat. `slots` of 0 takes no more work. */
  async start(worker: { id: string; slots: number }, runs: ReadonlyMap<string, LiveRun>): Promise<void> {
    this.worker = worker;
    this.runs = runs;
    await this.write();
    this.timer = setInterval(() => void this.beat(), this.leaseMs / 3);
  }

  /** Offers no more slots, and goes on beating for the runs that are left. */
  async offerNothing(): Promise<void> {
    this.worker = { ...this.worker, slots: 0 };
    await this.beat();
  }

  /** Beats now, for example because a task may have been cancelled. Never throws. */
  async beat(): Promise<void> {
    this.beating ??= this.write()
      .catch((error: unknown) => {
        this.logger.warn(`A heartbeat failed: ${error instanceof Error ? error.message : String(error)}`);
        this.abortOverdue();
      })
      .finally(() => (this.beating = undefined));
    await this.beating;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await this.database.acrossTenants('dispatcher', 'a worker ends', (manager) =>
      manager.query('DELETE FROM workers WHERE id = $1', [this.worker.id]),
    );
  }

  private async write(): Promise<void> {
    const askedAt = performance.now();
    const asked = [...this.runs.values()].filter(({ settling }) => !settling);
    const { kept, rows } = await this.database.acrossTenants('dispatcher', 'heartbeat', async (manager) => {
      await manager.query(
        `INSERT INTO workers (id, slots, seen_at, expires_at)
         VALUES ($1, $2, clock_timestamp(), clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (id) DO UPDATE SET slots = excluded.slots, seen_at = excluded.seen_at, expires_at = excluded.expires_at`,
        [this.worker.id, this.worker.slots, this.leaseMs / 1_000],
      );
      return { kept: await this.renewLanes(manager, asked), rows: await this.ownRows(manager) };
    });
    const fences = new Map(rows.map((row) => [row.id, row.fence]));
    for (const run of asked) {
      if (run.settling) continue;
      if (fences.get(run.claim.id) !== run.claim.fence) lose(run);
      else if (run.claim.lane && !kept.has(run.claim.lane.fence)) lose(run);
      else if (run.claim.lane) run.laneDeadline = askedAt + this.leaseMs;
    }
    await this.giveBackStrays(rows.filter((row) => !this.runs.has(row.id)));
  }

  private async renewLanes(manager: EntityManager, runs: readonly LiveRun[]): Promise<Set<string>> {
    const lanes = runs.flatMap(({ claim }) => claim.lane ?? []);
    if (lanes.length === 0) return new Set();
    const renewed = await manager.query<{ fence: string }[]>(
      `WITH renewed AS (
         UPDATE lanes l SET expires_at = clock_timestamp() + make_interval(secs => $2)
         FROM jsonb_to_recordset($1::jsonb) AS r(name text, slot smallint, fence bigint)
         WHERE l.name = r.name AND l.slot = r.slot AND l.fence = r.fence
         RETURNING l.fence
       ) SELECT fence FROM renewed`,
      [JSON.stringify(lanes), this.leaseMs / 1_000],
    );
    return new Set(renewed.map(({ fence }) => fence));
  }

  private ownRows(manager: EntityManager): Promise<RunRow[]> {
    return manager.query<RunRow[]>(
      `SELECT tenant_id AS "tenantId", id, fence FROM tasks
       WHERE state IN ('admitted', 'running') AND state = 'running' AND worker_id = $1`,
      [this.worker.id],
    );
  }

  /** Rows that say this worker runs them though it does not: the answer to their claim got lost. Twice seen is sure. */
  private async giveBackStrays(rows: readonly RunRow[]): Promise<void> {
    const sure = rows.filter(({ id, fence }) => this.strays.has(`${id} ${fence}`));
    this.strays = new Set(rows.map(({ id, fence }) => `${id} ${fence}`));
    if (sure.length === 0) return;
    await this.database.acrossTenants('dispatcher', 'give back strays', (manager) =>
      manager.query(
        `UPDATE tasks t SET state = 'waiting', fence = t.fence + 1, attempts = t.attempts - 1, worker_id = NULL, due_at = now()
         FROM jsonb_to_recordset($1::jsonb) AS r("tenantId" uuid, id uuid, fence integer)
         WHERE t.tenant_id = r."tenantId" AND t.id = r.id AND t.fence = r.fence AND t.state = 'running'`,
        [JSON.stringify(sure)],
      ),
    );
  }

  private abortOverdue(): void {
    const now = performance.now();
    for (const run of this.runs.values()) if (run.laneDeadline !== null && run.laneDeadline <= now) lose(run);
  }
}

function lose(run: LiveRun): void {
  run.laneDeadline = null;
  run.abort.abort(new StaleFence(run.claim.id));
}
