import { DriverRun } from '../../driver-run';
import { MOST_ATTEMPTS } from '../schedule';

/** A run gives its place back after so many messages, too. */
const MOST_MESSAGES = 200;

export const PACE_WINDOW_MS = 60_000;

/** One run of an endpoint's driver: how much it has sent, and may still send. `nowMs`: the service's clock, in milliseconds. */
export class EndpointRun {
  private readonly run: DriverRun;
  private messages = 0;
  /** When the attempts of the last minute were, oldest first; null: not read yet. */
  private recent: number[] | null = null;
  /** Whether what an earlier run left was looked after. */
  begun = false;

  constructor(monotonicMs?: () => number) {
    this.run = new DriverRun(monotonicMs);
  }

  begin(recent: readonly Date[]): void {
    this.recent = recent.map((at) => at.getTime()).sort((a, b) => a - b);
    this.begun = true;
  }

  /** How many messages may go out now. */
  room(nowMs: number, perMinute: number, atOnce: number): number {
    if (this.run.isOver()) return 0;
    return Math.max(0, Math.min(atOnce, MOST_MESSAGES - this.messages, perMinute - this.within(nowMs).length));
  }

  sent(nowMs: number, count: number): void {
    this.messages += count;
    this.within(nowMs).push(...Array.from({ length: count }, () => nowMs));
  }

  took(latencyMs: number): void {
    this.run.asked(latencyMs);
  }

  /** When the pace lets something out again; null: now. */
  pacedUntil(nowMs: number, perMinute: number): Date | null {
    const recent = this.within(nowMs);
    const first = recent[recent.length - perMinute];
    return first === undefined ? null : new Date(first + PACE_WINDOW_MS);
  }

  /** How long it leaves its place to others. */
  restMs(): number {
    return this.run.restMs();
  }

  private within(nowMs: number): number[] {
    this.recent = (this.recent ?? []).filter((at) => at > nowMs - PACE_WINDOW_MS);
    return this.recent;
  }
}

/** Whether a delivery has used up its attempts. */
export const isUsedUp = (attempts: number): boolean => attempts >= MOST_ATTEMPTS;
