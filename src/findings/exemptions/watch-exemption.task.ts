import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { Clock } from '../../clock';
import { Handles, type TaskHandler } from '../../tasks/handles';
import { Postpone, type RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ExemptionRow } from './exemption';
import { ExemptionDecisions } from './exemption-decisions.service';
import { ExemptionRecords } from './exemption-records.service';
import { daysAfter, NOTICE_DAYS } from './exemption-terms';
import { watchExemption } from './watch-exemption.definition';

type Payload = z.infer<typeof watchExemption.payload>;

/** Ends an exemption when its time is over, and says so 14 and 3 days before. */
@Injectable()
@Handles(watchExemption)
export class WatchExemptionTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly records: ExemptionRecords,
    private readonly decisions: ExemptionDecisions,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const early = new Date(task.payload.at).getTime() - this.clock.now().getTime();
    if (early > 0) throw new Postpone(early, 'The database’s clock is ahead of this host’s.');
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const row = await this.records.hold(manager, task.tenantId, task.payload.exemptionId);
      if (row.state !== 'pending' && row.state !== 'in-force') return;
      const now = this.clock.now();
      if (row.ends_at <= now) await this.decisions.lapse(manager, row);
      else if (row.state === 'in-force') await this.giveNotice(manager, row, now);
    });
  }

  /** The nearest one that is due, once for each end; an earlier one that was missed says nothing more. */
  private async giveNotice(manager: EntityManager, row: ExemptionRow, now: Date): Promise<void> {
    const [days] = [...NOTICE_DAYS].sort((a, b) => a - b).filter((one) => daysAfter(now, one) >= row.ends_at);
    if (days === undefined) return;
    const column = days === 14 ? 'announced_14_days' : 'announced_3_days';
    if (row[column]?.getTime() === row.ends_at.getTime()) return;
    await manager.query(`UPDATE exemptions SET ${column} = ends_at WHERE tenant_id = $1 AND id = $2`, [
      row.tenant_id,
      row.id,
    ]);
    await this.records.announce(manager, 'ending', [row]);
  }
}
