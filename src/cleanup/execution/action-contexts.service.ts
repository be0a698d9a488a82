import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ActionContext } from '../action';
import type { PlanItemRow, Stage } from '../items/plan-item';
import { Snapshots, snapshotMissing } from '../snapshots/snapshots.service';
import type { IntendedStep } from '../steps';

/** Something of it may have been changed, and is changed on by what was saved. */
const HOLDING: ReadonlySet<Stage> = new Set([
  ...(['quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'returning', 'halted'] as const),
]);

/** What actions are told besides what IAM shows: what was there before, and all that was ever intended. */
@Injectable()
export class ActionContexts {
  constructor(
    private readonly database: TenantDatabase,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * With the steps of all the items that it goes on from, one plan after the other.
   * @throws DomainError `SNAPSHOT_MISSING`, `SNAPSHOT_UNREADABLE`
   */
  async of(tenantId: string, item: PlanItemRow, at: Date): Promise<ActionContext> {
    return this.database.inTenant(tenantId, async (manager) => {
      const intended = await manager.query<IntendedStep[]>(
        `WITH RECURSIVE line (id) AS (
           SELECT unnest($2::uuid[])
           UNION SELECT i.continues_item_id FROM plan_items i JOIN line USING (id)
             WHERE i.tenant_id = $1 AND i.continues_item_id IS NOT NULL
         ) SELECT s.action, s.request, s.outcome FROM item_steps s JOIN line ON line.id = s.item_id
         WHERE s.tenant_id = $1 AND NOT s.rehearsed ORDER BY s.intended_at, s.id`,
        [tenantId, [item.id, ...(item.continues_item_id === null ? [] : [item.continues_item_id])]],
      );
      const snapshot = await this.snapshots.load(manager, { tenantId, itemId: item.id });
      if (snapshot === null && HOLDING.has(item.stage) && item.began_at !== null) throw snapshotMissing();
      return { item, at, snapshot, intended };
    });
  }
}
