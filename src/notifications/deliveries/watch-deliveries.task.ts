import { Injectable } from '@nestjs/common';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { EndpointSecrets } from '../endpoints/endpoint-secrets.service';
import { DeliveriesDue } from './deliveries-due.service';
import { watchDeliveries } from './deliver.definition';
import { Endings } from './endings.service';

/**
 * The safety net: whatever is due has its driver, even if the task that was to send it was lost or cancelled; secrets
 * whose day of overlap is over are forgotten; and nothing waits for ever for an endpoint that is paused.
 */
@Injectable()
@Handles(watchDeliveries)
export class WatchDeliveriesTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: DeliveriesDue,
    private readonly secrets: EndpointSecrets,
    private readonly endings: Endings,
  ) {}

  async run(task: RunningTask): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.due.enqueue(manager, task.tenantId, 'all due');
      await this.secrets.forgetPrevious(manager, task.tenantId);
      await this.endings.endPaused(manager, task.tenantId);
    });
  }
}
