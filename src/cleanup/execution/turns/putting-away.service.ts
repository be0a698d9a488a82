import { Injectable } from '@nestjs/common';
import type { DueItem } from '../../items/due-item';
import type { Refusal } from '../../steps';
import { ActingChecks } from '../bounds/acting-checks.service';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';
import { Beginning } from './beginning.service';
import { FirstLook } from './first-look.service';
import { QuarantineSteps } from './quarantine-steps.service';
import { TurnRecords } from './turn-records.service';

/** The turn of an item that waits, or whose quarantine was interrupted. */
@Injectable()
export class PuttingAway {
  constructor(
    private readonly acting: ActingChecks,
    private readonly look: FirstLook,
    private readonly beginning: Beginning,
    private readonly steps: QuarantineSteps,
    private readonly records: TurnRecords,
  ) {}

  async take(job: ExecutionJob, item: DueItem): Promise<TurnEnd> {
    const leave = await this.acting.mayAct(job, item);
    if (!leave.act) {
      if (leave.until === null) return this.refuse(job, item, leave.why, item.stage !== 'waiting');
      return this.records.putOff(job, item, leave.until, leave.why);
    }
    if (item.stage === 'waiting' && item.continues_item_id !== null) {
      const begun = await this.beginning.takeOver(job, item, item.continues_item_id);
      return begun.state === 'refused' ? this.records.drop(job, item, begun.why) : AS_EXPECTED;
    }
    const rival = item.stage === 'waiting' ? await this.beginning.refusal(job, item) : null;
    if (rival) return this.records.drop(job, item, rival);
    const looked = await this.look.take(job, item);
    if ('why' in looked) return this.refuse(job, item, looked.why, looked.touched);
    if (item.stage === 'quarantining') return this.steps.send(job, item, looked.seen);
    const begun = await this.beginning.begin(job, item, looked.seen);
    if (begun.state === 'refused') return this.records.drop(job, item, begun.why);
    return begun.state === 'begun' ? this.steps.send(job, { ...item, ...begun.item }, looked.seen) : AS_EXPECTED;
  }

  /** What was sent may have had its effect: then it is given back, not dropped. */
  private async refuse(job: ExecutionJob, item: DueItem, why: Refusal, touched: boolean): Promise<TurnEnd> {
    if (!touched) return this.records.drop(job, item, why);
    await this.records.move(job, item, 'returning', { ...why, next_at: job.at() });
    return AS_EXPECTED;
  }
}
