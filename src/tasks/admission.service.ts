import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import type { CarriedTask } from './carried-task';

/** One dispatcher at a time decides, so that together they never admit too much, nor one lane twice. */
const ADMISSION_LOCK = 7_662_820;

/** A short wait for another try takes no room, or ten failing tasks would stop everybody else's. */
const IN_FLIGHT = `state IN ('admitted', 'running') AND (state = 'running' OR due_at <= now())`;

/** A few more than the live workers' slots, so that none of them waits for the dispatcher. */
const ROOM = `
  SELECT CASE WHEN slots = 0 THEN 0
    ELSE greatest(0, slots + greatest(2, slots / 4) - (SELECT count(*) FROM tasks WHERE ${IN_FLIGHT})) END::int AS room
  FROM (SELECT coalesce(sum(slots), 0) AS slots FROM workers WHERE expires_at > clock_timestamp()) live`;

/**
 * Fairness: a tenant's k-th candidate stands behind everyone whose tenant would have fewer than k in flight, ties go to
 * the tenant that was admitted least recently. So a tenant with 100,000 due rows gets what a tenant with one leaves over.
 * The tenants are found by a loose scan of the index and each gives at most as many candidates as there is room ($1):
 * the cost grows with the number of tenants that wait, not with the number of rows.
 */
const CHOOSE = `
  WITH RECURSIVE in_flight AS MATERIALIZED (SELECT tenant_id, lane FROM tasks WHERE ${IN_FLIGHT}),
  -- Used by a live task, or by a lease that has not run out yet (its holder may be one that we have given up).
  lanes_in_use AS MATERIALIZED (
    SELECT lane, max(used) AS used FROM (
      SELECT lane, count(*) AS used FROM in_flight WHERE lane IS NOT NULL GROUP BY lane
      UNION ALL
      SELECT name, count(*) FROM lanes WHERE expires_at > clock_timestamp() GROUP BY name
    ) counted GROUP BY lane
  ),
  -- Ordered as the index of waiting rows is: any other index would read through what is done.
  waiting_tenants AS (
    (SELECT tenant_id FROM tasks WHERE state = 'waiting' ORDER BY tenant_id, priority, due_at, id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.tenant_id FROM tasks t WHERE t.state = 'waiting' AND t.tenant_id > w.tenant_id
            ORDER BY t.tenant_id, t.priority, t.due_at, t.id LIMIT 1)
    FROM waiting_tenants w WHERE w.tenant_id IS NOT NULL
  ),
  candidates AS (
    SELECT due.* FROM waiting_tenants w CROSS JOIN LATERAL (
      SELECT of_priority.* FROM unnest(ARRAY[0, 1, 2]::smallint[]) AS p(priority) CROSS JOIN LATERAL (
        SELECT t.tenant_id, t.id, t.priority, t.due_at, t.lane, t.lane_slots, coalesce(u.used, 0) AS used
        FROM tasks t LEFT JOIN lanes_in_use u ON u.lane = t.lane
        WHERE t.tenant_id = w.tenant_id AND t.state = 'waiting' AND t.priority = p.priority AND t.due_at <= now()
          AND (u.lane IS NULL OR u.used < t.lane_slots)
        ORDER BY t.due_at, t.id LIMIT $1
      ) of_priority ORDER BY priority, due_at, id LIMIT $1
    ) due
    WHERE w.tenant_id IS NOT NULL
  ),
  with_free_lane AS (
    SELECT * FROM (
      SELECT c.*, row_number() OVER (PARTITION BY lane ORDER BY priority, due_at, id) AS place FROM candidates c
    ) placed WHERE lane IS NULL OR used + place <= lane_slots
  ),
  ranked AS (
    SELECT f.tenant_id, f.id, f.due_at, turns.admitted_at AS last_turn,
      row_number() OVER (PARTITION BY f.tenant_id ORDER BY f.priority, f.due_at, f.id) + coalesce(own.used, 0) AS rank
    FROM with_free_lane f
    LEFT JOIN (SELECT tenant_id, count(*) AS used FROM in_flight GROUP BY tenant_id) own USING (tenant_id)
    LEFT JOIN turns USING (tenant_id)
  )
  SELECT tenant_id, id FROM ranked ORDER BY rank, last_turn NULLS FIRST, due_at, id LIMIT $1`;

/** A row that somebody else holds just now, for example because a request joins it, waits for the next round. */
const ADMIT = `
  WITH chosen AS (
    SELECT (value ->> 'tenant_id')::uuid AS tenant_id, (value ->> 'id')::uuid AS id, position
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS c(value, position)
  ),
  locked AS MATERIALIZED (
    SELECT t.tenant_id, t.id, c.position FROM chosen c JOIN tasks t USING (tenant_id, id)
    WHERE t.state = 'waiting' FOR UPDATE OF t SKIP LOCKED
  ),
  admitted AS (
    UPDATE tasks t SET state = 'admitted', admission = t.admission + 1, admitted_at = now()
    FROM locked l WHERE t.tenant_id = l.tenant_id AND t.id = l.id
    RETURNING t.tenant_id, t.id, t.admission, l.position
  ),
  took_turns AS (
    INSERT INTO turns (tenant_id, admitted_at)
    SELECT tenant_id, clock_timestamp() FROM (SELECT DISTINCT tenant_id FROM admitted) d
    ON CONFLICT (tenant_id) DO UPDATE SET admitted_at = excluded.admitted_at
  )
  SELECT tenant_id AS "tenantId", id AS "taskId", admission FROM admitted ORDER BY position`;

/** Decides which waiting tasks go to the carrier next. */
@Injectable()
export class Admission {
  constructor(private readonly database: CrossTenantDatabase) {}

  /** Marks as admitted as many due rows as the live workers have room for, and returns them in their order. */
  async admit(): Promise<CarriedTask[]> {
    return this.database.acrossTenants('dispatcher', 'admit due tasks', async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMISSION_LOCK]);
      const room = await roomLeft(manager);
      if (room === 0) return [];
      const chosen = await manager.query<{ tenant_id: string; id: string }[]>(CHOOSE, [room]);
      return chosen.length === 0 ? [] : manager.query<CarriedTask[]>(ADMIT, [JSON.stringify(chosen)]);
    });
  }
}

async function roomLeft(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ room: number }[]>(ROOM);
  return row?.room ?? 0;
}
