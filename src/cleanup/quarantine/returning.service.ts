import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../clock';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ActionContext } from '../action';
import { actionFor } from '../actions';
import { denyAllArn, isOurBoundary } from '../actions/refusals/boundary';
import { mayHaveDone } from '../actions/refusals/intended';
import { called } from '../actions/refusals/refusal';
import { ActionContexts } from '../execution/action-contexts.service';
import type { ExecutionJob } from '../execution/execution-job';
import { takesAccess } from '../execution/steps/step-effects';
import { StepRunner } from '../execution/steps/step-runner.service';
import type { StepsOutcome } from '../execution/steps/steps-outcome';
import { Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import type { IntendedStep, Refusal } from '../steps';
import { observeItem, unread } from './looks.service';
import { Returned } from './returned.service';

/** IAM is eventually consistent: what was just written may not be read yet. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Gives back what is in quarantine, exactly as the snapshot has it. Bound to no pause, window, cap or state of the plan;
 * what AWS refuses is tried again each day.
 */
@Injectable()
export class Returning {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contexts: ActionContexts,
    private readonly runner: StepRunner,
    private readonly items: Items,
    private readonly returned: Returned,
  ) {}

  /** One turn of an item that is `returning`, or that halted on the way back. */
  async take(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    let seen: Observed | null;
    try {
      seen = await observeItem(job, item);
    } catch (error) {
      const remedy = 'Let the clean-up role read it again; it is tried again each day.';
      return this.halt(job, item, { code: 'UNREAD', reason: unread(job, error), remedy });
    }
    await this.runner.settleOpen(job, item, seen);
    const context = await this.contexts.of(job.tenantId, item, job.at());
    if (seen === null) return this.returned.gone(job, item);
    if (seen.uniqueId !== item.principal_id) return this.another(job, item, seen, context);
    const steps = undoing(item, seen, context);
    if (steps.length === 0 && isOurBoundary(seen, context)) return this.halt(job, item, NOT_THE_SAME);
    // What was sent may not show yet: called given back now, it would be held for good.
    if (steps.length === 0 && mayShowYet(context)) return this.later(job, item, LOOK_AGAIN_MS);
    const outcome = await this.runner.run(job, item, 'return', steps);
    if (outcome.end !== 'done') return this.notDone(job, item, outcome);
    if (steps.length > 0 && undoing(item, await observeItem(job, item), context).length > 0) {
      return this.later(job, item, LOOK_AGAIN_MS);
    }
    await this.returned.done(job, item, steps.length > 0 || item.quarantined_at !== null);
  }

  /** Somebody has made another one of its name. Requests go by name, so what denies the new one everything may be ours. */
  private async another(job: ExecutionJob, item: PlanItemRow, seen: Observed, context: ActionContext): Promise<void> {
    const isDenied = seen.boundaryArn === denyAllArn(item) && mayHaveDeniedAll(context);
    if (isDenied) return this.halt(job, item, anotherDenied(item));
    if (mayShowYet(context)) return this.later(job, item, LOOK_AGAIN_MS);
    return this.returned.gone(job, item);
  }

  private async notDone(job: ExecutionJob, item: PlanItemRow, outcome: StepsOutcome): Promise<void> {
    switch (outcome.end) {
      case 'put-off':
        return this.later(job, item, outcome.delayMs);
      case 'changed':
        return this.later(job, item, LOOK_AGAIN_MS);
      case 'denied':
      case 'unexpected':
        return this.halt(job, item, outcome.refusal);
      default:
        throw new Error(`Giving back ended as ${outcome.end}.`);
    }
  }

  private async later(job: ExecutionJob, item: PlanItemRow, delayMs: number): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.note(manager, item, { next_at: new Date(job.at().getTime() + delayMs) });
    });
  }

  private async halt(job: ExecutionJob, item: PlanItemRow, why: Refusal): Promise<void> {
    const reason = `It could not be given back: ${why.reason}`;
    const remedy = `${why.remedy} It is tried again each day, and at once when it is rechecked.`;
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const next_at = new Date(job.at().getTime() + DAY_MS);
      await this.items.move(manager, item, 'halted', { code: why.code, reason, remedy, next_at });
    });
  }
}

/** Nothing is done to what is not exactly what was put away. */
const NOT_THE_SAME: Refusal = {
  code: 'CHANGED',
  reason: 'Somebody has changed its path meanwhile.',
  remedy: 'Take the boundary AWSDenyAll off it by hand, or give it its path back.',
};

const isOpen = ({ outcome }: IntendedStep): boolean => outcome === null || outcome === 'unanswered';

const mayShowYet = ({ intended }: ActionContext): boolean => intended.some((one) => takesAccess(one) && isOpen(one));

const mayHaveDeniedAll = (context: ActionContext): boolean =>
  mayHaveDone(context, 'iam:PutRolePermissionsBoundary', { RoleName: context.item.name }) ||
  mayHaveDone(context, 'iam:PutUserPermissionsBoundary', { UserName: context.item.name });

const anotherDenied = (item: PlanItemRow): Refusal => ({
  code: 'RE_CREATED',
  reason: `${called(item)} was made anew meanwhile, and the new one has the boundary AWSDenyAll: it may be ours.`,
  remedy: 'If the new one is not meant to be denied everything, take that boundary off it by hand.',
});

const undoing = (item: PlanItemRow, seen: Observed | null, context: ActionContext) =>
  actionFor(item.course, 'quarantine').undo(seen, context);
