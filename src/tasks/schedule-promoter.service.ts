import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import { nextTime } from './schedules.service';
import type { NewTask } from './task-definition';
import { TaskQueue } from './task-queue.service';
import { TaskRegistry } from './task-registry.service';

const BATCH = 200;

interface DueSchedule {
  tenant_id: string;
  id: string;
  kind: string;
  subject: string;
  cron: string;
  timezone: string;
  payload: object;
  now: Date;
}

/** Turns schedules that are due into tasks. Missed times are made up for once, not once each. */
@Injectable()
export class SchedulePromoter {
  private readonly logger = new Logger(SchedulePromoter.name);

  constructor(
    private readonly database: CrossTenantDatabase,
    private readonly queue: TaskQueue,
    private readonly registry: TaskRegistry,
  ) {}

  /** Returns how many schedules were due. */
  async promote(): Promise<number> {
    return this.database.acrossTenants('dispatcher', 'promote due schedules', async (manager) => {
      const due = await manager.query<DueSchedule[]>(
        `SELECT tenant_id, id, kind, subject, cron, timezone, payload, now() AS now FROM schedules
         WHERE enabled AND next_due_at <= now() ORDER BY next_due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      );
      const tasks = due.flatMap((schedule) => this.taskOf(schedule));
      await this.queue.enqueueMany(manager, tasks);
      await moveOn(manager, due);
      return due.length;
    });
  }

  private taskOf(schedule: DueSchedule): NewTask[] {
    const task = this.registry.has(schedule.kind) ? this.registry.get(schedule.kind).definition : undefined;
    const payload = task?.payload.safeParse(schedule.payload);
    if (!task || !payload?.success) {
      this.logger.error(
        `Schedule ${schedule.id}: this version cannot do "${schedule.kind}" with its payload; skipped.`,
      );
      return [];
    }
    return [{ tenantId: schedule.tenant_id, task, payload: payload.data, dedupeKey: `schedule:${schedule.id}` }];
  }
}

async function moveOn(manager: EntityManager, due: readonly DueSchedule[]): Promise<void> {
  if (due.length === 0) return;
  const rows = due.map(({ tenant_id, id, kind, subject, cron, timezone, now }) => ({
    tenant_id,
    id,
    next_due_at: nextTime({ cron, timezone, seed: `${tenant_id} ${kind} ${subject}` }, now),
  }));
  await manager.query(
    `UPDATE schedules s SET next_due_at = r.next_due_at
     FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id uuid, id uuid, next_due_at timestamptz)
     WHERE s.tenant_id = r.tenant_id AND s.id = r.id`,
    [JSON.stringify(rows)],
  );
}
