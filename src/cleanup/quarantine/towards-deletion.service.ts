import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { HOUR_MS } from '../../clock';
import { DomainError } from '../../errors';
import { Events } from '../../tasks/events.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { actionFor } from '../actions';
import { mustBeSilent } from '../actions/refusals/held';
import { WITHDRAWN } from '../automatic/automatic-agreements.service';
import type { ExecutionJob } from '../execution/execution-job';
import { StepRunner } from '../execution/steps/step-runner.service';
import { isSilenced } from '../items/course-facts';
import type { DueItem } from '../items/due-item';
import { idsOf } from '../items/item-ids';
import { type ItemChanges, Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Step } from '../steps';
import type { MayGoOn } from './listening.service';
import type { Look } from './looks.service';
import { announcementDue, nextListening, NOTICE_MS, stageEnd } from './due-times';
import { observeItem } from './looks.service';
import { Watched } from './watched.service';

type Quiet = Extract<Look, { state: 'quiet' }>;

const LOOK_AGAIN_MS = 60_000;

/** What comes next for something in quarantine that shows no life: told, silenced, then to be deleted. */
@Injectable()
export class TowardsDeletion {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly events: Events,
    private readonly runner: StepRunner,
    private readonly watched: Watched,
  ) {}

  async goOn(job: ExecutionJob, item: DueItem, look: Quiet, acting: MayGoOn): Promise<void> {
    const told = await this.noteLook(job, item, acting);
    const ends = stageEnd(told, job.rules);
    // One that halted here waits for people, whatever the time.
    const isOver = item.plan_goal === 'deletion' && ends !== null && ends <= job.at();
    if (!isOver || !acting.allowed) return;
    if (told.stage === 'quarantined' && isSilenced(told.course)) {
      const steps = actionFor(told.course, 'silence').apply(look.seen, look.context);
      if (steps.length > 0) return this.silence(job, told, { ...look, steps });
      // The answer may have been lost, or somebody was quicker: their day begins when they are seen inactive.
      if (mustBeSilent(look.context)) return this.silenced(job, told);
    }
    await this.move(job, told, 'deleting', { next_at: job.at() });
  }

  /** It came here before its quarantine was full: back to where it waits. */
  async notYet(job: ExecutionJob, item: PlanItemRow, from: Date | null): Promise<void> {
    const again = from ?? new Date(job.at().getTime() + job.rules.watchEveryHours * HOUR_MS);
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.note(manager, item, { next_at: again });
    });
  }

  /** The look itself, and the announcement where it is due. */
  private async noteLook(job: ExecutionJob, item: DueItem, acting: MayGoOn): Promise<PlanItemRow> {
    const at = job.at();
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const announced = acting.withdrawn ? { deletion_announced_at: null } : await this.announce(manager, item, at);
      const next = { ...item, ...announced };
      const ends = stageEnd(next, job.rules);
      const look = new Date(at.getTime() + job.rules.watchEveryHours * HOUR_MS);
      const held = ends !== null && ends <= at && (!acting.allowed || item.plan_goal !== 'deletion');
      return this.items.note(manager, item, {
        ...announced,
        ...said(item, acting),
        watched_at: at,
        unknown_since: null,
        // What may not be acted upon now is not looked at again at once.
        next_at: held ? earlier(look, acting.notBefore) : nextListening(next, job.rules, at),
      });
    });
  }

  /**
   * Tells once that the deletion comes, two days before. Told later than that, the deletion waits: people have their two
   * days, unless the grace itself is shorter.
   */
  private async announce(
    manager: EntityManager,
    item: DueItem,
    at: Date,
  ): Promise<{ deletion_announced_at?: Date; deletion_due_at?: Date }> {
    const due = item.deletion_due_at;
    const announcement = announcementDue(item);
    if (due === null || announcement === null || item.plan_goal !== 'deletion') return {};
    if (item.deletion_announced_at !== null || announcement > at || item.stage === 'halted') return {};
    const wasShort = item.quarantined_at !== null && announcement <= item.quarantined_at;
    const dueAt = wasShort ? due : new Date(Math.max(due.getTime(), at.getTime() + NOTICE_MS));
    await this.events.record(manager, item.tenant_id, [
      {
        type: 'identity.deletion-due',
        objectType: 'identity',
        objectId: item.identity_id,
        data: { ...idsOf(item), dueAt: dueAt.toISOString() },
      },
    ]);
    return { deletion_announced_at: at, deletion_due_at: dueAt };
  }

  private async silence(
    job: ExecutionJob,
    item: PlanItemRow,
    { steps, context }: Quiet & { readonly steps: readonly Step[] },
  ): Promise<void> {
    const outcome = await this.runner.run(job, item, 'silence', steps);
    switch (outcome.end) {
      case 'done': {
        const left = actionFor(item.course, 'silence').apply(await observeItem(job, item), context);
        if (left.length > 0) return this.later(job, item, LOOK_AGAIN_MS);
        return this.silenced(job, item);
      }
      case 'put-off':
        return this.later(job, item, outcome.delayMs);
      case 'changed':
        return this.later(job, item, LOOK_AGAIN_MS);
      case 'denied':
        return this.watched.halt(job, item, outcome.refusal);
      default: {
        // Counted by the plan's circuit breaker like any other error of a turn.
        const { code, reason, remedy } =
          outcome.end === 'unexpected' ? outcome.refusal : { code: 'UNEXPECTED', reason: outcome.end, remedy: '' };
        throw new DomainError(code, reason, { remedy });
      }
    }
  }

  private async silenced(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    const at = job.at();
    const next_at = nextListening({ ...item, stage: 'silenced', silenced_at: at }, job.rules, at);
    await this.move(job, item, 'silenced', { silenced_at: at, next_at });
  }

  private async later(job: ExecutionJob, item: PlanItemRow, delayMs: number): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.note(manager, item, { next_at: new Date(job.at().getTime() + delayMs) });
    });
  }

  private async move(
    job: ExecutionJob,
    item: PlanItemRow,
    stage: 'silenced' | 'deleting',
    changes: ItemChanges,
  ): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.move(manager, item, stage, changes);
    });
  }
}

const earlier = (a: Date, b: Date | null): Date => (b !== null && b < a ? b : a);

/** Why it does not go on is said as long as it is so. What is only quarantined has nowhere to go on to. */
function said(item: DueItem, { withdrawn }: MayGoOn): Pick<ItemChanges, 'code' | 'reason' | 'remedy'> {
  if (item.plan_goal === 'deletion' && withdrawn !== null) return withdrawn;
  return item.code !== null && WITHDRAWN.has(item.code) ? { code: null, reason: null, remedy: null } : {};
}
