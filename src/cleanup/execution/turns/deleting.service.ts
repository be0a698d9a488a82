import { Injectable } from '@nestjs/common';
import { WITHDRAWN } from '../../automatic/automatic-agreements.service';
import type { DueItem } from '../../items/due-item';
import { Listening } from '../../quarantine/listening.service';
import type { Refusal } from '../../steps';
import { ActingChecks } from '../bounds/acting-checks.service';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';
import { DeletionEnds } from './deletion-ends.service';
import { DeletionSteps } from './deletion-steps.service';
import { TurnRecords } from './turn-records.service';

/** The turn of an item whose time in quarantine is over: looked at once more, then deleted, its final delete first. */
@Injectable()
export class Deleting {
  constructor(
    private readonly acting: ActingChecks,
    private readonly listening: Listening,
    private readonly steps: DeletionSteps,
    private readonly ends: DeletionEnds,
    private readonly records: TurnRecords,
  ) {}

  async take(job: ExecutionJob, item: DueItem): Promise<TurnEnd> {
    if (item.plan_state === 'cancelled') return this.ends.halt(job, item, CANCELLED);
    const leave = await this.acting.mayAct(job, item);
    if (!leave.act) return this.wait(job, item, leave.until, leave.why);
    const begun = await this.steps.haveBegun(job, item);
    if (!begun && (await this.listening.mayDelete(job, item)) === null) return AS_EXPECTED;
    return this.steps.send(job, item, begun);
  }

  /**
   * What may not go on just now, whyever: as long as nothing has begun it is listened to again, since it may take long.
   * Half deleted it waits as it is, but not for people who may never come.
   */
  private async wait(job: ExecutionJob, item: DueItem, until: Date | null, why: Refusal): Promise<TurnEnd> {
    if (until === null) return this.ends.halt(job, item, why);
    const begun = await this.steps.haveBegun(job, item);
    if (!begun && (await this.records.listenAgain(job, item))) return AS_EXPECTED;
    return WITHDRAWN.has(why.code) ? this.ends.halt(job, item, why) : this.records.putOff(job, item, until, why);
  }
}

/** It was past its point of no return when its plan was cancelled. */
const CANCELLED: Refusal = {
  code: 'PLAN_CANCELLED',
  reason: 'Its plan was cancelled when its deletion had begun already.',
  remedy: 'Have it restored, or finish its deletion by hand.',
};
