import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { accountLane, type AccountRow, SCANNABLE } from '../../accounts/account';
import { Clock } from '../../clock';
import { run } from '../../paging';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TaskQueue } from '../../tasks/task-queue.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { reverifyAccount, reverifyAccounts } from './reverification.definitions';
import { Reverification } from './reverification.service';

type Payload = z.infer<typeof reverifyAccounts.payload>;
type Target = Pick<AccountRow, 'id' | 'partition' | 'aws_account_id'>;

const DAY_MS = 86_400_000;

/** Every day: has each of a tenant's accounts looked at again, at a time of day of its own. */
@Injectable()
@Handles(reverifyAccounts, {
  on: { 'account.assigned': () => ({ payload: { scheduleOnly: true }, dedupeKey: 'schedule' }) },
})
export class ReverifyAccountsTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reverification: Reverification,
    private readonly queue: TaskQueue,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      if (task.payload.scheduleOnly) await this.reverification.schedule(manager, task.tenantId);
      else await this.spread(manager, task.tenantId);
    });
  }

  private async spread(manager: EntityManager, tenantId: string): Promise<void> {
    const targets = await run<Target>(
      manager,
      sql`SELECT a.id, a.partition, a.aws_account_id FROM accounts a WHERE a.tenant_id = ${tenantId} AND ${SCANNABLE}`,
    );
    const now = this.clock.now().getTime();
    await this.queue.enqueueMany(
      manager,
      targets.map((target) => ({
        tenantId,
        task: reverifyAccount,
        payload: { accountId: target.id },
        lane: accountLane(target),
        dedupeKey: target.id,
        dueAt: new Date(now + momentOfDay(target.id)),
        priority: 'background' as const,
      })),
    );
  }
}

/** Fixed for each account, in milliseconds of a day. */
function momentOfDay(accountId: string): number {
  const part = createHash('sha256').update(accountId).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(part * DAY_MS);
}
