/** A run gives its place back after so long. */
const RUN_MS = 10_000;
/** Slower answers than this, on the average, make it rest as long as it took, so that slow receivers leave room. */
const SLOW_MS = 1_000;
const LONGEST_REST_MS = 15_000;

/**
 * One run of the driver of an endpoint or of a connection: when it has to give its worker's place back, and for how long it
 * then leaves it to others.
 */
export class DriverRun {
  private readonly startedAt: number;
  private requests = 0;
  private latencyMs = 0;

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {
    this.startedAt = monotonicMs();
  }

  isOver(): boolean {
    return this.tookMs() >= RUN_MS;
  }

  /** A request was answered, or was not, after so long. */
  asked(latencyMs: number): void {
    this.requests += 1;
    this.latencyMs += latencyMs;
  }

  /** How long it leaves its place to others, in milliseconds. */
  restMs(): number {
    if (this.requests === 0 || this.latencyMs / this.requests < SLOW_MS) return 0;
    return Math.min(LONGEST_REST_MS, Math.round(this.tookMs()));
  }

  private tookMs(): number {
    return this.monotonicMs() - this.startedAt;
  }
}
