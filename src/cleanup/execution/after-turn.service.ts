import { Injectable } from '@nestjs/common';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from '../decisions/plan-states.service';
import type { DueItem } from '../items/due-item';
import { Items } from '../items/items.service';
import { isOver } from '../items/stage-effects';
import type { Refusal } from '../steps';
import { Breaker } from './bounds/breaker.service';
import { CleanupCounters } from './cleanup-counters.service';
import type { ExecutionJob } from './execution-job';
import type { TurnEnd } from './execution-state';
import { acts } from './turns/turns.service';

/** What follows from a turn for the item's plan. */
@Injectable()
export class AfterTurn {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly plans: PlanStates,
    private readonly breaker: Breaker,
    private readonly counters: CleanupCounters,
  ) {}

  async write(job: ExecutionJob, item: DueItem, { unexpected }: TurnEnd): Promise<void> {
    const stage = await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const now = await this.items.load(manager, job.tenantId, item.id);
      const wentOn = now.stage !== item.stage && now.stage !== item.stage_before;
      // What was merely put off, or back where it waits, has proven nothing: many of those would drown others' errors.
      if (unexpected !== null || (acts(item) && wentOn)) {
        const turn = { tenantId: job.tenantId, planId: item.plan_id, rules: job.rules.breaker, unexpected };
        await this.breaker.count(manager, turn);
      }
      if (isOver(now.stage)) await this.plans.completeIfOver(manager, job.tenantId, item.plan_id);
      return now.stage;
    });
    this.counters.item(item.course, stage);
  }

  /** Left to people: not begun, or in quarantine as it is. */
  async stop(task: RunningTask, item: DueItem, why: Refusal): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.items.move(manager, item, item.stage === 'waiting' ? 'dropped' : 'halted', { ...why, next_at: null });
      await this.plans.completeIfOver(manager, task.tenantId, item.plan_id);
    });
  }
}
