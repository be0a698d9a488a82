import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountRoles } from '../../roles/verification/account-roles.service';
import type { AccountRoleKind } from '../../roles/verification/findings';
import { verifyAccount } from '../../roles/verification/verify-account.task';
import type { Reader } from '../../paging';
import { TaskQueue } from '../../tasks/task-queue.service';
import { TenantDatabase } from '../../tenancy/tenant-database';

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 150;

export interface WantedRole {
  readonly role: AccountRoleKind;
  readonly roleArn: string;
}

/** Why a role cannot be used; nulls: it can. */
export interface Refusal {
  readonly problem: string | null;
  readonly remedy: string | null;
}

export interface Ended {
  readonly pending: boolean;
  /** Why the task was parked; null when it was not. */
  readonly problem: string | null;
}

/** Asks a worker to verify an account and waits for it, since somebody sits in front of it. */
@Injectable()
export class Verifications {
  constructor(
    private readonly database: TenantDatabase,
    private readonly queue: TaskQueue,
    private readonly roles: AccountRoles,
  ) {}

  /** Returns the task's id. `wanted`: a role that is to become the account's, once it is proven. */
  request(manager: EntityManager, tenantId: string, accountId: string, wanted?: WantedRole): Promise<string> {
    return this.queue.enqueue(manager, {
      tenantId,
      task: verifyAccount,
      payload: { accountId, ...wanted },
      dedupeKey: `${accountId} ${wanted?.role ?? ''} ${wanted?.roleArn ?? ''}`,
      priority: 'urgent',
    });
  }

  /** @throws NOT_FOUND */
  async removeRole(manager: EntityManager, tenantId: string, accountId: string, role: AccountRoleKind): Promise<void> {
    await this.roles.setRole(manager, await this.roles.account(manager, tenantId, accountId), role, null);
  }

  /** What the last look at one of an account's roles said. */
  async refusalOf(reader: Reader, accountId: string, role: AccountRoleKind): Promise<Refusal> {
    const rows = await this.roles.checksOf(reader, [accountId]);
    return rows.find((row) => row.kind === role) ?? { problem: null, remedy: null };
  }

  /** Waits until the task is over, for at most 20 s. */
  async ended(tenantId: string, taskId: string): Promise<Ended> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const task = await this.database.inTenant(tenantId, async (manager) => {
        const rows = await manager.query<{ state: string; error_message: string | null }[]>(
          'SELECT state, error_message FROM tasks WHERE tenant_id = $1 AND id = $2',
          [tenantId, taskId],
        );
        return rows[0];
      });
      if (!task || task.state === 'done' || task.state === 'cancelled') return { pending: false, problem: null };
      if (task.state === 'failed') return { pending: false, problem: task.error_message };
      if (performance.now() >= giveUpAt) return { pending: true, problem: null };
      await sleep(LOOK_EVERY_MS);
    }
  }
}
