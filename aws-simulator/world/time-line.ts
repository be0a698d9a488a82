import type { Instant } from './model';

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/**
 * Where the simulated present is. Two ways to move it ahead of the real clock: travel, by which callers see IAM's dates
 * move back, and passing, by which those stay and what happens from then on is dated later.
 */
export class TimeLine {
  /** Whole seconds, in milliseconds, so that dates which shared a second still do after travelling. */
  offsetMs = 0;
  /** How far AWS's clock, as IAM's new dates show it, is ahead of the real one. Whole seconds, in milliseconds. */
  aheadMs = 0;

  constructor(private readonly clock: () => Instant = () => Date.now()) {}

  /** The present on the time line. */
  now(): Instant {
    return this.clock() + this.offsetMs + this.aheadMs;
  }

  /** The present on the time line at the start of its second: IAM records whole seconds. */
  second(): Instant {
    return Math.floor(this.now() / SECOND_MS) * SECOND_MS;
  }

  /** AWS's clock: the real one, and what was let pass. Travel does not move it. */
  elapsed(): number {
    return Date.now() + this.aheadMs;
  }

  /** The date that a caller is shown for an instant. */
  shown(instant: Instant): Date {
    return new Date(instant - this.offsetMs);
  }

  /** The instant that a caller means by a date. */
  instantOf(date: Date): Instant {
    return date.getTime() + this.offsetMs;
  }

  /** Moves the present by so many milliseconds, rounded to whole seconds. Never back. */
  travel(ms: number): void {
    this.offsetMs += wholeSeconds(ms);
  }

  /** Lets so many milliseconds go by, rounded to whole seconds. Never back. */
  pass(ms: number): void {
    this.aheadMs += wholeSeconds(ms);
  }
}

function wholeSeconds(ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`Time only moves forward: ${ms} ms is not possible.`);
  return Math.round(ms / SECOND_MS) * SECOND_MS;
}
