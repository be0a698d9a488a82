import { Injectable } from '@nestjs/common';
import { CronExpressionParser } from 'cron-parser';
import type { EntityManager } from 'typeorm';
import { badInput } from '../errors';
import { newId } from '../ids';
import { AuditLog } from '../tenancy/audit-log.service';
import { canonicalJson } from '../tenancy/audit-log/canonical-json';
import type { TaskDefinition } from './task-definition';

export interface NewSchedule<P extends object> {
  readonly tenantId: string;
  readonly task: TaskDefinition<P>;
  readonly payload: P;
  /** Five or six fields. `H` stands for a value that is fixed for each tenant, so that not all begin at once. */
  readonly cron: string;
  /** An IANA name; default UTC. */
  readonly timezone?: string;
  readonly enabled?: boolean;
  /** Tells several schedules of one kind apart; default none. */
  readonly subject?: string;
}

/** Once a day, at a time of its own for each tenant. */
export const DAILY = 'H H * * *';

/** What is to be done again and again. The dispatcher turns a due row into a task. */
@Injectable()
export class Schedules {
  constructor(private readonly auditLog: AuditLog) {}

  /**
   * Makes or changes the tenant's schedule for this kind and subject, in the caller's transaction. It next runs at the
   * first time its pattern gives from now on. Throws BAD_INPUT for a pattern or a time zone that does not exist.
   */
  async set<P extends object>(manager: EntityManager, schedule: NewSchedule<P>): Promise<void> {
    const { tenantId, task, cron, timezone = 'UTC', enabled = true, subject = '' } = schedule;
    const before = await find(manager, tenantId, task.kind, subject);
    const now = await databaseTime(manager);
    const nextDueAt = nextTime({ cron, timezone, seed: `${tenantId} ${task.kind} ${subject}` }, now);
    await manager.query(
      `INSERT INTO schedules (tenant_id, id, kind, subject, cron, timezone, payload, enabled, next_due_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone,
         payload = excluded.payload, enabled = excluded.enabled,
         next_due_at = CASE WHEN (schedules.cron, schedules.timezone, schedules.enabled)
             = (excluded.cron, excluded.timezone, excluded.enabled)
           THEN schedules.next_due_at ELSE excluded.next_due_at END`,
      [
        tenantId,
        newId(),
        task.kind,
        subject,
        cron,
        timezone,
        JSON.stringify(task.payload.parse(schedule.payload)),
        enabled,
        nextDueAt,
      ],
    );
    const after = { cron, timezone, enabled };
    const object = { type: 'schedule', id: [task.kind, subject].filter((part) => part !== '').join(' ') };
    if (canonicalJson(before) !== canonicalJson(after)) {
      this.auditLog.noteConsequences(manager, [{ action: 'schedule.set', object, before, after }]);
    }
  }

  async remove(manager: EntityManager, tenantId: string, kind: string, subject = ''): Promise<void> {
    const before = await find(manager, tenantId, kind, subject);
    if (!before) return;
    await manager.query('DELETE FROM schedules WHERE tenant_id = $1 AND kind = $2 AND subject = $3', [
      tenantId,
      kind,
      subject,
    ]);
    const object = { type: 'schedule', id: [kind, subject].filter((part) => part !== '').join(' ') };
    this.auditLog.noteConsequences(manager, [{ action: 'schedule.removed', object, before }]);
  }
}

async function find(manager: EntityManager, tenantId: string, kind: string, subject: string): Promise<object | null> {
  const rows = await manager.query<object[]>(
    'SELECT cron, timezone, enabled FROM schedules WHERE tenant_id = $1 AND kind = $2 AND subject = $3',
    [tenantId, kind, subject],
  );
  return rows[0] ?? null;
}

/** The first time after `after` that the pattern gives in its time zone. Throws BAD_INPUT. */
export function nextTime(schedule: { cron: string; timezone: string; seed: string }, after: Date): Date {
  try {
    return CronExpressionParser.parse(schedule.cron, {
      currentDate: after,
      tz: schedule.timezone,
      hashSeed: schedule.seed,
    })
      .next()
      .toDate();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(
      `cron: "${schedule.cron}" in time zone "${schedule.timezone}" is no schedule (${reason}). Example: 0 3 * * *`,
    );
  }
}

async function databaseTime(manager: EntityManager): Promise<Date> {
  const [row] = await manager.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
  if (!row) throw new Error('The database does not tell the time.');
  return row.now;
}
