import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { AccountAccess } from '../../../aws/account-access';
import { DomainError } from '../../../errors';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { sendStep } from '../../requests';
import { isOpen } from '../../rules/change-windows';
import { type Refusal, type Step, takesAway } from '../../steps';
import { CleanupCounters } from '../cleanup-counters.service';
import type { ExecutionJob, StepPurpose } from '../execution-job';
import { PUTS_AWAY } from '../execution-job';
import { touchesKey, wrongKey } from './key-guard';
import { type Answer, answerOf, endsRun, errorName } from './step-errors';
import { type Intent, StepRecords, type StepResult } from './step-records.service';
import type { StepsOutcome } from './steps-outcome';

/** Waits before the same request is sent again to something that is busy just now, in milliseconds. */
const BUSY_PAUSES_MS = [1_000, 2_000, 4_000];
const PUT_OFF_MS = 5 * 60_000;
const SOON_MS = 60_000;

type One =
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict'; readonly refusal: Refusal }
  | { readonly kind: 'ends'; readonly outcome: StepsOutcome };

/** A step on its way, by the session that may send it. */
interface Sending {
  readonly job: ExecutionJob;
  readonly access: AccountAccess;
  readonly step: Step;
}

const DONE: One = { kind: 'done' };

/** Sends an item's requests one by one: written down, asked whether it may, sent, written down what came of it. */
@Injectable()
export class StepRunner {
  constructor(
    private readonly records: StepRecords,
    private readonly counters: CleanupCounters,
  ) {}

  /** After each fresh read: decides about requests whose answer never came. */
  async settleOpen(job: ExecutionJob, item: PlanItemRow, seen: Observed | null): Promise<void> {
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
    const wrong = touchesKey(step) ? await wrongKey(job.access, item, step) : null;
    if (wrong !== null && wrong !== 'missing') return ends({ end: 'changed', refusal: wrong });
    const access = await job.accessFor(step);
    const sending: Sending = { job, access, step };
    const intent = await this.records.intend(job, item, purpose, step);
    if (!intent) return ends(planStopped);
    const sentBefore = sent(sending);
    try {
      const { requestId } = await this.send(sending);
      await this.answered(job, item, { intent, step, result: { outcome: 'done', requestId } });
      return DONE;
    } catch (error) {
      return this.refused(job, item, { intent, step, attempts: sent(sending) - sentBefore }, error);
    }
  }

  /** Again and again while what it is about is busy; each attempt passes the last middleware's questions. */
  private async send({ job, access, step }: Sending): Promise<{ requestId: string | null }> {
    for (const waitMs of BUSY_PAUSES_MS) {
      try {
        return await sendStep(access, step);
      } catch (error) {
        if (answerOf(error, job.access.explain(error, step.action)) !== 'busy') throw error;
        await pause(waitMs, undefined, { signal: job.task.signal });
      }
    }
    return sendStep(access, step);
  }

  private async refused(
    job: ExecutionJob,
    item: PlanItemRow,
    { intent, step, attempts }: { intent: Intent; step: Step; attempts: number },
    error: unknown,
  ): Promise<One> {
    const explained = job.access.explain(error, step.action);
    const facts = { errorCode: errorName(error), errorMessage: explained.message };
    const write = (outcome: StepResult['outcome']): Promise<void> =>
      this.answered(job, item, { intent, step, result: { outcome, ...facts } });
    if (endsRun(error) || job.task.signal.aborted) {
      // The first attempt may have gone out and lost its answer before the second was held back.
      await write(attempts === 0 ? 'failed' : 'unanswered').catch(() => undefined);
      throw error;
    }
    const answer = answerAfter(answerOf(error, explained), attempts);
    // Our own earlier attempt, or one of the SDK's, has done it; what adds did not make anything missing.
    if (answer === 'missing' && takesAway(step.action) && (intent.before || attempts > 1)) {
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

const sent = ({ access, step }: Sending): number => access.calls.summary().byAction[step.action]?.calls ?? 0;

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

/** Of several attempts an earlier one may have had the effect, and what is gone may be answered by "denied". */
const answerAfter = (answer: Answer, attempts: number): Answer =>
  answer === 'denied' && attempts > 1 ? 'unanswered' : answer;

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
