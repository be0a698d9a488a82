import { DomainError } from '../errors';
import type { HandlesOptions } from './handles';
import { describeFailure, Postpone, StaleFence } from './running-task';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** How one attempt ended, and so where its task goes. */
export type Outcome =
  | { readonly end: 'done' }
  /** Tried again within the minute: the carrier keeps it meanwhile. */
  | { readonly end: 'soon'; readonly delayMs: number; readonly failure: Failure }
  /** Waits in its row. */
  | { readonly end: 'later'; readonly delayMs: number; readonly usesAttempt: boolean; readonly failure: Failure | null }
  | { readonly end: 'failed'; readonly failure: Failure };

/** The reason of an abort when the process must end; the task goes back as if this attempt had not been. */
export class Interrupted extends Error {
  constructor() {
    super('The process is ending.');
    this.name = 'Interrupted';
  }
}

const DEFAULT_ATTEMPTS = 5;
const LONGEST_BACKOFF_MS = 3_600_000;
/** A longer wait belongs into the row's `due_at`. */
const SHORT_MS = 60_000;

const defaultBackoffMs = (attempt: number): number => Math.min(LONGEST_BACKOFF_MS, 2_000 * 4 ** (attempt - 1));

/**
 * Judges what a handler threw on its attempt number `attempt` (from 1). `abortedBy`: the reason of its signal, if that
 * was aborted. `random`: [0, 1), spreads retries over half to the whole of the backoff.
 */
export function outcomeOf(
  error: unknown,
  attempt: number,
  options: Pick<HandlesOptions, 'attempts' | 'backoffMs'>,
  abortedBy: unknown,
  random: () => number = Math.random,
): Outcome {
  if (error instanceof StaleFence || abortedBy instanceof StaleFence || abortedBy instanceof Interrupted) {
    return { end: 'later', delayMs: 0, usesAttempt: false, failure: null };
  }
  if (error instanceof Postpone) {
    const failure = { code: 'POSTPONED', message: error.message };
    return { end: 'later', delayMs: Math.max(0, error.delayMs), usesAttempt: false, failure };
  }
  const failure = describeFailure(error);
  const hopeless = error instanceof DomainError && !error.retryable;
  if (hopeless || attempt >= (options.attempts ?? DEFAULT_ATTEMPTS)) return { end: 'failed', failure };
  const backoffMs = (options.backoffMs ?? defaultBackoffMs)(attempt);
  const delayMs = Math.round(backoffMs * (0.5 + random() / 2));
  return delayMs <= SHORT_MS
    ? { end: 'soon', delayMs, failure }
    : { end: 'later', delayMs, usesAttempt: true, failure };
}
