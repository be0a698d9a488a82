import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TaskQueue } from '../tasks/task-queue.service';
import { judgeAccountTask } from './judge-account.task';

/** Has accounts judged again from the inventory, without calling AWS, after something changed that judging asks for. */
@Injectable()
export class Rejudging {
  constructor(private readonly queue: TaskQueue) {}

  /** In the caller's transaction, so that it happens exactly if the change is committed. */
  async of(manager: EntityManager, tenantId: string, accountIds: readonly string[]): Promise<void> {
    await this.queue.enqueueMany(
      manager,
      accountIds.map((accountId) => ({
        tenantId,
        task: judgeAccountTask,
        payload: { accountId },
        dedupeKey: accountId,
        priority: 'urgent' as const,
        // A judgement under way may have read too early.
        whenRunning: 'again' as const,
      })),
    );
  }
}
