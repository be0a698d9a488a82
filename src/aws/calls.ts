/** What one job sent to AWS, by action (`iam:ListUsers`). Every attempt counts: AWS's limits count attempts, too. */
export interface ActionCalls {
  calls: number;
  /** Attempts that AWS answered with a throttling error. */
  throttled: number;
  /** Attempts beyond the first of their request. */
  retried: number;
  /** Time on the wire, all attempts together; without waits for pacing or between retries. */
  durationMs: number;
}

export interface CallSummary extends ActionCalls {
  byAction: Record<string, ActionCalls>;
}

const none = (): ActionCalls => ({ calls: 0, throttled: 0, retried: 0, durationMs: 0 });

export class CallCounter {
  private readonly actions = new Map<string, ActionCalls>();

  sent(action: string, options: { retry: boolean }): void {
    const counted = this.of(action);
    counted.calls += 1;
    if (options.retry) counted.retried += 1;
  }

  throttled(action: string): void {
    this.of(action).throttled += 1;
  }

  took(action: string, ms: number): void {
    this.of(action).durationMs += ms;
  }

  /** What another one has counted, besides. */
  add({ byAction }: CallSummary): void {
    for (const [action, more] of Object.entries(byAction)) {
      const counted = this.of(action);
      counted.calls += more.calls;
      counted.throttled += more.throttled;
      counted.retried += more.retried;
      counted.durationMs += more.durationMs;
    }
  }

  /** A copy, with times in whole milliseconds and actions in the order of the alphabet. */
  summary(): CallSummary {
    const total: CallSummary = { ...none(), byAction: {} };
    for (const [action, counted] of [...this.actions].sort(([a], [b]) => (a < b ? -1 : 1))) {
      total.byAction[action] = { ...counted, durationMs: Math.round(counted.durationMs) };
      total.calls += counted.calls;
      total.throttled += counted.throttled;
      total.retried += counted.retried;
      total.durationMs += counted.durationMs;
    }
    total.durationMs = Math.round(total.durationMs);
    return total;
  }

  private of(action: string): ActionCalls {
    let counted = this.actions.get(action);
    if (!counted) this.actions.set(action, (counted = none()));
    return counted;
  }
}
