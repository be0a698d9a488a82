import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../config';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import type { CarriedTask } from './carried-task';
import type { Outcome } from './outcome';
import { Parking } from './parking.service';

export interface HeldLane {
  readonly name: string;
  readonly slot: number;
  readonly fence: string;
}

/** A task that this worker has begun. */
export interface Claim {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly fence: number;
  readonly lane: HeldLane | null;
  /** When the claim was asked for, on `performance.now()`'s clock: the lane's lease is counted from here. */
  readonly askedAt: number;
}

type ClaimedRow = Omit<Claim, 'lane' | 'askedAt'> & { lane: string | null; laneSlots: number };

/** Rare: the dispatcher passes over full lanes, so only a race or a lost holder's lease gets here. */
const LANE_FULL_DELAY_MS = 250;

/** How runs begin and end. Each write names the fence it was given, so a run that lost its task changes nothing. */
@Injectable()
export class Runs {
  private readonly leaseMs: number;

  constructor(
    private readonly database: CrossTenantDatabase,
    private readonly parking: Parking,
    config: Config,
  ) {
    this.leaseMs = config.leaseMs;
  }

  /** Null when this hand-over is no longer valid, or when the lane is full (the task then waits, no attempt used). */
  async claim(task: CarriedTask, workerId: string): Promise<Claim | null> {
    const askedAt = performance.now();
    return this.database.acrossTenants('dispatcher', 'begin a run', async (manager) => {
      const [row] = await manager.query<ClaimedRow[]>(
        `WITH claimed AS (
           UPDATE tasks SET state = 'running', fence = fence + 1, attempts = attempts + 1, again = false,
             started_at = now(), worker_id = $4
           WHERE tenant_id = $1 AND id = $2 AND admission = $3 AND state = 'admitted'
           RETURNING tenant_id AS "tenantId", id, kind, payload, attempts AS attempt, fence, lane, lane_slots AS "laneSlots"
         ) SELECT * FROM claimed`,
        [task.tenantId, task.taskId, task.admission, workerId],
      );
      if (!row) return null;
      const { lane: laneName, laneSlots, ...claim } = row;
      if (laneName === null) return { ...claim, lane: null, askedAt };
      const lane = await this.takeLane(manager, laneName, laneSlots, workerId);
      if (lane) return { ...claim, lane, askedAt };
      await settle(manager, claim, { end: 'later', delayMs: LANE_FULL_DELAY_MS, usesAttempt: false, failure: null });
      return null;
    });
  }

  /**
   * Writes how a run ended. False: it had lost its task, nothing was written. `keepLane` leaves the lane to its lease, for
   * a handler that would not stop.
   */
  async settle(claim: Claim, outcome: Outcome, options: { keepLane?: boolean } = {}): Promise<boolean> {
    const parked =
      outcome.end === 'failed'
        ? await this.parking.park(claim.tenantId, claim.id, claim.fence, outcome.failure)
        : undefined;
    return this.database.acrossTenants('dispatcher', 'end a run', async (manager) => {
      const written = outcome.end === 'failed' ? parked === true : await settle(manager, claim, outcome);
      if (claim.lane && !options.keepLane) {
        const { name, slot, fence } = claim.lane;
        await manager.query('DELETE FROM lanes WHERE name = $1 AND slot = $2 AND fence = $3', [name, slot, fence]);
      }
      return written;
    });
  }

  private async takeLane(
    manager: EntityManager,
    name: string,
    slots: number,
    holder: string,
  ): Promise<HeldLane | undefined> {
    // Two that try at once may choose the same free slot; the one that comes second tries the next.
    for (let tries = 0; tries < slots; tries += 1) {
      const [lane] = await manager.query<HeldLane[]>(
        `INSERT INTO lanes (name, slot, slots, holder, fence, expires_at)
         SELECT $1, s, $2, $3, nextval('lane_fences'), clock_timestamp() + make_interval(secs => $4)
         FROM generate_series(1, $2::int) s
         WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.name = $1 AND l.slot = s AND l.expires_at > clock_timestamp())
         ORDER BY s LIMIT 1
         ON CONFLICT (name, slot) DO UPDATE SET slots = excluded.slots, holder = excluded.holder, fence = excluded.fence,
           expires_at = excluded.expires_at WHERE lanes.expires_at <= clock_timestamp()
         RETURNING name, slot, fence`,
        [name, slots, holder, this.leaseMs / 1_000],
      );
      if (lane) return lane;
    }
    return undefined;
  }
}

type Settled = Exclude<Outcome, { end: 'failed' }>;

async function settle(
  manager: EntityManager,
  { tenantId, id, fence }: Pick<Claim, 'tenantId' | 'id' | 'fence'>,
  outcome: Settled,
): Promise<boolean> {
  const delay = `now() + make_interval(secs => $4)`;
  const set = {
    done: `state = CASE WHEN again THEN 'waiting' ELSE 'done' END, due_at = CASE WHEN again THEN ${delay} ELSE due_at END,
      finished_at = CASE WHEN again THEN NULL ELSE now() END, attempts = CASE WHEN again THEN 0 ELSE attempts END,
      crashes = 0, again = false`,
    soon: `state = 'admitted', admitted_at = now(), due_at = ${delay}`,
    later: `state = 'waiting', due_at = ${delay}, attempts = attempts - $7::int`,
  }[outcome.end];
  const delayMs = outcome.end === 'done' ? 0 : outcome.delayMs;
  const failure = outcome.end === 'done' ? null : outcome.failure;
  const unused = outcome.end === 'later' && !outcome.usesAttempt ? 1 : 0;
  const rows = await manager.query<unknown[]>(
    `WITH settled AS (
       UPDATE tasks SET ${set}, fence = fence + 1, worker_id = NULL, error_code = $5, error_message = $6
       WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running'
         AND $4::float8 >= 0 AND $7::int >= 0
       RETURNING 1
     ) SELECT * FROM settled`,
    [tenantId, id, fence, delayMs / 1_000, failure?.code ?? null, failure?.message ?? null, unused],
  );
  return rows.length > 0;
}
