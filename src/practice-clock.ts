import { DomainError } from './errors';
import { Clock } from './clock';

/** What the process that started this one sends to put its clock ahead, and gets back when that is done. */
export interface ClockMessage {
  readonly type: 'clock';
  /** How far ahead of the real clock, in milliseconds. */
  readonly aheadMs: number;
}

/**
 * For practising on a simulated AWS whose time goes on faster: the process that started this one may put its clock ahead,
 * and nobody else. What the database and AWS's signatures are timed by stays real.
 */
export class PracticeClock extends Clock {
  private aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }

  /** Throws BAD_INPUT on going back. */
  putAhead(aheadMs: number): void {
    if (!Number.isInteger(aheadMs) || aheadMs < this.aheadMs) {
      throw new DomainError(
        'BAD_INPUT',
        `aheadMs: a clock goes forward only, by whole milliseconds; it is ${this.aheadMs} ms ahead.`,
      );
    }
    this.aheadMs = aheadMs;
  }

  /** Does what the process that started this one says, and tells it so. */
  obey(parent: Pick<NodeJS.Process, 'on' | 'send'>): void {
    parent.on('message', (message: unknown) => {
      if (!isClockMessage(message)) return;
      this.putAhead(message.aheadMs);
      parent.send?.({ type: 'clock', aheadMs: message.aheadMs } satisfies ClockMessage);
    });
  }
}

const isClockMessage = (message: unknown): message is ClockMessage =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'clock' &&
  'aheadMs' in message;
