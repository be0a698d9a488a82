import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../errors';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { isOpen } from '../../rules/change-windows';
import { type Refusal, type Step, takesAway } from '../../steps';
import { ActionContexts } from '../action-contexts.service';
import { CleanupCounters } from '../cleanup-counters.service';
import type { ExecutionJob, StepPurpose } from '../execution-job';
import { PUTS_AWAY } from '../execution-job';
import { Sending, Unsent } from './sending';
import type { Shown } from './shown';
import { Sightings } from './sightings';
import { type Answer, answerOf, endsRun, errorName } from './step-errors';
import { type Intent, StepRecords, type StepResult } from './step-records.service';
import type { StepsOutcome } from './steps-outcome';

const PUT_OFF_MS = 5 * 60_000;
const SOON_MS = 60_000;

type One =
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict'; readonly refusal: Refusal }
  | { readonly kind: 'ends'; readonly outcome: StepsOutcome };

/** A step that was written down and is on its way. */
interface Under {
  readonly intent: Intent;
  readonly step: Step;
  readonly sending: Sending;
}

const DONE: One = { kind: 'done' };

/** Sends an item's requests one by one: written down, asked whether it may, sent, written down what came of it. */
@Injectable()
export class StepRunner {
  private readonly sightings = new Sightings();

  constructor(
    private readonly records: StepRecords,
    private readonly counters: CleanupCounters,
    private readonly contexts: ActionContexts,
  ) {}

  /** After each fresh read: decides about requests whose answer never came. */
  async settleOpen(job: ExecutionJob, item: PlanItemRow, seen: Observed | null): Promise<void> {
    this.sightings.seen(job, item, seen);
    await this.records.settleOpen(job, item, seen);
  }

  /**
   * Sends `steps` in their order until one does not go through.
   * @throws what ends the whole run: `LEASE_LOST`, `CLEANUP_PAUSED`, `ITEM_MOVED`, StaleFence.
   */
  async run(job: ExecutionJob, item: PlanItemRow, purpose: StepPurpose, steps: readonly Step[]): Promise<StepsOutcome> {
    const before = job.leash.stopsWhenPaused;
    job.leash.stopsWhenPaused = PUTS_AWAY.has(purpose);
    try {
      return await this.series(job, item, purpose, steps);
    } finally {
      job.leash.stopsWhenPaused = before;
    }
  }

  private async series(
    job: ExecutionJob,
    item: PlanItemRow,
    purpose: StepPurpose,
    steps: readonly Step[],
  ): Promise<StepsOutcome> {
    const done: Step[] = [];
    for (const step of steps) {
      const one = await this.one(job, item, purpose, step);
      if (one.kind === 'ends') return one.outcome.end === 'denied' ? { ...one.outcome, done } : one.outcome;
      if (one.kind === 'conflict') {
        // Only attachments stand in the way of the final delete: they go first.
        if (step.probe) continue;
        return { end: 'changed', refusal: one.refusal };
      }
      if (step.probe) return { end: 'probe-accepted' };
      done.push(step);
    }
    return { end: 'done' };
  }

  private async one(job: ExecutionJob, item: PlanItemRow, purpose: StepPurpose, step: Step): Promise<One> {
    if (PUTS_AWAY.has(purpose) && !isOpen(job.rules.changeWindows, job.at())) return ends(windowClosed);
    const access = await job.accessFor(step);
    const intent = await this.records.intend(job, item, purpose, step);
    if (!intent) return ends(planStopped);
    const snapshot = async (): Promise<Observed | null> =>
      (await this.contexts.of(job.tenantId, item, job.at())).snapshot;
    const meant = { access: job.access, item, step, snapshot };
    const sending = new Sending(job, access, meant, purpose === 're-creation' ? null : this.sightings);
    try {
      const { requestId } = await sending.send();
      await this.answered(job, item, { intent, step, result: { outcome: 'done', requestId } });
      return DONE;
    } catch (error) {
      const under: Under = { intent, step, sending };
      if (error instanceof Unsent) return this.unsent(job, item, under, error);
      return this.refused(job, item, under, error);
    }
  }

  /** The look just before it: whatever it has shown, this attempt was not sent. */
  private async unsent(
    job: ExecutionJob,
    item: PlanItemRow,
    { intent, step, sending }: Under,
    { shown, cause }: Unsent,
  ): Promise<One> {
    const write = (outcome: StepResult['outcome'], errorCode: string, errorMessage: string): Promise<void> =>
      this.answered(job, item, { intent, step, result: { outcome, errorCode, errorMessage } });
    const outcome = sending.lost ? 'unanswered' : 'failed';
    if (shown === null) {
      await write(outcome, errorName(cause), job.access.explain(cause).message).catch(() => undefined);
      throw cause;
    }
    const isOurs = sending.lost || intent.before;
    const refusal = unsentBecause(shown, step);
    if ((shown === 'as-wanted' || (shown === 'missing' && takesAway(step.action))) && isOurs) {
      await write('already', refusal.code, refusal.reason);
      return DONE;
    }
    await write(outcome, refusal.code, refusal.reason);
    return ends({ end: 'changed', refusal });
  }

  private async refused(
    job: ExecutionJob,
    item: PlanItemRow,
    { intent, step, sending }: Under,
    error: unknown,
  ): Promise<One> {
    const explained = job.access.explain(error, step.action);
    const facts = { errorCode: errorName(error), errorMessage: explained.message };
    const write = (outcome: StepResult['outcome']): Promise<void> =>
      this.answered(job, item, { intent, step, result: { outcome, ...facts } });
    if (endsRun(error) || job.task.signal.aborted) {
      await write(sending.lost || sending.wentOut ? 'unanswered' : 'failed').catch(() => undefined);
      throw error;
    }
    const answer = answerAfter(answerOf(error, explained), sending.lost);
    // An earlier attempt of ours has done it; what adds did not make anything missing.
    if (answer === 'missing' && takesAway(step.action) && (intent.before || sending.lost)) {
      await write('already');
      return DONE;
    }
    await write(WRITTEN[answer]);
    const refusal = refusalOf(answer, step, explained);
    if (answer === 'conflict') return { kind: 'conflict', refusal };
    return ends(outcomeOf(answer, step, refusal));
  }

  private async answered(
    job: ExecutionJob,
    item: PlanItemRow,
    { intent, step, result }: { intent: Intent; step: Step; result: StepResult },
  ): Promise<void> {
    await this.records.answered(job, item, intent.id, result);
    this.counters.step(step.action, result.outcome);
  }
}

const ends = (outcome: StepsOutcome): One => ({ kind: 'ends', outcome });

const WRITTEN: Readonly<Record<Answer, StepResult['outcome']>> = {
  throttled: 'failed',
  busy: 'failed',
  missing: 'failed',
  conflict: 'refused',
  denied: 'refused',
  unanswered: 'unanswered',
  unexpected: 'failed',
};

const windowClosed: StepsOutcome = {
  end: 'put-off',
  delayMs: SOON_MS,
  refusal: {
    code: 'WINDOW_CLOSED',
    reason: 'The change window closed before everything was done.',
    remedy: 'Nothing: it goes on when the next window opens.',
  },
};

const planStopped: StepsOutcome = {
  end: 'put-off',
  delayMs: SOON_MS,
  refusal: {
    code: 'PLAN_NOT_APPROVED',
    reason: 'The plan was stopped before everything was done.',
    remedy: 'Resume the plan, or cancel it.',
  },
};

/** One of several attempts may have had the effect, and what is gone may be answered by "denied". */
const answerAfter = (answer: Answer, lost: boolean): Answer =>
  lost && answer !== 'missing' && answer !== 'conflict' ? 'unanswered' : answer;

function unsentBecause(shown: Exclude<Shown, 'the-one'>, step: Step): Refusal {
  const remedy = 'Nothing: it is looked at again.';
  if (shown === 'missing') return { code: 'GONE', reason: `${step.action}: what it is about is gone.`, remedy };
  if (shown === 'as-wanted')
    return { code: 'CHANGED', reason: `${step.action}: somebody has done it already.`, remedy };
  return shown;
}

function outcomeOf(answer: Answer, step: Step, refusal: Refusal): StepsOutcome {
  switch (answer) {
    case 'denied':
      return { end: 'denied', probe: step.probe === true, done: [], refusal };
    case 'missing':
    case 'conflict':
      return { end: 'changed', refusal };
    case 'unanswered':
      return { end: 'put-off', delayMs: SOON_MS, refusal };
    case 'throttled':
    case 'busy':
      return { end: 'put-off', delayMs: PUT_OFF_MS, refusal };
    case 'unexpected':
      return { end: 'unexpected', refusal };
  }
}

function refusalOf(answer: Answer, step: Step, explained: DomainError): Refusal {
  const codes: Readonly<Record<Answer, string>> = {
    throttled: 'AWS_THROTTLED',
    busy: 'BUSY',
    missing: 'GONE',
    conflict: 'STILL_ATTACHED',
    denied: 'ACCESS_DENIED',
    unanswered: 'UNANSWERED',
    unexpected: explained.code,
  };
  const remedy =
    explained.remedy ??
    (answer === 'unexpected' ? 'Look the error up in the AWS documentation.' : 'Nothing: it is looked at again.');
  return { code: codes[answer], reason: `${step.action}: ${explained.message}`, remedy };
}
