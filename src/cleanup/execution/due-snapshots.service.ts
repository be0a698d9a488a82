import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { DueItem } from '../items/due-item';
import type { Observed } from '../observed';
import { Snapshots } from '../snapshots/snapshots.service';
import { phaseOf } from './sessions/item-needs';

/** What was saved of items that are about to be deleted: it names what hangs on them. */
@Injectable()
export class DueSnapshots {
  constructor(
    private readonly database: TenantDatabase,
    private readonly snapshots: Snapshots,
  ) {}

  async of(tenantId: string, items: readonly DueItem[]): Promise<ReadonlyMap<string, Observed | null>> {
    const wanted = items.filter((item) => phaseOf(item) === 'deleting' && item.course === 'user');
    const found = new Map<string, Observed | null>();
    if (wanted.length === 0) return found;
    await this.database.inTenant(tenantId, async (manager) => {
      for (const { id } of wanted) found.set(id, await this.snapshots.loadReadable(manager, { tenantId, itemId: id }));
    });
    return found;
  }
}
