import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountLane } from '../../accounts/account';
import type { Partition } from '../../aws/partitions';
import { Clock, DAY_MS } from '../../clock';
import { Schedules } from '../../tasks/schedules.service';
import type { NewTask } from '../../tasks/task-definition';
import { TaskQueue } from '../../tasks/task-queue.service';
import { Items, type ItemsOf } from '../items/items.service';
import { cleanAccount, watchQuarantines } from './clean-account.definition';

interface Target {
  id: string;
  partition: Partition;
  aws_account_id: string;
}

/** A minute of its own for each tenant. */
const HOURLY = 'H * * * *';

/** Items are due by the service's clock, tasks by the database's: nothing is put off for longer by one task. */
const FARTHEST_MS = 7 * DAY_MS;
const MINUTE_MS = 60_000;

type Payload = { accountId: string };

/** Has accounts' items that are due given their turns. */
@Injectable()
export class CleanupDue {
  constructor(
    private readonly queue: TaskQueue,
    private readonly schedules: Schedules,
    private readonly items: Items,
    private readonly clock: Clock,
  ) {}

  /** Now, in the caller's transaction; a run that is under way is followed by another one. */
  async enqueue(manager: EntityManager, tenantId: string, which: readonly string[] | 'all due'): Promise<void> {
    const accountIds = which === 'all due' ? await this.items.accountsDue(manager, tenantId) : which;
    if (accountIds.length === 0) return;
    const schedule = { tenantId, task: watchQuarantines, payload: {}, cron: HOURLY };
    await this.schedules.set(manager, schedule);
    const accounts = await this.targets(manager, tenantId, accountIds);
    await this.queue.enqueueMany(
      manager,
      accounts.map((account): NewTask<Payload> => ({
        ...this.taskOf(tenantId, account),
        dedupeKey: account.id,
        whenRunning: 'again',
      })),
    );
  }

  /** After a pause: all that has become due meanwhile, and what was put off because of it. */
  async takeUp(manager: EntityManager, tenantId: string): Promise<void> {
    const now = this.clock.now();
    await manager.query(
      `UPDATE plan_items SET next_at = $2 WHERE tenant_id = $1 AND code = 'CLEANUP_PAUSED' AND next_at > $2`,
      [tenantId, now],
    );
    await this.enqueue(manager, tenantId, 'all due');
  }

  /** For when the next item of the account is due, if one is. */
  async enqueueNext(manager: EntityManager, of: ItemsOf): Promise<void> {
    const at = await this.items.nextAt(manager, of);
    const [account] = at === null ? [] : await this.targets(manager, of.tenantId, [of.accountId]);
    if (at === null || !account) return;
    const waitMs = Math.min(FARTHEST_MS, Math.max(MINUTE_MS, at.getTime() - this.clock.now().getTime()));
    // Whole minutes, so that runs which come to the same answer make one task.
    const dueAt = new Date(Math.ceil((Date.now() + waitMs) / MINUTE_MS) * MINUTE_MS);
    await this.queue.enqueue<Payload>(manager, {
      ...this.taskOf(of.tenantId, account),
      dedupeKey: `${account.id} ${dueAt.toISOString()}`,
      dueAt,
    });
  }

  private taskOf(tenantId: string, account: Target): NewTask<Payload> {
    return { tenantId, task: cleanAccount, payload: { accountId: account.id }, lane: accountLane(account) };
  }

  private targets(manager: EntityManager, tenantId: string, accountIds: readonly string[]): Promise<Target[]> {
    return manager.query<Target[]>(
      'SELECT id, partition, aws_account_id FROM accounts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
      [tenantId, accountIds],
    );
  }
}
