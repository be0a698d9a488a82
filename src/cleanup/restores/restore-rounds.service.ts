import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { accountLane } from '../../accounts/account';
import type { CallCounter } from '../../aws/calls';
import { Clock } from '../../clock';
import type { DomainError } from '../../errors';
import { run } from '../../paging';
import type { RunningTask } from '../../tasks/running-task';
import { TaskQueue } from '../../tasks/task-queue.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { type CleanupAccount, type ExecutionOutcome, Executions } from '../execution/executions.service';
import { Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import type { CleanupRules } from '../rules/cleanup-rules';
import { RulesService } from '../rules/rules.service';
import { Snapshots } from '../snapshots/snapshots.service';
import { restoreItems } from './restore-items.definition';

export interface Wanted {
  readonly item: PlanItemRow;
  readonly snapshot: Observed | null;
}

export interface Round {
  readonly account: CleanupAccount;
  readonly executionId: string;
  readonly rules: CleanupRules;
  readonly wanted: readonly Wanted[];
}

interface Ended {
  readonly outcome: ExecutionOutcome;
  readonly reason: string | null;
  readonly calls: CallCounter;
}

/** As many as one run takes; the rest comes in the next one. */
const MOST = 100;
const RETRY_MS = 5 * 60_000;

/** What restoring reads of an account, and its next task. */
@Injectable()
export class RestoreReads {
  constructor(
    private readonly snapshots: Snapshots,
    private readonly rulesService: RulesService,
    private readonly queue: TaskQueue,
  ) {}

  async wanted(
    manager: EntityManager,
    of: { readonly tenantId: string; readonly accountId: string; readonly at: Date; readonly most: number },
  ): Promise<Wanted[]> {
    const items = await run<PlanItemRow>(
      manager,
      sql`SELECT i.* FROM plan_items i WHERE i.tenant_id = ${of.tenantId} AND i.account_id = ${of.accountId}
            AND i.stage = 'recreating' AND i.next_at <= ${of.at}
          ORDER BY i.next_at, i.id LIMIT ${of.most} FOR UPDATE`,
    );
    const wanted: Wanted[] = [];
    for (const item of items) {
      wanted.push({
        item,
        snapshot: await this.snapshots.loadReadable(manager, { tenantId: of.tenantId, itemId: item.id }),
      });
    }
    return wanted;
  }

  rules(manager: EntityManager, tenantId: string): Promise<CleanupRules> {
    return this.rulesService.effective(manager, tenantId);
  }

  async enqueueNext(
    manager: EntityManager,
    of: { readonly tenantId: string; readonly account: CleanupAccount; readonly now: Date },
  ): Promise<void> {
    const { tenantId, account, now } = of;
    const [next] = await run<{ at: Date | null }>(
      manager,
      sql`SELECT min(next_at) AS at FROM plan_items
          WHERE tenant_id = ${tenantId} AND account_id = ${account.id} AND stage = 'recreating'`,
    );
    if (!next?.at) return;
    // Items are due by the service's clock, tasks by the database's.
    const dueAt = new Date(Date.now() + Math.max(0, next.at.getTime() - now.getTime()));
    await this.queue.enqueue(manager, {
      ...{ tenantId, task: restoreItems, payload: { accountId: account.id }, lane: accountLane(account) },
      ...{ dedupeKey: `${account.id} ${dueAt.toISOString()}`, dueAt, priority: 'urgent' },
    });
  }
}

/** The books of one run of restoring in an account: who is wanted back, what came of it, when to go on. */
@Injectable()
export class RestoreRounds {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly executions: Executions,
    private readonly reads: RestoreReads,
    private readonly clock: Clock,
  ) {}

  /** Null: nothing is wanted, or the account is not to be worked in; then what was wanted says so. */
  async begin(task: RunningTask, accountId: string): Promise<Round | null> {
    const { tenantId } = task;
    return this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const wanted = await this.reads.wanted(manager, { tenantId, accountId, at: this.clock.now(), most: MOST });
      if (wanted.length === 0) return null;
      const account = await this.executions.account(manager, tenantId, accountId);
      if (!account) {
        for (const { item } of wanted) await this.items.move(manager, item, endOf(item), NO_ACCOUNT);
        return null;
      }
      const executionId = await this.executions.begin(manager, task, account, { purpose: 'restore', most: null });
      if (executionId === null) throw new Error('Restores are not counted.');
      return { account, executionId, rules: await this.reads.rules(manager, tenantId), wanted };
    });
  }

  /** Ends the execution, and has the account's next one follow when it is due. */
  async end(task: RunningTask, { account, executionId }: Round, { outcome, reason, calls }: Ended): Promise<void> {
    const { tenantId } = task;
    await this.database.inTenant(tenantId, async (manager) => {
      await this.executions.end(manager, tenantId, executionId, { outcome, reason, calls: calls.summary().byAction });
      await this.reads.enqueueNext(manager, { tenantId, account, now: this.clock.now() });
    });
  }

  /** Tried again in a few minutes; what cannot succeed unless somebody does something is told. */
  async notDone(task: RunningTask, itemId: string, error: DomainError): Promise<void> {
    const { tenantId } = task;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const item = await this.items.load(manager, tenantId, itemId);
      if (item.stage !== 'recreating') return;
      if (error.retryable) {
        const next_at = new Date(this.clock.now().getTime() + RETRY_MS);
        await this.items.note(manager, item, { next_at });
        return;
      }
      const remedy = error.remedy ?? 'Look at the log of the worker, then ask for it again.';
      await this.items.move(manager, item, endOf(item), { code: error.code, reason: error.message, remedy });
    });
  }
}

/** A deletion that had halted halts again; what is gone stays gone. */
const endOf = (item: PlanItemRow): 'halted' | 'deleted' => (item.stage_before === 'halted' ? 'halted' : 'deleted');

const NO_ACCOUNT = {
  code: 'NO_ACCOUNT',
  reason: 'The account is closed, suspended, or no longer here, so nothing can be made again in it.',
  remedy: 'Reopen or connect the account, then ask again.',
};
