import { Injectable } from '@nestjs/common';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { DeliveriesDue } from '../deliveries-due.service';
import type { EndpointRun } from './endpoint-run';

/** How a run ends: it has itself called for what comes next. */
@Injectable()
export class RunEnd {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: DeliveriesDue,
    private readonly clock: Clock,
  ) {}

  /** `notBefore`: what the pace allows. A receiver that is slow is left alone for as long as it took. */
  async write(task: RunningTask, endpointId: string, run: EndpointRun, notBefore: Date | null): Promise<void> {
    const { tenantId } = task;
    const restMs = run.restMs();
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      if (restMs > 0) {
        const until = new Date(this.clock.now().getTime() + restMs);
        await manager.query(
          `UPDATE endpoints SET wait_until = greatest(wait_until, $3) WHERE tenant_id = $1 AND id = $2 AND state = 'active'`,
          [tenantId, endpointId, until],
        );
      }
      await this.due.enqueueNext(manager, task, endpointId, notBefore);
    });
  }
}
