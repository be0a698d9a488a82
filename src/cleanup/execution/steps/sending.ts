import { setTimeout as pause } from 'node:timers/promises';
import type { AccountAccess } from '../../../aws/account-access';
import { sendStep } from '../../requests';
import type { ExecutionJob } from '../execution-job';
import { lookJustBefore, type Meant } from './just-before';
import { touchesKey } from './key-guard';
import type { Shown } from './shown';
import type { Sightings } from './sightings';
import { type Answer, answerOf } from './step-errors';

/** Waits before the same request is sent again, in milliseconds; other answers are no reason to repeat it. */
const PAUSES_MS: Partial<Record<Answer, readonly number[]>> = {
  busy: [1_000, 2_000, 4_000],
  throttled: [500, 1_000, 2_000, 4_000, 8_000],
  unanswered: [100, 200, 400, 800, 1_600],
};

/** So long what was read is taken for what is there: waiting for AWS, or for a turn in the pacing, takes longer. */
const STILL_SO_MS = 2_000;

/** An attempt was not sent: by what the look before it has shown, or because that look failed. */
export class Unsent extends Error {
  constructor(
    readonly shown: Exclude<Shown, 'the-one'> | null,
    cause?: unknown,
  ) {
    super('Nothing was sent.', { cause });
  }
}

/** One request on its way, to be sent again while that is right, each time to what was approved and to nothing else. */
export class Sending {
  /** Whether an attempt may have had its effect without our hearing of it. */
  lost = false;
  /** Whether the last attempt went out at all. */
  wentOut = false;

  /** `sightings` null: it is being made, so that there is nobody yet whom a look could show. */
  constructor(
    private readonly job: ExecutionJob,
    /** Looks go by the job's own session: this one may be allowed no more than what hangs on the identity. */
    private readonly access: AccountAccess,
    private readonly meant: Meant,
    private readonly sightings: Sightings | null,
  ) {}

  /** @throws Unsent; what the last attempt was answered; what stops the run. */
  async send(): Promise<{ requestId: string | null }> {
    for (let repeats = 0; ; repeats += 1) {
      const sentBefore = this.sent();
      try {
        const isRepeat = repeats > 0;
        return await sendStep(this.access, this.meant.step, { isRepeat, ready: () => this.mustReach(isRepeat) });
      } catch (error) {
        this.wentOut = this.sent() > sentBefore;
        if (error instanceof Unsent) throw error;
        const answer = answerOf(error, this.job.access.explain(error, this.meant.step.action));
        this.lost ||= this.wentOut && answer === 'unanswered';
        const waitMs = PAUSES_MS[answer]?.[repeats];
        if (waitMs === undefined || this.job.task.signal.aborted) throw error;
        await pause(waitMs, undefined, { signal: this.job.task.signal });
      }
    }
  }

  /** A name may have changed hands whenever time has passed; a key may be active again at any moment. */
  private async mustReach(isRepeat: boolean): Promise<void> {
    const { sightings, job, meant } = this;
    if (sightings === null) return;
    const isFresh = !isRepeat && sightings.ageMs(job, meant.item) <= STILL_SO_MS;
    if (isFresh && !touchesKey(meant.step)) return;
    const beganAt = performance.now();
    const shown = await lookJustBefore(meant).catch((error: unknown) => {
      throw new Unsent(null, error);
    });
    if (shown !== 'the-one') throw new Unsent(shown);
    sightings.note(job, meant.item, beganAt);
  }

  private sent(): number {
    return this.access.calls.summary().byAction[this.meant.step.action]?.calls ?? 0;
  }
}
