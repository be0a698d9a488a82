import { Injectable } from '@nestjs/common';
import { actionFor } from '../../actions';
import type { CleanupAction } from '../../action';
import { isSilenced } from '../../items/course-facts';
import type { DueItem } from '../../items/due-item';
import type { Step } from '../../steps';
import { ActingChecks } from '../bounds/acting-checks.service';
import { ActionContexts } from '../action-contexts.service';
import type { ExecutionJob, StepPurpose } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';
import { StepRecords } from '../steps/step-records.service';
import { FirstLook } from './first-look.service';
import { TurnRecords } from './turn-records.service';

interface Rehearsed {
  readonly purpose: StepPurpose;
  readonly step: Step;
}

/** The turn of a dry run's item: looked at afresh as the real one would be; what would be sent is written down, and is not. */
@Injectable()
export class Rehearsing {
  constructor(
    private readonly acting: ActingChecks,
    private readonly look: FirstLook,
    private readonly contexts: ActionContexts,
    private readonly steps: StepRecords,
    private readonly records: TurnRecords,
  ) {}

  async take(job: ExecutionJob, item: DueItem): Promise<TurnEnd> {
    const leave = await this.acting.mayAct(job, item);
    if (!leave.act && leave.until !== null) return this.records.putOff(job, item, leave.until, leave.why);
    const looked = await this.look.take(job, item);
    if ('why' in looked) return this.records.drop(job, item, looked.why);
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const of = (purpose: StepPurpose, action: CleanupAction): Rehearsed[] =>
      action.apply(looked.seen, context).map((step) => ({ purpose, step }));
    const rehearsed = [
      ...of('quarantine', actionFor(item.course, 'quarantine')),
      ...(item.plan_goal === 'deletion' ? this.deletion(item, of) : []),
    ];
    await this.records.write(job, async (manager) => {
      await this.steps.rehearse(manager, job, item, rehearsed);
      await this.records.moveIn(manager, item, 'rehearsed');
    });
    return AS_EXPECTED;
  }

  private deletion(item: DueItem, of: (purpose: StepPurpose, action: CleanupAction) => Rehearsed[]): Rehearsed[] {
    return [
      ...(isSilenced(item.course) ? of('silence', actionFor(item.course, 'silence')) : []),
      ...of('deletion', actionFor(item.course, 'deletion')),
    ];
  }
}
