import { Injectable } from '@nestjs/common';
import type { ExecutionJob } from '../execution/execution-job';
import type { DueItem } from '../items/due-item';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import type { Refusal } from '../steps';
import { fullQuarantineFrom } from './due-times';
import { GivingBack } from './giving-back.service';
import { type Look, Looks } from './looks.service';
import { Returning } from './returning.service';
import { Watched } from './watched.service';
import { TowardsDeletion } from './towards-deletion.service';

/** Whether anything may be put away at the moment: the plan is approved, nothing is paused, a window is open. */
export interface MayGoOn {
  readonly allowed: boolean;
  /** When it may be again, where that is known. */
  readonly notBefore: Date | null;
  /** People have taken it back that this goes on to its deletion; null: they have not. */
  readonly withdrawn: Refusal | null;
}

/** Past this point the boundary alone cannot give it back; the restore role can. */
const isBeyondReturn = (item: PlanItemRow): boolean => item.point_of_no_return_at !== null;

/**
 * Listens to what is in quarantine. A sign of life gives it back at once; without any, when its time is over and it may
 * be acted upon, it goes on towards its deletion. Whatever is not known deletes nothing.
 */
@Injectable()
export class Listening {
  constructor(
    private readonly looks: Looks,
    private readonly givingBack: GivingBack,
    private readonly returning: Returning,
    private readonly watched: Watched,
    private readonly towards: TowardsDeletion,
  ) {}

  /** One turn of an item that is `announced`, `quarantined` or `silenced`, or that halted there: that one only listens. */
  async take(job: ExecutionJob, item: DueItem, acting: MayGoOn): Promise<void> {
    if (isBeyondReturn(item)) return this.watched.rest(job, item);
    const look = await this.looks.take(job, item);
    if (look.state === 'quiet') return this.towards.goOn(job, item, look, acting);
    const returning = await this.react(job, item, look);
    if (returning) await this.returning.take(job, returning);
  }

  /**
   * The last look before the final delete is sent, with everything of a watch and the full quarantine proven once more.
   * Null: not now. The item has been put off, halted, or is about to be given back by its next turn, since the session
   * at hand may delete only. Not to be asked again once something was deleted: what is missing then is missing by us.
   */
  async mayDelete(job: ExecutionJob, item: PlanItemRow): Promise<Observed | null> {
    const full = fullQuarantineFrom(item, job.rules);
    if (full === null || full > job.at()) {
      await this.towards.notYet(job, item, full);
      return null;
    }
    const look = await this.looks.take(job, item);
    if (look.state === 'quiet') return look.seen;
    await this.react(job, item, look);
    return null;
  }

  /** The item where it is to be given back now. */
  private async react(
    job: ExecutionJob,
    item: PlanItemRow,
    look: Exclude<Look, { state: 'quiet' }>,
  ): Promise<PlanItemRow | null> {
    switch (look.state) {
      case 'life':
        return this.givingBack.forLife(job, item, look.life);
      case 'wanted-back':
        return this.givingBack.forPeople(job, item, look.why);
      case 'ended':
        await this.watched.drop(job, item, look.why);
        return null;
      case 'changed':
        await this.watched.halt(job, item, look.why);
        return null;
      case 'unknown':
        await this.watched.unanswered(job, item, look.reason);
        return null;
    }
  }
}
