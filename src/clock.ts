/** The one clock: services take it by injection, so that a test can set the time. Leases use the database's instead. */
export abstract class Clock {
  /** The present, in whole milliseconds, as `timestamptz(3)` stores it. */
  abstract now(): Date;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Whole days from `from` to `to`, rounded down; negative spans give 0. */
export const daysBetween = (from: Date, to: Date): number =>
  Math.max(0, Math.floor((to.getTime() - from.getTime()) / DAY_MS));
