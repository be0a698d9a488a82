import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, notFound } from '../errors';
import { newId } from '../ids';
import { type NewTask, PRIORITY } from './task-definition';
import { TaskRegistry } from './task-registry.service';

/** Wakes every dispatcher (empty payload), or says which task was cancelled (its id). */
export const TASKS_CHANNEL = 'mothball_tasks';

/** Fewer rows would cost more round trips, more would make one statement's parameters too large. */
const ROWS_PER_INSERT = 5_000;

/**
 * What must still be done. Everything happens in the caller's transaction, so that the work exists exactly if the change
 * that causes it was committed. Works in `inTenant`, and on the dispatcher's login.
 */
@Injectable()
export class TaskQueue {
  constructor(private readonly registry: TaskRegistry) {}

  /** Returns the id of the task, or of the open one that it joins. Throws for a kind without a handler or a bad payload. */
  async enqueue<P extends object>(manager: EntityManager, task: NewTask<P>): Promise<string> {
    const [id] = await this.enqueueMany(manager, [task]);
    if (id === undefined) throw new Error('enqueueMany lost a task.');
    return id;
  }

  /** The ids in the order of `tasks`. Set-based: one statement for thousands of tasks. */
  async enqueueMany<P extends object>(manager: EntityManager, tasks: readonly NewTask<P>[]): Promise<string[]> {
    if (tasks.length === 0) return [];
    const idOf = new Map<string, string>();
    const rows = new Map<string, Row>();
    const keys = tasks.map((task) => {
      const row = this.toRow(task);
      const key = row.dedupe_key === null ? row.id : `${row.tenant_id} ${row.kind} ${row.dedupe_key}`;
      const earlier = rows.get(key);
      if (!earlier) rows.set(key, row);
      else earlier.again ||= row.again;
      return key;
    });
    // Sorted, so that two transactions which join the same tasks lock them in the same order.
    const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let start = 0; start < sorted.length; start += ROWS_PER_INSERT) {
      const batch = sorted.slice(start, start + ROWS_PER_INSERT).map(([, row]) => row);
      for (const { key, id } of await insert(manager, batch)) idOf.set(key, id);
    }
    await manager.query(`SELECT pg_notify('${TASKS_CHANNEL}', '')`);
    return keys.map((key) => idOf.get(key) ?? raise(`The task ${key} was not inserted.`));
  }

  /**
   * Cancels an open or a parked task; a running handler's signal is aborted and nothing it still writes counts. Returns
   * false when it was over already. Throws NOT_FOUND.
   */
  async cancel(manager: EntityManager, tenantId: string, id: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `WITH cancelled AS (
         UPDATE tasks SET state = 'cancelled', fence = fence + 1, again = false, worker_id = NULL, finished_at = now()
         WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'admitted', 'running', 'failed') RETURNING id
       ) SELECT pg_notify('${TASKS_CHANNEL}', id::text) FROM cancelled`,
      [tenantId, id],
    );
    if (rows.length === 0) await mustExist(manager, tenantId, id);
    return rows.length > 0;
  }

  /**
   * Lets a parked task try again, with all of its attempts. Returns the id of the task that now does the work: another
   * one when the same work is open already. Throws NOT_FOUND, or BAD_INPUT for a task that has not failed.
   */
  async retry(manager: EntityManager, tenantId: string, id: string): Promise<string> {
    const open = await manager.query<{ id: string }[]>(
      `SELECT o.id FROM tasks t JOIN tasks o ON o.tenant_id = t.tenant_id AND o.kind = t.kind AND o.dedupe_key = t.dedupe_key
       WHERE t.tenant_id = $1 AND t.id = $2 AND t.state = 'failed' AND o.state IN ('waiting', 'admitted', 'running')`,
      [tenantId, id],
    );
    if (open[0]) return open[0].id;
    const rows = await manager.query<unknown[]>(
      `WITH revived AS (
         UPDATE tasks SET state = 'waiting', due_at = now(), attempts = 0, crashes = 0, finished_at = NULL
         WHERE tenant_id = $1 AND id = $2 AND state = 'failed' RETURNING id
       ) SELECT pg_notify('${TASKS_CHANNEL}', '') FROM revived`,
      [tenantId, id],
    );
    if (rows.length === 0) {
      const state = await mustExist(manager, tenantId, id);
      throw badInput(`id: this task is ${state}; only a failed one can be retried.`);
    }
    return id;
  }

  private toRow<P extends object>({ task, ...request }: NewTask<P>): Row {
    const { definition } = this.registry.get(task.kind);
    const lane = typeof request.lane === 'string' ? { name: request.lane, slots: 1 } : request.lane;
    return {
      tenant_id: request.tenantId,
      id: newId(),
      kind: task.kind,
      payload: definition.payload.parse(request.payload),
      priority: PRIORITY[request.priority ?? 'normal'],
      lane: lane?.name ?? null,
      lane_slots: lane?.slots ?? 1,
      dedupe_key: request.dedupeKey ?? null,
      again: request.whenRunning === 'again',
      due_at: request.dueAt?.toISOString() ?? null,
    };
  }
}

interface Row {
  tenant_id: string;
  id: string;
  kind: string;
  payload: object;
  priority: number;
  lane: string | null;
  lane_slots: number;
  dedupe_key: string | null;
  again: boolean;
  due_at: string | null;
}

/**
 * The conflict also locks the row that is joined until the caller commits: a run that is about to begin waits for the
 * commit and sees the change, a run that has begun is told to run again (a
 * beginning run clears `again`).
 */
async function insert(manager: EntityManager, rows: readonly Row[]): Promise<{ key: string; id: string }[]> {
  const inserted = await manager.query<{ tenant_id: string; id: string; kind: string; dedupe_key: string | null }[]>(
    `INSERT INTO tasks (tenant_id, id, kind, payload, priority, lane, lane_slots, dedupe_key, due_at, again)
     SELECT tenant_id, id, kind, payload, priority, lane, lane_slots, dedupe_key, coalesce(due_at, now()), again
     FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id uuid, id uuid, kind text, payload jsonb, priority smallint,
       lane text, lane_slots smallint, dedupe_key text, due_at timestamptz, again boolean)
     ON CONFLICT (tenant_id, kind, dedupe_key)
       WHERE dedupe_key IS NOT NULL AND state IN ('waiting', 'admitted', 'running')
     DO UPDATE SET
       again = tasks.again OR excluded.again,
       due_at = CASE WHEN tasks.state = 'waiting' THEN least(tasks.due_at, excluded.due_at) ELSE tasks.due_at END,
       priority = least(tasks.priority, excluded.priority)
     RETURNING tenant_id, id, kind, dedupe_key`,
    [JSON.stringify(rows)],
  );
  return inserted.map((row) => ({
    key: row.dedupe_key === null ? row.id : `${row.tenant_id} ${row.kind} ${row.dedupe_key}`,
    id: row.id,
  }));
}

async function mustExist(manager: EntityManager, tenantId: string, id: string): Promise<string> {
  const [row] = await manager.query<{ state: string }[]>('SELECT state FROM tasks WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  if (!row) throw notFound('The task');
  return row.state;
}

function raise(message: string): never {
  throw new Error(message);
}
