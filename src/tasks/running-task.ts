import type { EntityManager } from 'typeorm';
import { DomainError } from '../errors';

/** This run has lost its task: it was cancelled, or given to another worker. Nothing it does counts any more. */
export class StaleFence extends Error {
  constructor(taskId: string) {
    super(`Task ${taskId} is no longer this run's: it was cancelled, or another worker has it.`);
    this.name = 'StaleFence';
  }
}

/** Thrown by a handler that has to wait for something: the task comes back after `delayMs` and uses up no attempt. */
export class Postpone extends Error {
  constructor(
    readonly delayMs: number,
    reason: string,
  ) {
    super(reason);
    this.name = 'Postpone';
  }
}

export interface LaneHold {
  readonly name: string;
  /**
   * Until when the lane is surely ours, on `performance.now()`'s clock; null when it is lost. Conservative: counted from
   * before the renewing query was sent, so that a process that slept sees its lease as over before anyone else has it.
   */
  deadline(): number | null;
}

/** One attempt at a task, as its handler sees it. */
export class RunningTask<P extends object = object> {
  readonly id: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly payload: P;
  /** Counts from 1. */
  readonly attempt: number;
  readonly fence: number;
  readonly lane: LaneHold | null;
  /** Aborted when the task is cancelled or lost, and when the process must end. */
  readonly signal: AbortSignal;

  constructor(values: Omit<RunningTask<P>, 'guard'>) {
    this.id = values.id;
    this.tenantId = values.tenantId;
    this.kind = values.kind;
    this.payload = values.payload;
    this.attempt = values.attempt;
    this.fence = values.fence;
    this.lane = values.lane;
    this.signal = values.signal;
  }

  /**
   * Call it first in every transaction that writes results: it holds the task's row until the commit, so that no other
   * run can begin meanwhile. Throws `StaleFence`.
   */
  async guard(manager: EntityManager): Promise<void> {
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM tasks WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'running' FOR UPDATE`,
      [this.tenantId, this.id, this.fence],
    );
    if (rows.length === 0) throw new StaleFence(this.id);
  }
}

/** How an error is kept on the row and shown to people. */
export function describeFailure(error: unknown): { code: string; message: string } {
  if (error instanceof DomainError) {
    return { code: error.code, message: error.remedy ? `${error.message} ${error.remedy}` : error.message };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'UNEXPECTED', message: message.slice(0, 2_000) };
}
