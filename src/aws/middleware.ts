import type {
  DeserializeMiddleware,
  FinalizeRequestMiddleware,
  HandlerExecutionContext,
  InitializeMiddleware,
  Pluggable,
} from '@smithy/types';
import type { CallCounter } from './calls';
import { DomainError } from '../errors';
import { isThrottling } from './errors';
import type { Pacer } from './pacing';

export type AwsServiceName = 'cloudtrail' | 'iam' | 'organizations' | 'sns' | 'sts';

/** For a pino-like logger; only action names, times and error names reach it. */
export interface AwsLog {
  debug(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** What all requests of one job share. */
export interface Job {
  readonly calls: CallCounter;
  readonly pacer: Pacer;
  /** The end of the lane's lease on `performance.now()`'s clock; null: no lane. Asked before every attempt. */
  readonly leaseDeadline: () => number | null;
  /** Throws, or rejects, while nothing may be sent: an emergency stop. Asked before every attempt. */
  readonly mayGo: (() => void | Promise<void>) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly log: AwsLog | undefined;
  readonly time: AwsTime;
  /** From asking for something that AWS has to prepare to the first look at it. */
  readonly firstLookMs: number;
}

/** The lane's lease has passed: another worker may hold the account by now, so nothing more may be sent. */
export class LeaseLost extends DomainError {
  constructor(action: string) {
    super(
      'LEASE_LOST',
      `${action} was not sent: the lease of this account's lane has passed. The task will run again.`,
      {
        retryable: true,
      },
    );
  }
}

/** AWS takes no signature that is further off; the SDK would correct it silently. */
const LONGEST_SKEW_MS = 5 * 60_000;

/** How far this machine's clock is ahead of AWS's, by the last answer of a job; behind is negative. */
export class AwsTime {
  private aheadMs = 0;

  /** @param date the answer's `Date` header, in whole seconds */
  hear(date: string | undefined): void {
    const said = Date.parse(date ?? '');
    if (!Number.isNaN(said)) this.aheadMs = Date.now() - said;
  }

  /** @throws ClockOff */
  mustBeOurs(action: string): void {
    if (Math.abs(this.aheadMs) > LONGEST_SKEW_MS) throw new ClockOff(action, this.aheadMs);
  }
}

/** With a wrong clock nothing can be said about how long something was unused, nor when a grace period is over. */
export class ClockOff extends DomainError {
  constructor(action: string, aheadMs: number) {
    const minutes = Math.round(Math.abs(aheadMs) / 60_000);
    super(
      'CLOCK_OFF',
      `${action} was not sent: this machine’s clock is ${minutes} minutes ${aheadMs > 0 ? 'ahead of' : 'behind'} AWS’s.`,
      {
        retryable: true,
        remedy: 'Set the clock of the machine that runs the worker, by NTP. The task will run again.',
      },
    );
  }
}

/**
 * Puts pacing, counting and the lease guard into a client's stack, where every paginator and every retry passes:
 *
 * retry → **pace** → sign → deserialize → **gate** → the network.
 *
 * Pacing sits before signing, so that a long wait does not age the signature; the gate is the very last, so that a
 * worker that slept anywhere above cannot send.
 */
export const jobPlugin = <Input extends object, Output extends object>(
  service: AwsServiceName,
  job: Job,
): Pluggable<Input, Output> => ({
  applyToStack: (stack) => {
    stack.add(carrySignal<Input, Output>(job), { name: 'mothballSignal', step: 'initialize', priority: 'high' });
    stack.addRelativeTo(paceAttempts<Input, Output>(service, job), {
      name: 'mothballPace',
      relation: 'after',
      toMiddleware: 'retryMiddleware',
    });
    stack.add(gate<Input, Output>(service, job), { name: 'mothballGate', step: 'deserialize', priority: 'low' });
  },
});

/** How a request goes that its sender repeats, not the SDK. */
export interface Attempt {
  /** Not the first one of its request: counted as a retry. */
  readonly isRepeat: boolean;
  /** Awaited when its turn in the pacing has come; what it throws keeps it from being sent. */
  readonly ready: () => Promise<void>;
}

const ATTEMPT = 'mothballAttempt';

/** For one request's own stack. */
export const attemptPlugin = <Input extends object, Output extends object>(
  attempt: Attempt,
): Pluggable<Input, Output> => ({
  applyToStack: (stack) => {
    const carry: InitializeMiddleware<Input, Output> = (next, context) => (args) => {
      context[ATTEMPT] = attempt;
      return next(args);
    };
    stack.add(carry, { name: ATTEMPT, step: 'initialize', priority: 'high' });
  },
});

const attemptOf = (context: HandlerExecutionContext): Attempt | undefined => context[ATTEMPT] as Attempt | undefined;

const actionOf = (service: AwsServiceName, context: HandlerExecutionContext): string =>
  `${service}:${(context.commandName ?? 'Unknown').replace(/Command$/, '')}`;

const signalOf = (context: HandlerExecutionContext): AbortSignal | undefined => {
  const signal = context['__smithy_context']?.['abortSignal'];
  return signal instanceof AbortSignal ? signal : undefined;
};

/** The job's signal ends each request of it, together with the signal given to `send`, also between two retries. */
const carrySignal =
  <Input extends object, Output extends object>(job: Job): InitializeMiddleware<Input, Output> =>
  (next, context) =>
  (args) => {
    const own = signalOf(context);
    const smithy = context['__smithy_context'];
    if (smithy && job.signal && own !== job.signal) {
      smithy['abortSignal'] = own ? AbortSignal.any([own, job.signal]) : job.signal;
    }
    return next(args);
  };

const paceAttempts =
  <Input extends object, Output extends object>(
    service: AwsServiceName,
    job: Job,
  ): FinalizeRequestMiddleware<Input, Output> =>
  (next, context) =>
  (args) => {
    const action = actionOf(service, context);
    const wasThrottled = (error: unknown): boolean => {
      if (!isThrottling(error)) return false;
      job.calls.throttled(action);
      job.log?.warn({ action, perSecond: job.pacer.perSecond(action) }, 'AWS throttled');
      return true;
    };
    const ready = attemptOf(context)?.ready;
    return job.pacer.pace(action, signalOf(context), () => next(args), wasThrottled, ready);
  };

const gate = <Input extends object, Output extends object>(
  service: AwsServiceName,
  job: Job,
): DeserializeMiddleware<Input, Output> => {
  return (next, context) => {
    // The stack is built anew for each `send`, so this counts the attempts of one request.
    let attempts = 0;
    return async (args) => {
      const action = actionOf(service, context);
      const signal = signalOf(context);
      signal?.throwIfAborted();
      // Before the lease: should it have to wait for an answer, the lease is looked at after that.
      await job.mayGo?.();
      const deadline = job.leaseDeadline();
      const startedAt = performance.now();
      if (deadline !== null && startedAt >= deadline) throw new LeaseLost(action);
      // STS's client is shared by all jobs, and would never be asked again.
      if (service !== 'sts') job.time.mustBeOurs(action);
      attempts += 1;
      job.calls.sent(action, { retry: attempts > 1 || attemptOf(context)?.isRepeat === true });
      try {
        const answer = await untilAborted(next(args), signal);
        job.time.hear(dateOf(answer.response));
        return answer;
      } finally {
        const ms = performance.now() - startedAt;
        job.calls.took(action, ms);
        job.log?.debug({ action, attempt: attempts, ms: Math.round(ms) }, 'AWS request');
      }
    };
  };
};

function dateOf(response: unknown): string | undefined {
  const { headers } = response as { headers?: Readonly<Record<string, string>> };
  return headers?.['date'];
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
