import { Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../clock';
import type { RunningTask } from '../../tasks/running-task';
import type { DueItem } from '../items/due-item';
import { isSnapshotError } from '../snapshots/snapshots.service';
import type { Refusal } from '../steps';
import { AccountItems } from './account-items.service';
import { AfterTurn } from './after-turn.service';
import type { ExecutionJob } from './execution-job';
import { AS_EXPECTED, type ExecutionState, type TurnEnd } from './execution-state';
import { endsRun } from './steps/step-errors';
import { TurnRecords } from './turns/turn-records.service';
import { refusalOf, Turns } from './turns/turns.service';

const PASSING_MS = 5 * 60_000;

/** One item's turn, whatever comes of it. */
@Injectable()
export class ItemTurn {
  constructor(
    private readonly items: AccountItems,
    private readonly turns: Turns,
    private readonly records: TurnRecords,
    private readonly after: AfterTurn,
  ) {}

  /** @throws what ends the run. */
  async take(job: ExecutionJob, due: DueItem, state: ExecutionState): Promise<void> {
    const item = await this.items.stillDue(job.task, due);
    if (item === null) return;
    if (!state.mayTakeTurn(item)) {
      await this.records.putOffFor(job, item, HOUR_MS, goesRound(item));
      return;
    }
    const end = await this.attempt(job, item, state);
    if (end) await this.after.write(job, item, end);
  }

  /** One whose session could not be made at all. */
  async tooLarge(task: RunningTask, item: DueItem, why: Refusal): Promise<void> {
    await this.after.stop(task, item, why);
  }

  /** Null: the run was told to stop, or somebody decided about the item meanwhile. */
  private async attempt(job: ExecutionJob, item: DueItem, state: ExecutionState): Promise<TurnEnd | null> {
    try {
      return await this.turns.take(job, item, state);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'CLEANUP_PAUSED' || code === 'PAUSES_UNKNOWN') {
        state.stopped = true;
        state.unsure ||= code === 'PAUSES_UNKNOWN';
        return null;
      }
      if (code === 'ITEM_MOVED') return null;
      if (endsRun(error) || job.task.signal.aborted) throw error;
      const { passing, why } = refusalOf(job, error);
      const now = await this.items.stillDue(job.task, item);
      if (now === null) return passing ? AS_EXPECTED : { unexpected: why };
      if (isSnapshotError(error)) {
        await this.records.halt(job, now, why);
        return { unexpected: why };
      }
      return passing ? this.records.putOffFor(job, now, PASSING_MS, why) : this.records.failed(job, now, why);
    }
  }
}

const goesRound = (item: DueItem): Refusal => ({
  code: 'NO_PROGRESS',
  reason: item.reason ?? 'It had its turn several times without getting on.',
  remedy: item.remedy ?? 'It is tried again in an hour.',
});
