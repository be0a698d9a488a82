import { Injectable } from '@nestjs/common';
import { Events } from '../tasks/events.service';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import type { Recheck } from './collectors/recheck.collector';
import type { InventoryRole, InventoryUser } from './inventory';
import { rowOfRole, rowsOfUser } from './inventory-rows';
import { InventoryWriter } from './inventory-writer';

export interface Rechecked {
  /** The user's or role's row. */
  readonly principalId: string;
  readonly result: Recheck<InventoryUser> | Recheck<InventoryRole>;
}

/** Writes what a direct look at one user or role has shown. */
@Injectable()
export class RecheckedInventory {
  constructor(
    private readonly database: TenantDatabase,
    private readonly writer: InventoryWriter,
    private readonly events: Events,
  ) {}

  async write(
    task: RunningTask,
    { principalId, result }: Rechecked,
    where: { accountId: string; at: Date },
  ): Promise<void> {
    const account = { tenantId: task.tenantId, ...where };
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const rows =
        result.state !== 'there'
          ? []
          : result.identity.kind === 'user'
            ? rowsOfUser(result.identity)
            : [rowOfRole(result.identity)];
      await this.writer.write(manager, account, rows);
      // The principal itself where it is gone (or its name is another's by now), and those of its credentials that are.
      const known = await manager.query<{ natural_key: string }[]>(
        `SELECT natural_key FROM identities
         WHERE tenant_id = $1 AND account_id = $2 AND gone_at IS NULL AND (id = $3 OR owner_id = $3)`,
        [task.tenantId, where.accountId, principalId],
      );
      const there = new Set(rows.map((row) => row.natural_key));
      const gone = known.map((row) => row.natural_key).filter((key) => !there.has(key));
      await this.writer.markLookedAt(manager, account, principalId, gone);
      await this.events.record(manager, task.tenantId, [
        {
          type: 'identity.rechecked',
          objectType: 'account',
          objectId: where.accountId,
          data: { principalId, state: result.state },
        },
      ]);
    });
  }
}
