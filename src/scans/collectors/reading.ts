import type { AccountAccess } from '../../aws/account-access';
import { isAbort } from '../../aws/errors';
import { LeaseLost } from '../../aws/middleware';

/** Something that could not be read, and what to do about it. */
export interface NotRead {
  readonly what: string;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string | null;
  /** Whether the same read may well succeed later, with nothing changed. */
  readonly retryable: boolean;
}

/** Not failures of a read: the job itself has to stop. */
export function rethrowStops(error: unknown, signal: AbortSignal | undefined): void {
  if (error instanceof LeaseLost || isAbort(error) || signal?.aborted) throw error;
}

/** Keeps the books of what could not be read of one account. */
export class Reading {
  readonly notRead: NotRead[] = [];

  constructor(
    private readonly access: AccountAccess,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @returns what `read` gives; null when it failed, which is then on record. @throws when the job has to stop. */
  async attempt<T>(what: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.failed(what, error);
      return null;
    }
  }

  failed(what: string, error: unknown): void {
    rethrowStops(error, this.signal);
    const { code, message, remedy, retryable } = this.access.explain(error);
    this.notRead.push({ what, code, reason: message, remedy: remedy ?? null, retryable });
  }

  /** A gap in an answer that arrived. */
  gap(what: string, reason: string): void {
    const remedy = 'Scan again; if it stays, the endpoint leaves out what IAM always gives.';
    this.notRead.push({ what, code: 'AWS_INCOMPLETE', reason, remedy, retryable: false });
  }
}
