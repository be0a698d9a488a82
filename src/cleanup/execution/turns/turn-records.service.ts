import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HOUR_MS } from '../../../clock';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { DueItem } from '../../items/due-item';
import { type ItemChanges, Items } from '../../items/items.service';
import { listenAgainTo } from '../../items/listen-again';
import type { PlanItemRow, Stage } from '../../items/plan-item';
import type { Refusal } from '../../steps';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';

/** So often an item meets an error in a row before people have to look at it. */
const MOST_FAILURES = 5;
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 6 * HOUR_MS;

/** How a turn ends, written in one transaction with the task's guard. */
@Injectable()
export class TurnRecords {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
  ) {}

  async write<T>(job: ExecutionJob, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      return work(manager);
    });
  }

  async move(job: ExecutionJob, item: PlanItemRow, stage: Stage, changes: ItemChanges = {}): Promise<PlanItemRow> {
    return this.write(job, (manager) => this.items.move(manager, item, stage, changes));
  }

  /** The same in a transaction of the caller's, which has asked the task's guard. */
  async moveIn(manager: EntityManager, item: PlanItemRow, stage: Stage, changes: ItemChanges = {}): Promise<void> {
    await this.items.move(manager, item, stage, changes);
  }

  /** Nothing was done to it, and nothing will be. */
  async drop(job: ExecutionJob, item: DueItem, why: Refusal): Promise<TurnEnd> {
    await this.move(job, item, 'dropped', why);
    return AS_EXPECTED;
  }

  /**
   * It stays as it is, in quarantine, until people decide, and is listened to meanwhile as long as it could be given
   * back. `losses`: what has been taken away already, for people.
   */
  async halt(job: ExecutionJob, item: DueItem, why: Refusal, losses?: readonly string[]): Promise<void> {
    await this.move(job, item, 'halted', {
      ...why,
      next_at: new Date(job.at().getTime() + job.rules.watchEveryHours * HOUR_MS),
      ...(losses === undefined || losses.length === 0 ? {} : { losses: [...losses] }),
    });
  }

  /** What was to be deleted is listened to until it may be. False: something of it may be gone already. */
  async listenAgain(job: ExecutionJob, item: DueItem): Promise<boolean> {
    return this.write(job, (manager) => listenAgainTo(manager, item, job.at()));
  }

  /** It keeps its stage and says why nothing was done. */
  async putOff(job: ExecutionJob, item: DueItem, until: Date, why: Refusal): Promise<TurnEnd> {
    await this.write(job, (manager) => this.items.note(manager, item, { ...why, next_at: until }));
    return AS_EXPECTED;
  }

  async putOffFor(job: ExecutionJob, item: DueItem, delayMs: number, why: Refusal): Promise<TurnEnd> {
    return this.putOff(job, item, new Date(job.at().getTime() + delayMs), why);
  }

  /** An error that nobody expected: tried again later, and after a few times left to people. */
  async failed(job: ExecutionJob, item: DueItem, why: Refusal): Promise<TurnEnd> {
    const failures = item.failures + 1;
    if (failures >= MOST_FAILURES) {
      const tried = `${why.remedy} It was tried ${failures} times.`;
      if (item.stage === 'waiting') await this.drop(job, item, { ...why, remedy: `${tried} A new plan tries again.` });
      else await this.halt(job, item, { ...why, remedy: `${tried} Have it go on with continuePlanItem, or restored.` });
      return { unexpected: why };
    }
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** item.failures);
    const next_at = new Date(job.at().getTime() + waitMs);
    await this.write(job, (manager) => this.items.note(manager, item, { ...why, failures, next_at }));
    return { unexpected: why };
  }
}
