import { GenerateServiceLastAccessedDetailsCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';

/** A report that AWS is making, or has made. */
export interface LastAccessedJob {
  readonly jobId: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/**
 * A look right before a deletion must be one of that moment. The data themselves are up to four hours behind, so that a
 * minute takes nothing from them; what is older is asked for again.
 */
const LONGEST_AGE_MS = 60_000;

/**
 * Service-last-accessed reports asked for side by side, before the turns that look at them one after the other: AWS takes
 * a second or two for each. Only the principal that started a report can fetch it, so they are of one session.
 */
export class LastAccessedJobs {
  private readonly started = new Map<string, LastAccessedJob>();

  constructor(
    private readonly access: AccountAccess,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** So many at a time. What cannot be asked for now is asked for by its own turn, which then tells why not. */
  async start(arns: readonly string[], atOnce: number): Promise<void> {
    const waiting = [...arns];
    const one = async (): Promise<void> => {
      for (let arn = waiting.shift(); arn !== undefined && !this.signal?.aborted; arn = waiting.shift()) {
        await this.ask(arn).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, one));
  }

  /** One that is fresh enough, asked for now if need be; null: AWS answered without one. Throws the SDK's errors. */
  async of(arn: string): Promise<LastAccessedJob | null> {
    const known = this.started.get(arn);
    this.started.delete(arn);
    if (known && performance.now() - known.startedAt <= LONGEST_AGE_MS) return known;
    const asked = await this.ask(arn);
    this.started.delete(arn);
    return asked;
  }

  private async ask(arn: string): Promise<LastAccessedJob | null> {
    const startedAt = performance.now();
    const request = new GenerateServiceLastAccessedDetailsCommand({ Arn: arn });
    const { JobId: jobId } = await this.access.iam.send(request, this.signal ? { abortSignal: this.signal } : {});
    if (!jobId) return null;
    const job = { jobId, startedAt };
    this.started.set(arn, job);
    return job;
  }
}
