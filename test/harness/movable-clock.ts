import { Clock } from '../../src/clock';

/** The real clock, put ahead by hand. Beside the simulator's `pass` it takes the whole service to a later day. */
export class MovableClock extends Clock {
  /** How far ahead of the real clock. */
  aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }

  /** Never back. */
  move(ms: number): void {
    if (!Number.isInteger(ms) || ms < 0) throw new RangeError(`A clock moves ahead by whole milliseconds, not ${ms}.`);
    this.aheadMs += ms;
  }
}
