import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../errors';
import { WITHDRAWN } from '../../automatic/automatic-agreements.service';
import type { DueItem } from '../../items/due-item';
import { Listening } from '../../quarantine/listening.service';
import { Returning } from '../../quarantine/returning.service';
import type { Refusal } from '../../steps';
import { ActingChecks } from '../bounds/acting-checks.service';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type ExecutionState, type TurnEnd } from '../execution-state';
import { phaseOf } from '../sessions/item-needs';
import { Deleting } from './deleting.service';
import { PuttingAway } from './putting-away.service';
import { Rehearsing } from './rehearsing.service';

/** Phases that stop when clean-up is paused, with their reads. */
export const acts = (item: Pick<DueItem, 'stage' | 'stage_before' | 'plan_dry_run'>): boolean => {
  const phase = phaseOf(item);
  return phase === 'putting-away' || phase === 'deleting';
};

/** Gives items of the way to quarantine and to deletion their turns. */
@Injectable()
export class ActingTurns {
  constructor(
    private readonly rehearsing: Rehearsing,
    private readonly puttingAway: PuttingAway,
    private readonly deleting: Deleting,
  ) {}

  async take(job: ExecutionJob, item: DueItem): Promise<TurnEnd> {
    switch (phaseOf(item)) {
      case 'rehearsing':
        return this.rehearsing.take(job, item);
      case 'deleting':
        return this.deleting.take(job, item);
      default:
        return this.puttingAway.take(job, item);
    }
  }
}

/** Gives one item its turn, by the stage that it is in. */
@Injectable()
export class Turns {
  constructor(
    private readonly acting: ActingChecks,
    private readonly actingTurns: ActingTurns,
    private readonly listening: Listening,
    private readonly returning: Returning,
  ) {}

  async take(job: ExecutionJob, item: DueItem, state: ExecutionState): Promise<TurnEnd> {
    job.leash.stopsWhenPaused = acts(item);
    switch (phaseOf(item)) {
      case 'returning':
        await this.returning.take(job, item);
        return AS_EXPECTED;
      case 'listening':
        await this.listening.take(job, item, await this.mayGoOn(job, item, state));
        return AS_EXPECTED;
      default:
        return this.actingTurns.take(job, item);
    }
  }

  /** Whether what listens may go on towards its deletion. What halted waits for people. */
  private async mayGoOn(
    job: ExecutionJob,
    item: DueItem,
    state: ExecutionState,
  ): Promise<{ allowed: boolean; notBefore: Date | null; withdrawn: Refusal | null }> {
    const waits = { allowed: false, notBefore: null, withdrawn: null };
    if (item.stage === 'halted' || state.forged.has(item.plan_id)) return waits;
    const leave = await this.acting.mayAct(job, item);
    if (leave.act) return { ...waits, allowed: true };
    return { ...waits, notBefore: leave.until, withdrawn: WITHDRAWN.has(leave.why.code) ? leave.why : null };
  }
}

/** Errors that say nothing against the item: it is looked at again soon. */
const PASSING = new Set([
  'AWS_THROTTLED',
  'AWS_UNREACHABLE',
  'AWS_FAILED',
  'AWS_EXPIRED_TOKEN',
  'AWS_CHANGING',
  'CANCELLED',
]);

/** What an error that ended an item's turn means. */
export function refusalOf(job: ExecutionJob, error: unknown): { readonly passing: boolean; readonly why: Refusal } {
  const explained = error instanceof DomainError ? error : job.access.explain(error);
  const { code, message: reason, remedy } = explained;
  return {
    passing: PASSING.has(code),
    why: { code, reason, remedy: remedy ?? 'It is tried again. If it stays so, look at the log of the worker.' },
  };
}
