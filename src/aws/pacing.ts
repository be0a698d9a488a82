import { setTimeout as pause } from 'node:timers/promises';

/**
 * Pacing of one job's requests: a token bucket for each API action, slowing on throttling and recovering slowly.
 *
 * Own code, because the limiters at hand answer another question: rate-limiter-flexible counts against a fixed limit
 * and rejects; here the limit is unknown (IAM publishes none), so the rate follows what AWS answers, callers queue in
 * order, and a wait ends at once with the job's signal.
 */
export interface Pace {
  /** Requests a second at the start, and at most. */
  readonly perSecond: number;
  /** Requests that may go at once after a rest. */
  readonly burst: number;
}

export interface PacingOptions {
  /** By action (`iam:ListUsers`) or for a whole service (`iam:*`); the rest keeps its default. */
  readonly paces?: Readonly<Record<string, Pace>>;
  /** Requests in flight at once, all actions together. */
  readonly maxInFlight?: number;
}

/**
 * Starting rates. IAM's are unpublished, per account and API: others assume 15/s for reads; the heavy ones lower.
 * Organizations: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html, and 9/s for the
 * whole organization. STS: about 600/s for the calling account and region, shared by every job, so far below.
 */
const DEFAULT_PACES: Readonly<Record<string, Pace>> = {
  'iam:*': { perSecond: 15, burst: 5 },
  'iam:GetAccountAuthorizationDetails': { perSecond: 5, burst: 3 },
  'iam:GenerateCredentialReport': { perSecond: 1, burst: 2 },
  'iam:GetCredentialReport': { perSecond: 2, burst: 2 },
  'organizations:*': { perSecond: 4, burst: 2 },
  'organizations:ListAccounts': { perSecond: 8, burst: 4 },
  'organizations:ListAccountsForParent': { perSecond: 5, burst: 2 },
  'organizations:ListParents': { perSecond: 5, burst: 2 },
  'organizations:ListRoots': { perSecond: 1, burst: 1 },
  'sts:*': { perSecond: 100, burst: 20 },
  // The lowest of all regions: https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns
  'sns:*': { perSecond: 100, burst: 50 },
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
  'cloudtrail:LookupEvents': { perSecond: 2, burst: 1 },
};
const FALLBACK_PACE: Pace = { perSecond: 5, burst: 2 };
const DEFAULT_MAX_IN_FLIGHT = 6;

/** Never slower than one request in two seconds: a job should end. */
const SLOWEST_PER_SECOND = 0.5;

export interface PacingTime {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

const realTime: PacingTime = {
  now: () => performance.now(),
  sleep: (ms, signal) => pause(ms, undefined, signal ? { signal } : {}),
};

/** One action's bucket. Additive increase, multiplicative decrease; near the rate that was throttled, a crawl. */
class TokenBucket {
  private tokens: number;
  private rate: number;
  /** Just below the rate at which AWS last throttled. */
  private knee: number;
  private refilledAt: number;
  private slowedAt = Number.NEGATIVE_INFINITY;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pace: Pace,
    private readonly time: PacingTime,
  ) {
    this.tokens = Math.max(1, pace.burst);
    this.rate = pace.perSecond;
    this.knee = pace.perSecond;
    this.refilledAt = time.now();
  }

  get perSecond(): number {
    return this.rate;
  }

  /** First come, first served. */
  take(signal: AbortSignal | undefined): Promise<void> {
    const turn = this.queue.then(() => this.wait(signal));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Of requests that were sent before the last slowing, more throttling says nothing new. */
  slowDown(sentAt: number): void {
    if (sentAt <= this.slowedAt) return;
    this.refill();
    this.knee = Math.max(SLOWEST_PER_SECOND, this.rate * 0.8);
    this.rate = Math.max(SLOWEST_PER_SECOND, this.rate / 2);
    this.tokens = 0;
    this.slowedAt = this.time.now();
  }

  private async wait(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      this.refill();
      if (this.tokens >= 1) {
        this.tokens -= 1;
        return;
      }
      await this.time.sleep(Math.max(1, Math.ceil(((1 - this.tokens) / this.rate) * 1000)), signal);
    }
  }

  private refill(): void {
    const now = this.time.now();
    const seconds = (now - this.refilledAt) / 1000;
    this.refilledAt = now;
    this.tokens = Math.min(Math.max(1, this.pace.burst), this.tokens + seconds * this.rate);
    // Back to the knee in about ten seconds; beyond it 1 % a second, so that probing costs well under 1 % of requests.
    const gain = this.rate < this.knee ? this.pace.perSecond * 0.05 : this.rate * 0.01;
    this.rate = Math.min(this.pace.perSecond, this.rate + gain * seconds);
  }
}

export class Pacer {
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;
  private readonly maxInFlight: number;

  constructor(
    private readonly options: PacingOptions = {},
    private readonly time: PacingTime = realTime,
  ) {
    this.maxInFlight = Math.max(1, options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT);
  }

  /**
   * Runs one attempt when its turn has come.
   * @param wasThrottled tells from the attempt's error whether AWS asked for less.
   * @param ready what is still to be done when the turn has come; what it throws keeps the attempt back.
   * @throws the signal's reason when it is aborted while waiting; what `attempt` and `ready` throw.
   */
  async pace<T>(
    action: string,
    signal: AbortSignal | undefined,
    attempt: () => Promise<T>,
    wasThrottled: (error: unknown) => boolean,
    ready?: () => Promise<void>,
  ): Promise<T> {
    const bucket = this.bucket(action);
    await bucket.take(signal);
    // Before it takes a place in flight: it sends requests of its own.
    await ready?.();
    await this.enter();
    const sentAt = this.time.now();
    try {
      return await attempt();
    } catch (error) {
      if (wasThrottled(error)) bucket.slowDown(sentAt);
      throw error;
    } finally {
      this.leave();
    }
  }

  /** The present rate of an action, in requests a second. */
  perSecond(action: string): number {
    return this.bucket(action).perSecond;
  }

  private enter(): Promise<void> {
    if (this.inFlight < this.maxInFlight) {
      this.inFlight += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The place goes straight to the next in line, so that `inFlight` never overshoots. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inFlight -= 1;
  }

  private bucket(action: string): TokenBucket {
    let bucket = this.buckets.get(action);
    if (!bucket) this.buckets.set(action, (bucket = new TokenBucket(this.paceOf(action), this.time)));
    return bucket;
  }

  private paceOf(action: string): Pace {
    const service = `${action.split(':')[0] ?? ''}:*`;
    const own = this.options.paces ?? {};
    return own[action] ?? own[service] ?? DEFAULT_PACES[action] ?? DEFAULT_PACES[service] ?? FALLBACK_PACE;
  }
}
