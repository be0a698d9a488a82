import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../clock';
import { Postpone, type RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { Items } from '../items/items.service';
import type { CleanupRules } from '../rules/cleanup-rules';
import { type CleanupAccount, Executions } from './executions.service';
import { OpeningRules } from './opening-rules.service';
import { acts } from './turns/turns.service';

/** An execution that has begun. */
export interface Opened {
  readonly account: CleanupAccount;
  readonly executionId: string;
  readonly rules: CleanupRules;
  /** Only what listens and gives back has its turn. */
  readonly paused: boolean;
  /** So much is done side by side, as the tenant's settings have it. */
  readonly atOnce: number;
}

/** As many accounts are at work as the tenant lets: the next one tries again after this. */
const FULL_MS = 2_000;

/** Whether an execution begins: something is due, the account is there, and the tenant has room for one more. */
@Injectable()
export class Openings {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly executions: Executions,
    private readonly settings: TenantSettings,
    private readonly rules: OpeningRules,
  ) {}

  /** Null: there is nothing to do now. @throws Postpone where the tenant has enough accounts at work. */
  async open(task: RunningTask, accountId: string): Promise<Opened | null> {
    const { tenantId } = task;
    const opened = await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const of = { tenantId, accountId };
      const due = await this.items.due(manager, of);
      if (due.length === 0) return null;
      const account = await this.executions.account(manager, tenantId, accountId);
      if (!account) {
        // Closed, suspended or left: nobody is called there. It is looked at again when that may be over.
        await this.items.putOffDue(manager, of, DAY_MS, ACCOUNT_CLOSED);
        return null;
      }
      const { rules, paused } = await this.rules.of(manager, tenantId);
      await this.items.listenAgain(manager, of, paused);
      if (paused && (await this.items.due(manager, of)).every((item) => acts(item))) return null;
      const most = (await this.settings.current(manager, tenantId)).cleanup.concurrency;
      const executionId = await this.executions.begin(manager, task, account, { purpose: 'clean-up', most });
      return executionId === null ? ('full' as const) : { account, executionId, rules, paused, atOnce: most };
    });
    if (opened === 'full') throw new Postpone(FULL_MS, 'As many accounts are being cleaned up as the settings allow.');
    return opened;
  }
}

const ACCOUNT_CLOSED = {
  code: 'ACCOUNT_NOT_ACTIVE',
  reason: 'The account is closed, suspended or has left, so nothing was done in it.',
  remedy: 'Reopen the account; or cancel the plan.',
};
