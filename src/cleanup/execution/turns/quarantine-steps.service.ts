import { Injectable } from '@nestjs/common';
import { actionFor } from '../../actions';
import { mayBeTouched } from '../../actions/refusals/intended';
import type { DueItem } from '../../items/due-item';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { deletionDue, nextListening } from '../../quarantine/due-times';
import { ActionContexts } from '../action-contexts.service';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';
import { StepRunner } from '../steps/step-runner.service';
import type { StepsOutcome } from '../steps/steps-outcome';
import { readBack } from './read-back';
import { TurnRecords } from './turn-records.service';

const SOON_MS = 60_000;

/** What puts an item into quarantine, and the proof that it is there. */
@Injectable()
export class QuarantineSteps {
  constructor(
    private readonly runner: StepRunner,
    private readonly contexts: ActionContexts,
    private readonly records: TurnRecords,
  ) {}

  async send(job: ExecutionJob, item: DueItem, seen: Observed): Promise<TurnEnd> {
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const steps = actionFor(item.course, 'quarantine').apply(seen, context);
    const outcome = await this.runner.run(job, item, 'quarantine', steps);
    if (outcome.end !== 'done') return this.notDone(job, item, outcome);
    const held = steps.length === 0 || (await readBack(job, item, (now) => this.isHeld(job, item, now)));
    if (!held) {
      const reason = 'What was sent was accepted by AWS, but does not show yet.';
      return this.records.putOffFor(job, item, SOON_MS, {
        code: 'NOT_SHOWN',
        reason,
        remedy: 'Nothing: it is looked at again.',
      });
    }
    await this.quarantined(job, item);
    return AS_EXPECTED;
  }

  private async isHeld(job: ExecutionJob, item: DueItem, seen: Observed | null): Promise<boolean> {
    if (seen?.uniqueId !== item.principal_id) return false;
    const context = await this.contexts.of(job.tenantId, item, job.at());
    return actionFor(item.course, 'quarantine').apply(seen, context).length === 0;
  }

  private async quarantined(job: ExecutionJob, item: DueItem): Promise<PlanItemRow> {
    const at = job.at();
    const stage = item.course === 'password' ? 'announced' : 'quarantined';
    const deletion_due_at = item.plan_goal === 'deletion' ? deletionDue(item.course, at, job.rules) : null;
    const timed = { stage, deletion_due_at, deletion_announced_at: null, silenced_at: null } as const;
    return this.records.move(job, item, stage, {
      quarantined_at: at,
      quarantined_by: BY[item.course],
      deletion_due_at,
      next_at: nextListening(timed, job.rules, at),
    });
  }

  private async notDone(job: ExecutionJob, item: DueItem, outcome: StepsOutcome): Promise<TurnEnd> {
    switch (outcome.end) {
      case 'put-off':
        return this.records.putOffFor(job, item, outcome.delayMs, outcome.refusal);
      case 'changed':
        if (outcome.refusal.code === 'KEY_MISMATCH') return this.records.drop(job, item, outcome.refusal);
        // The next look says what has changed, and refuses by that.
        return this.records.putOffFor(job, item, 0, outcome.refusal);
      case 'denied':
        // Also what an earlier run has sent may have had its effect: then it is given back, not dropped.
        if (mayBeTouched(await this.contexts.of(job.tenantId, item, job.at())))
          await this.records.move(job, item, 'returning', { ...outcome.refusal, next_at: job.at() });
        else await this.records.drop(job, item, outcome.refusal);
        return { unexpected: outcome.refusal };
      case 'unexpected':
        return this.records.failed(job, item, outcome.refusal);
      default:
        throw new Error(`Putting into quarantine ended as ${outcome.end}.`);
    }
  }
}

const BY = {
  'access-key': 'inactive-key',
  'observed-key': 'boundary',
  password: 'notice',
  user: 'boundary',
  role: 'boundary',
} as const;
