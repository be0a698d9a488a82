import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { Schedules } from '../../tasks/schedules.service';
import type { RunningTask } from '../../tasks/running-task';
import type { NewTask } from '../../tasks/task-definition';
import { TaskQueue } from '../../tasks/task-queue.service';
import { deliver, watchDeliveries } from './deliver.definition';
import { WAITS_FOR_OLDER_BATCH } from './delivery';

interface Due {
  id: string;
  open: boolean;
  failures: number;
  next_at: Date;
  wait_until: Date | null;
}

/** A minute of its own for each tenant. */
const EVERY_TEN_MINUTES = 'H/10 * * * *';

/** Deliveries are due by the service's clock, tasks by the database's: nothing is put off for longer by one task. */
const FARTHEST_MS = 7 * DAY_MS;

type Payload = { endpointId: string };

/** An endpoint has three open tasks at most: one for now, and two that take turns in waiting. */
type Later = 'later' | 'then';

export interface Calling {
  readonly id: string;
  /** Null: now. */
  readonly at: Date | null;
  readonly failures: number;
}

/** Has endpoints' deliveries that are due sent: by a task for each endpoint, however many wait. */
@Injectable()
export class DeliveriesDue {
  constructor(
    private readonly queue: TaskQueue,
    private readonly schedules: Schedules,
    private readonly clock: Clock,
  ) {}

  /** Now, in the caller's transaction; a run that is under way is followed by another one. */
  async enqueue(manager: EntityManager, tenantId: string, which: readonly string[] | 'all due'): Promise<void> {
    const now = this.clock.now();
    const due = which === 'all due' ? (await nextOf(manager, tenantId, null)).filter((one) => atOf(one) <= now) : [];
    const ids = which === 'all due' ? due.map(({ id }) => id) : which;
    await this.queue.enqueueMany(
      manager,
      ids.map((id) => this.taskOf(tenantId, id)),
    );
  }

  /** For when an endpoint gets something: now, or when it may be sent to again. */
  async enqueueFor(
    manager: EntityManager,
    tenantId: string,
    endpoints: readonly Calling[],
    later: Later = 'later',
  ): Promise<void> {
    const now = this.clock.now().getTime();
    await this.queue.enqueueMany(
      manager,
      endpoints.map(({ id, at, failures }) => ({
        ...this.taskOf(tenantId, id, (at?.getTime() ?? now) - now, later),
        // What fails may wait for what does not.
        ...(failures > 0 ? { priority: 'background' as const } : {}),
      })),
    );
  }

  /** For when the next delivery of the endpoint of a run is due, if one is, and not before `notBefore`. */
  async enqueueNext(manager: EntityManager, task: RunningTask, id: string, notBefore: Date | null): Promise<void> {
    const { tenantId } = task;
    const [next] = await nextOf(manager, tenantId, id);
    if (!next) return;
    const at = new Date(Math.max(atOf(next).getTime(), next.open ? (notBefore?.getTime() ?? 0) : 0));
    const calling = { id, at, failures: next.failures };
    await this.enqueueFor(manager, tenantId, [calling], await laterThan(manager, task));
  }

  /** The safety net of a tenant that has endpoints. */
  async watch(manager: EntityManager, tenantId: string): Promise<void> {
    await this.schedules.set(manager, { tenantId, task: watchDeliveries, payload: {}, cron: EVERY_TEN_MINUTES });
  }

  private taskOf(tenantId: string, endpointId: string, waitMs = 0, later: Later = 'later'): NewTask<Payload> {
    const task = { tenantId, task: deliver, payload: { endpointId }, lane: `endpoint:${endpointId}` };
    if (waitMs <= 0) return { ...task, dedupeKey: endpointId, whenRunning: 'again' };
    const dueAt = new Date(Date.now() + Math.min(FARTHEST_MS, waitMs));
    return { ...task, dueAt, dedupeKey: `${endpointId} ${later}`, whenRunning: 'again' };
  }
}

/** One that is told to go on for `later` while it runs would run again at once: it calls the other one. */
async function laterThan(manager: EntityManager, { tenantId, id }: RunningTask): Promise<Later> {
  const [row] = await manager.query<{ dedupe_key: string | null }[]>(
    'SELECT dedupe_key FROM tasks WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  return row?.dedupe_key?.endsWith(' later') ? 'then' : 'later';
}

/** What is open of disabled and removed endpoints is ended at once. */
const atOf = ({ open, next_at, wait_until }: Due): Date =>
  !open ? new Date(0) : wait_until !== null && wait_until > next_at ? wait_until : next_at;

/** When each endpoint that is not paused has something to do; of all, or of one. A batch that waits for another is none. */
function nextOf(manager: EntityManager, tenantId: string, id: string | null): Promise<Due[]> {
  return manager.query<Due[]>(
    `SELECT e.id, e.state = 'active' AND e.deleted_at IS NULL AS open, e.failures, e.wait_until, n.next_at FROM endpoints e
     CROSS JOIN LATERAL (SELECT d.next_at FROM deliveries d
       WHERE d.tenant_id = e.tenant_id AND d.endpoint_id = e.id AND d.next_at IS NOT NULL AND NOT ${WAITS_FOR_OLDER_BATCH}
       ORDER BY d.next_at LIMIT 1) n
     WHERE e.tenant_id = $1 AND ($2::uuid IS NULL OR e.id = $2)
       AND (e.state <> 'paused' OR e.deleted_at IS NOT NULL)
     ORDER BY e.id`,
    [tenantId, id],
  );
}
