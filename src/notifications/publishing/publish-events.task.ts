import { Injectable } from '@nestjs/common';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { publishEvents } from './publish-events.definition';
import { HeldBack, Publisher } from './publisher.service';

const LONGEST_WAIT_MS = 60_000;

/**
 * Publishes until nothing is left that can be. It is tried again for as long as it takes: the next notification would
 * only make another task of the same.
 */
@Injectable()
@Handles(publishEvents, {
  attempts: 1_000_000,
  backoffMs: (attempt) => Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** attempt),
})
export class PublishEventsTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly publisher: Publisher,
  ) {}

  async run(task: RunningTask): Promise<void> {
    const held = new HeldBack();
    let more = true;
    while (more) {
      task.signal.throwIfAborted();
      more = await this.database.inTenant(task.tenantId, async (manager) => {
        await task.guard(manager);
        return this.publisher.publish(manager, task.tenantId, held);
      });
    }
  }
}
