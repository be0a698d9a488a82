import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { AccountAccess } from '../aws/account-access';
import { AccountDoor } from '../scans/account-door';
import { recheckRole, recheckUser } from '../scans/collectors/recheck.collector';
import { InventoryReader } from '../scans/inventory-reader';
import { RecheckedInventory, type Rechecked } from '../scans/rechecked-inventory';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TenantDatabase } from '../tenancy/tenant-database';

export const recheckFinding = defineTask(
  'recheck-finding',
  z.strictObject({ accountId: z.uuid(), kind: z.enum(['user', 'role']), principalId: z.uuid() }),
);

type Payload = z.infer<typeof recheckFinding.payload>;

/** Reads one user (with its credentials) or role straight from IAM, writes it to the inventory, has the account judged. */
@Injectable()
@Handles(recheckFinding, { attempts: 3 })
export class RecheckFindingTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly door: AccountDoor,
    private readonly reader: InventoryReader,
    private readonly inventory: RecheckedInventory,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const opened = await this.door.open(task, task.payload.accountId);
    if (!opened) return;
    try {
      await opened.access.connect();
      const seen = await this.look(task, opened.access, opened.at);
      if (seen) await this.inventory.write(task, seen, { accountId: task.payload.accountId, at: opened.at });
    } finally {
      opened.access.close();
    }
  }

  private async look(task: RunningTask<Payload>, access: AccountAccess, at: Date): Promise<Rechecked | null> {
    const { kind, principalId } = task.payload;
    const { tenantId, signal } = task;
    if (kind === 'user') {
      const [stored] = await this.database.inTenant(tenantId, (manager) =>
        this.reader.usersById(manager, tenantId, [principalId]),
      );
      if (!stored) return null;
      return { principalId, result: await recheckUser(access, stored.user, { previous: stored.user, signal }) };
    }
    const [stored] = await this.database.inTenant(tenantId, (manager) =>
      this.reader.rolesById(manager, tenantId, [principalId]),
    );
    if (!stored) return null;
    return { principalId, result: await recheckRole(access, stored.role, { at, signal }) };
  }
}
