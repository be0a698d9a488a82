import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { verifyAccount } from '../../accounts/verify-account.task';
import { TaskQueue } from '../../tasks/task-queue.service';
import { TenantDatabase } from '../../tenancy/tenant-database';

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 150;

export interface Ended {
  readonly pending: boolean;
  /** Why the task was parked; null when it was not. */
  readonly problem: string | null;
}

/** Asks a worker to verify an account and waits for it, since somebody sits in front of it. */
@Injectable()
export class Verifications {
  constructor(
    private readonly database: TenantDatabase,
    private readonly queue: TaskQueue,
  ) {}

  /** Returns the task's id. `roleArn`: a role that is to become the account's, once it is proven. */
  request(manager: EntityManager, tenantId: string, accountId: string, roleArn?: string): Promise<string> {
    return this.queue.enqueue(manager, {
      tenantId,
      task: verifyAccount,
      payload: { accountId, ...(roleArn === undefined ? {} : { roleArn }) },
      dedupeKey: `${accountId} ${roleArn ?? ''}`,
      priority: 'urgent',
    });
  }

  /** Waits until the task is over, for at most 20 s. */
  async ended(tenantId: string, taskId: string): Promise<Ended> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const task = await this.database.inTenant(tenantId, async (manager) => {
        const rows = await manager.query<{ state: string; error_message: string | null }[]>(
          'SELECT state, error_message FROM tasks WHERE tenant_id = $1 AND id = $2',
          [tenantId, taskId],
        );
        return rows[0];
      });
      if (!task || task.state === 'done' || task.state === 'cancelled') return { pending: false, problem: null };
      if (task.state === 'failed') return { pending: false, problem: task.error_message };
      if (performance.now() >= giveUpAt) return { pending: true, problem: null };
      await sleep(LOOK_EVERY_MS);
    }
  }
}
