import { Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../../clock';
import { actionFor } from '../../actions';
import { isApproved } from '../../actions/refusals/found';
import type { DueItem } from '../../items/due-item';
import type { Observed } from '../../observed';
import { Looks, observeItem } from '../../quarantine/looks.service';
import { type IntendedStep, takesAway } from '../../steps';
import { ActionContexts } from '../action-contexts.service';
import type { ExecutionJob } from '../execution-job';
import type { TurnEnd } from '../execution-state';
import { StepRunner } from '../steps/step-runner.service';
import { DeletionEnds } from './deletion-ends.service';
import { DeletionSnapshots } from './deletion-snapshots.service';
import { readBack } from './read-back';

const SOON_MS = 60_000;

const isOpen = ({ outcome }: IntendedStep): boolean => outcome === null || outcome === 'unanswered';

const isDeletion = ({ action, outcome }: IntendedStep): boolean =>
  !action.endsWith('PermissionsBoundary') && takesAway(action) && outcome !== 'refused' && outcome !== 'failed';

/** What deletes an item, and the proof that it is gone. */
@Injectable()
export class DeletionSteps {
  constructor(
    private readonly runner: StepRunner,
    private readonly contexts: ActionContexts,
    private readonly saved: DeletionSnapshots,
    private readonly looks: Looks,
    private readonly ends: DeletionEnds,
  ) {}

  /**
   * Once something may be gone there is no way back to listening: it is finished, or halts. A request whose answer never
   * came is decided about by a fresh read first.
   */
  async haveBegun(job: ExecutionJob, item: DueItem): Promise<boolean> {
    if (item.point_of_no_return_at !== null) return true;
    const { intended } = await this.contexts.of(job.tenantId, item, job.at());
    if (!intended.some(isOpen)) return intended.some(isDeletion);
    await this.runner.settleOpen(job, item, await observeItem(job, item));
    return (await this.contexts.of(job.tenantId, item, job.at())).intended.some(isDeletion);
  }

  /** `begun`: something may be gone already, so whatever speaks against it halts it where it is. */
  async send(job: ExecutionJob, item: DueItem, begun: boolean): Promise<TurnEnd> {
    const seen = await observeItem(job, item);
    await this.runner.settleOpen(job, item, seen);
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const action = actionFor(item.course, 'deletion');
    const why = action.refuse(seen, context);
    // What AWS does not tell just now is asked again; anything else is for people.
    if (why?.code === 'UNKNOWN') return this.ends.later(job, item, HOUR_MS, why);
    if (why) return this.ends.halt(job, item, why);
    const against = begun && seen && isApproved(seen, context) ? await this.looks.against(job, item, seen) : null;
    if (against?.code === 'UNKNOWN') return this.ends.later(job, item, HOUR_MS, against);
    if (against) return this.ends.halt(job, item, against);
    const steps = action.apply(seen, context);
    if (steps.length === 0) return this.ends.deleted(job, item);
    if (seen) await this.saved.save(job, item, seen);
    const outcome = await this.runner.run(job, item, 'deletion', steps);
    if (outcome.end !== 'done' && outcome.end !== 'probe-accepted') return this.ends.notDone(job, item, outcome);
    if (await readBack(job, item, (now) => this.isGone(job, item, now))) return this.ends.deleted(job, item);
    const reason = 'What was sent was accepted by AWS, but does not show yet.';
    const remedy = 'Nothing: it is looked at again.';
    return this.ends.later(job, item, SOON_MS, { code: 'NOT_SHOWN', reason, remedy });
  }

  private async isGone(job: ExecutionJob, item: DueItem, seen: Observed | null): Promise<boolean> {
    const context = await this.contexts.of(job.tenantId, item, job.at());
    return actionFor(item.course, 'deletion').apply(seen, context).length === 0;
  }
}
