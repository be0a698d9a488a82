export interface LoggedRequest {
  id: string;
  at: string;
  service: string;
  action: string;
  /** The account that the call is counted for: the caller's, or the role's for `AssumeRole`. */
  accountId: string;
  principalArn: string;
  sourceIdentity: string | null;
  parameters: Record<string, string>;
  status: number;
  errorCode: string | null;
  throttled: boolean;
  /** An IAM write that took effect, even where its answer was lost; what it was about is in the two lists. */
  applied: boolean;
  identityIds: string[];
  objectIds: string[];
  /** The answer never reached the caller (reset connection, lost response). */
  lost: boolean;
  durationMs: number;
}

export interface ActionCount {
  calls: number;
  throttled: number;
  errors: number;
}

export interface Counters {
  total: number;
  throttled: number;
  byAction: Record<string, ActionCount>;
  byAccount: Record<string, { total: number; throttled: number; byAction: Record<string, ActionCount> }>;
}

export interface LogFilter {
  service?: string;
  action?: string;
  accountId?: string;
  limit?: number;
}

/** The newest requests, and counts of all since the last reset. */
export class RequestLog {
  private entries: LoggedRequest[] = [];
  private counts = emptyCounters();

  constructor(private readonly capacity = 10_000) {}

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > this.capacity * 1.25) this.entries = this.entries.slice(-this.capacity);
    const name = `${entry.service}:${entry.action}`;
    const account = (this.counts.byAccount[entry.accountId] ??= { total: 0, throttled: 0, byAction: {} });
    this.counts.total += 1;
    account.total += 1;
    if (entry.throttled) {
      this.counts.throttled += 1;
      account.throttled += 1;
    }
    for (const byAction of [this.counts.byAction, account.byAction]) {
      const count = (byAction[name] ??= { calls: 0, throttled: 0, errors: 0 });
      count.calls += 1;
      if (entry.throttled) count.throttled += 1;
      else if (entry.errorCode) count.errors += 1;
    }
  }

  /** Oldest first. */
  list({ service, action, accountId, limit = 1_000 }: LogFilter = {}): LoggedRequest[] {
    return this.entries
      .slice(-this.capacity)
      .filter(
        (entry) =>
          (service === undefined || entry.service === service) &&
          (action === undefined || entry.action === action) &&
          (accountId === undefined || entry.accountId === accountId),
      )
      .slice(-limit);
  }

  counters(): Counters {
    return structuredClone(this.counts);
  }

  reset(): void {
    this.entries = [];
    this.counts = emptyCounters();
  }
}

const emptyCounters = (): Counters => ({ total: 0, throttled: 0, byAction: {}, byAccount: {} });
