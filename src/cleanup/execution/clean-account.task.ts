import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { CallCounter } from '../../aws/calls';
import { DomainError } from '../../errors';
import { Handles, type TaskHandler } from '../../tasks/handles';
import { Postpone, type RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { cleanAccount } from './clean-account.definition';
import { CleanupDue } from './cleanup-due.service';
import { ExecutionRounds } from './execution-rounds.service';
import { ExecutionState } from './execution-state';
import { type Opened, Openings } from './openings.service';
import { Executions, type ExecutionOutcome } from './executions.service';

/** Until then a busy process has been answered, or the database is away and everything waits. */
const UNSURE_MS = 2_000;

interface Ended {
  readonly outcome: ExecutionOutcome;
  readonly reason: string | null;
}

type Payload = z.infer<typeof cleanAccount.payload>;

/** Gives an account's due items their turns, in one execution; then has itself called again for the next one. */
@Injectable()
@Handles(cleanAccount)
export class CleanAccountTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly openings: Openings,
    private readonly rounds: ExecutionRounds,
    private readonly executions: Executions,
    private readonly due: CleanupDue,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { accountId } = task.payload;
    const opened = await this.openings.open(task, accountId);
    if (opened !== null) await this.execute(task, opened);
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.due.enqueueNext(manager, { tenantId: task.tenantId, accountId });
    });
  }

  private async execute(task: RunningTask<Payload>, opened: Opened): Promise<void> {
    const state = new ExecutionState();
    state.stopped = opened.paused;
    const calls = new CallCounter();
    try {
      await this.rounds.run(task, opened, state, calls);
    } catch (error) {
      // A run that lost its task writes nothing; its row is closed by whoever begins the next one.
      await this.end(task, opened, calls, { outcome: 'failed', reason: messageOf(error) }).catch(() => undefined);
      throw error;
    }
    await this.end(task, opened, calls, await this.outcomeOf(task, opened, state));
    if (state.unsure) throw new Postpone(UNSURE_MS, 'Whether clean-up is paused could not be learnt in time.');
  }

  /** Whether it got on with all that was due, or a pause or the halt of a plan kept it from some. */
  private async outcomeOf({ tenantId }: RunningTask, { executionId }: Opened, state: ExecutionState): Promise<Ended> {
    if (state.stopped) return { outcome: 'paused', reason: 'Clean-up was paused.' };
    const planIds = [...state.plans, ...state.forged];
    const reason = await this.database.inTenant(tenantId, (manager) =>
      this.executions.haltedBecause(manager, tenantId, executionId, planIds),
    );
    return { outcome: reason === null ? 'done' : 'halted', reason };
  }

  private async end(
    task: RunningTask<Payload>,
    { executionId }: Opened,
    calls: CallCounter,
    how: Ended,
  ): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.executions.end(manager, task.tenantId, executionId, { ...how, calls: calls.summary().byAction });
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof DomainError ? error.message : 'An unexpected error.');
