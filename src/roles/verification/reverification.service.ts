import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RunningTask } from '../../tasks/running-task';
import { DAILY, Schedules } from '../../tasks/schedules.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { AccountRoles } from './account-roles.service';
import { reverifyAccounts } from './reverification.definitions';
import { RoleVerifier } from './role-verifier.service';

/** Looks at the roles of owned accounts again: at once, and every day. */
@Injectable()
export class Reverification {
  constructor(
    private readonly database: TenantDatabase,
    private readonly verifier: RoleVerifier,
    private readonly roles: AccountRoles,
    private readonly schedules: Schedules,
  ) {}

  /** Looks at all of an owned account's roles and keeps what it finds. Throws when AWS gives no answer. */
  async verify(task: RunningTask, accountId: string): Promise<void> {
    const account = await this.database.inTenant(task.tenantId, (manager) =>
      this.roles.account(manager, task.tenantId, accountId),
    );
    if (account.status !== 'owned' || (account.aws_state ?? 'ACTIVE') !== 'ACTIVE') return;
    const found = await this.verifier.verify(task, account);
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.roles.store(manager, account, found);
      const [scan] = found;
      if (scan) await this.roles.settleAccess(manager, account, scan);
    });
  }

  /** Every day, at a time of its own for each tenant, once the tenant has an account. */
  async schedule(manager: EntityManager, tenantId: string): Promise<void> {
    await this.schedules.set(manager, { tenantId, task: reverifyAccounts, payload: {}, cron: DAILY });
  }
}
