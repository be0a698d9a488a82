import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../../clock';
import { Schedules } from '../../../tasks/schedules.service';
import type { NewTask } from '../../../tasks/task-definition';
import { TaskQueue } from '../../../tasks/task-queue.service';
import { syncTickets, ticketLane, watchTickets } from './sync-tickets.definition';

/** At minutes of its own for each tenant. */
const EVERY_TEN_MINUTES = 'H/10 * * * *';
const FARTHEST_MS = 7 * DAY_MS;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

type Payload = { connectionId: string };

/** Has connections' tickets that are due given their turns. */
@Injectable()
export class TicketsDue {
  constructor(
    private readonly queue: TaskQueue,
    private readonly schedules: Schedules,
    private readonly clock: Clock,
  ) {}

  /** Now, in the caller's transaction; a run that is under way is followed by another one. */
  async enqueue(manager: EntityManager, tenantId: string, which: readonly string[] | 'all'): Promise<void> {
    const ids = which === 'all' ? await atWork(manager, tenantId) : which;
    await this.queue.enqueueMany(
      manager,
      ids.map((id): NewTask<Payload> => ({ ...taskOf(tenantId, id), dedupeKey: id, whenRunning: 'again' })),
    );
  }

  /** From now on nothing that is due waits for long, whatever else was lost. */
  async watch(manager: EntityManager, tenantId: string): Promise<void> {
    await this.schedules.set(manager, { tenantId, task: watchTickets, payload: {}, cron: EVERY_TEN_MINUTES });
  }

  /** For `at` by the service's clock; tasks go by the database's. */
  async enqueueAt(manager: EntityManager, tenantId: string, connectionId: string, at: Date): Promise<void> {
    const waitMs = Math.min(FARTHEST_MS, at.getTime() - this.clock.now().getTime());
    if (waitMs <= 0) return this.enqueue(manager, tenantId, [connectionId]);
    // Whole seconds or minutes, so that runs which come to the same answer make one task.
    const grain = waitMs < 2 * MINUTE_MS ? SECOND_MS : MINUTE_MS;
    const dueAt = new Date(Math.ceil((Date.now() + waitMs) / grain) * grain);
    const dedupeKey = `${connectionId} ${dueAt.toISOString()}`;
    await this.queue.enqueue<Payload>(manager, { ...taskOf(tenantId, connectionId), dedupeKey, dueAt });
  }
}

const taskOf = (tenantId: string, connectionId: string): NewTask<Payload> => ({
  ...{ tenantId, task: syncTickets, payload: { connectionId } },
  lane: ticketLane(connectionId),
});

async function atWork(manager: EntityManager, tenantId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM ticket_connections WHERE tenant_id = $1 AND state IN ('active', 'removing') AND deleted_at IS NULL`,
    [tenantId],
  );
  return rows.map(({ id }) => id);
}
