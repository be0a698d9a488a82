import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { startSweep } from '../../scans/start-sweep.task';
import { DAILY, Schedules } from '../../tasks/schedules.service';
import { TenantDatabase } from '../../tenancy/tenant-database';

export interface ScheduleRow {
  cron: string;
  timezone: string;
  enabled: boolean;
  next_due_at: Date;
}

export interface ScheduleChange {
  readonly cron: string;
  readonly timezone?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

/** When a tenant's accounts are scanned by themselves. */
@Injectable()
export class SweepSchedule {
  constructor(
    private readonly database: TenantDatabase,
    private readonly schedules: Schedules,
  ) {}

  /** Null: never. */
  async current(manager: EntityManager, tenantId: string): Promise<ScheduleRow | null> {
    const rows = await manager.query<ScheduleRow[]>(
      `SELECT cron, timezone, enabled, next_due_at FROM schedules WHERE tenant_id = $1 AND kind = $2 AND subject = ''`,
      [tenantId, startSweep.kind],
    );
    return rows[0] ?? null;
  }

  /** Throws BAD_INPUT for a pattern or a time zone that does not exist. */
  async set(manager: EntityManager, tenantId: string, { cron, timezone, enabled }: ScheduleChange): Promise<void> {
    await this.schedules.set(manager, {
      tenantId,
      task: startSweep,
      payload: {},
      cron,
      timezone: timezone ?? 'UTC',
      enabled: enabled ?? true,
    });
  }

  /** Once a day for a new tenant; a schedule that is there already stays. */
  async setDailyWhereNone(tenantId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (manager) => {
      if (!(await this.current(manager, tenantId))) await this.set(manager, tenantId, { cron: DAILY });
    });
  }
}
