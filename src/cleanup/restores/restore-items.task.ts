import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { CallCounter } from '../../aws/calls';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import { Handles, type TaskHandler } from '../../tasks/handles';
import { describeFailure, type RunningTask } from '../../tasks/running-task';
import { CleanupDoor } from '../execution/sessions/cleanup-door';
import type { ExecutionJob } from '../execution/execution-job';
import { endsRun } from '../execution/steps/step-errors';
import type { PlanItemRow } from '../items/plan-item';
import { LastAccessedJobs } from '../reading/last-accessed-jobs';
import { Recreating } from './recreating.service';
import { restoreItems } from './restore-items.definition';
import { restoreNeeds } from './restore-needs';
import { type Round, RestoreRounds } from './restore-rounds.service';

type Payload = z.infer<typeof restoreItems.payload>;

/**
 * Makes users and roles again that were asked for, with the tenant's restore role. Never paused, halted, capped or bound
 * to a window. What is still to be done later makes its own next task.
 */
@Injectable()
@Handles(restoreItems, { attempts: 5 })
export class RestoreItemsTask implements TaskHandler<Payload> {
  constructor(
    private readonly rounds: RestoreRounds,
    private readonly door: CleanupDoor,
    private readonly recreating: Recreating,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const round = await this.rounds.begin(task, task.payload.accountId);
    if (!round) return;
    const calls = new CallCounter();
    try {
      await this.sessions(task, round, calls);
      await this.rounds.end(task, round, { outcome: 'done', reason: null, calls });
    } catch (error) {
      const reason = describeFailure(error).message;
      await this.rounds.end(task, round, { outcome: 'failed', reason, calls });
      throw error;
    }
  }

  private async sessions(task: RunningTask, round: Round, calls: CallCounter): Promise<void> {
    const { account, executionId, rules } = round;
    const leash = { stopsWhenPaused: false };
    const of = { account, executionId, role: 'restore' as const, leash };
    const waiting = new Set(round.wanted);
    try {
      const needs = ({ item, snapshot }: Round['wanted'][number]) => restoreNeeds(item, snapshot);
      for await (const session of this.door.sessions(task, of, round.wanted, needs)) {
        const { items, access } = session;
        const job: ExecutionJob = {
          ...{ task, tenantId: task.tenantId, accountId: account.id, executionId, access, rules, leash },
          accessFor: (step) => session.accessFor(step),
          lastAccessed: new LastAccessedJobs(access, task.signal),
          at: () => this.clock.now(),
        };
        try {
          for (const one of items) {
            waiting.delete(one);
            await this.turn(job, one.item);
          }
        } finally {
          calls.add(session.calls());
        }
      }
    } catch (error) {
      // No session: the role is missing or cannot be assumed. Those that had no turn are told why.
      if (!(error instanceof DomainError) || endsRun(error) || task.signal.aborted) throw error;
      for (const { item } of waiting) await this.rounds.notDone(task, item.id, error);
    }
  }

  /** What goes wrong with one of them is no reason to leave the others. */
  private async turn(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    try {
      await this.recreating.take(job, item);
    } catch (error) {
      if (endsRun(error) || job.task.signal.aborted) throw error;
      await this.rounds.notDone(job.task, item.id, job.access.explain(error));
    }
  }
}
