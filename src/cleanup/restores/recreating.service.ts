import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ActionContext } from '../action';
import { actionFor } from '../actions';
import { lossesOf } from '../actions/losses';
import { isSavedOne } from '../actions/refusals/restoring';
import { isMadeByUs } from '../actions/steps/re-creation';
import { ActionContexts } from '../execution/action-contexts.service';
import type { ExecutionJob } from '../execution/execution-job';
import { StepRunner } from '../execution/steps/step-runner.service';
import { Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import { observe } from '../reading/observe';
import type { Refusal, Step, StepAction } from '../steps';
import { CleanupDue } from '../execution/cleanup-due.service';

/** How a round of requests ended. */
type Round =
  | { readonly end: 'done' }
  | { readonly end: 'later'; readonly delayMs: number }
  | { readonly end: 'refused'; readonly why: Refusal };

/** What was just made may not be found at once; what is missing then is asked for once more. */
const ROUNDS = 2;
const LOOK_AGAIN_MS = 60_000;

/** Makes a deleted user or role again from its snapshot, or gives a half-deleted one back what was detached. */
@Injectable()
export class Recreating {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contexts: ActionContexts,
    private readonly runner: StepRunner,
    private readonly items: Items,
    private readonly due: CleanupDue,
  ) {}

  /** One turn of an item that is `recreating`, with the restore role. */
  async take(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    const action = actionFor(item.course, 'restore');
    let seen = await this.look(job, item);
    await this.runner.settleOpen(job, item, seen);
    for (let round = 1; ; round += 1) {
      const context = await this.contexts.of(job.tenantId, item, job.at());
      const refusal = action.refuse(seen, context);
      if (refusal) return this.refuse(job, item, refusal, seen);
      const steps = action.apply(seen, context);
      if (steps.length === 0 && seen) return this.done(job, item, { seen, context });
      const ended = await this.run(job, item, steps, seen !== null && isSaved(context, seen));
      if (ended.end === 'later') return this.later(job, item, ended.delayMs);
      seen = await this.look(job, item);
      if (ended.end === 'refused') return this.refuse(job, item, ended.why, seen);
      if (seen === null) return this.later(job, item, LOOK_AGAIN_MS);
      // Whatever did not come back is left out, and named among the losses.
      if (round >= ROUNDS) return this.done(job, item, { seen, context });
    }
  }

  private look(job: ExecutionJob, item: PlanItemRow): Promise<Observed | null> {
    const kind: Observed['kind'] = item.course === 'role' ? 'role' : 'user';
    return observe(job.access, { kind, name: item.name }, { scope: 'whole', signal: job.task.signal });
  }

  /**
   * One by one: a policy, group or profile that was deleted since, or that AWS does not let it have any more (a profile
   * holds one role at most), must not keep the others from coming back.
   */
  private async run(job: ExecutionJob, item: PlanItemRow, steps: readonly Step[], isRepair: boolean): Promise<Round> {
    for (const step of steps) {
      const outcome = await this.runner.run(job, item, isRepair ? 'repair' : 're-creation', [step]);
      switch (outcome.end) {
        case 'done':
        case 'probe-accepted':
        case 'changed':
          break;
        case 'put-off':
          return { end: 'later', delayMs: outcome.delayMs };
        case 'unexpected':
          if (!MAKES.has(step.action)) break;
          return { end: 'refused', why: outcome.refusal };
        case 'denied':
          return { end: 'refused', why: outcome.refusal };
      }
    }
    return { end: 'done' };
  }

  /** One that was never gone is still in quarantine: the clean-up role, which put it there, gives it back. */
  private async done(
    job: ExecutionJob,
    item: PlanItemRow,
    { seen, context }: { readonly seen: Observed; readonly context: ActionContext },
  ): Promise<void> {
    const { snapshot } = context;
    const losses = snapshot === null ? [] : lossesOf(snapshot, seen, item);
    const repaired = isSaved(context, seen);
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const { code, reason, remedy } = item;
      await this.items.move(manager, item, repaired ? 'returning' : 'recreated', {
        ...{ code, reason, remedy, losses },
        ...(repaired ? { next_at: job.at() } : {}),
      });
      if (repaired) await this.due.enqueue(manager, job.tenantId, [item.account_id]);
    });
  }

  /**
   * Something of it exists: people have to look. Else it is deleted as before, also where somebody took the name in the
   * very moment in which it was to be made.
   */
  private async refuse(job: ExecutionJob, item: PlanItemRow, why: Refusal, seen: Observed | null): Promise<void> {
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const { snapshot } = context;
    const isThere = seen !== null && snapshot !== null && isItself(snapshot, seen, context);
    const reason = seen !== null && !isThere ? (actionFor(item.course, 'restore').refuse(seen, context) ?? why) : why;
    // Of one that was never gone, what was taken from it is listed already.
    const made = isThere && !isSaved(context, seen) ? { losses: lossesOf(snapshot, seen, item) } : {};
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.move(manager, item, isThere ? 'halted' : 'deleted', { ...reason, ...made });
    });
  }

  private async later(job: ExecutionJob, item: PlanItemRow, delayMs: number): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.note(manager, item, { next_at: new Date(job.at().getTime() + delayMs) });
    });
  }
}

/** Without these there is nothing that anything could be given to. */
const MAKES: ReadonlySet<StepAction> = new Set(['iam:CreateRole', 'iam:CreateUser']);

/** The one that was never gone, or that we have made again. */
const isItself = (snapshot: Observed, seen: Observed, context: ActionContext): boolean =>
  isSavedOne(snapshot, seen) || isMadeByUs(snapshot, seen, context);

const isSaved = ({ snapshot }: ActionContext, seen: Observed): boolean =>
  snapshot !== null && isSavedOne(snapshot, seen);
