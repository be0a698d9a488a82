import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { TaskQueue } from '../../tasks/task-queue.service';
import { watchPlan } from './watch-plan.definition';

/** Has plans looked at when their time is over. */
@Injectable()
export class PlanWatch {
  constructor(
    private readonly clock: Clock,
    private readonly queue: TaskQueue,
  ) {}

  /** In the caller's transaction, when `lapsesAt` is set; of an earlier moment the task finds nothing to do. */
  async watch(
    manager: EntityManager,
    { tenantId, planId, lapsesAt }: { readonly tenantId: string; readonly planId: string; readonly lapsesAt: Date },
  ): Promise<void> {
    const at = lapsesAt.toISOString();
    // Tasks are due by the database's time, plans lapse by the service's clock.
    const dueAt = new Date(Date.now() + (lapsesAt.getTime() - this.clock.now().getTime()));
    await this.queue.enqueue(manager, {
      ...{ tenantId, task: watchPlan, payload: { planId, at } },
      ...{ dedupeKey: `${planId} ${at}`, dueAt, priority: 'background' },
    });
  }
}
