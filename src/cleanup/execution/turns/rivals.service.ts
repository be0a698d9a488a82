import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AT_WORK, type PlanItemRow } from '../../items/plan-item';
import { touches } from '../../plans/in-the-way';
import type { Refusal } from '../../steps';

type Rival = Pick<PlanItemRow, 'course' | 'access_key_id'> & { readonly title: string };

/** Two plans may have been approved for one user, as a whole and for its key: the first one to begin has it. */
@Injectable()
export class Rivals {
  /** Why an item is not begun now; null: no other plan has begun with it, or with what belongs to it. */
  async of(manager: EntityManager, item: PlanItemRow): Promise<Refusal | null> {
    const rivals = await manager.query<Rival[]>(
      `SELECT i.course, i.access_key_id, p.title FROM plan_items i
       JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
       WHERE i.tenant_id = $1 AND i.account_id = $2 AND i.principal_id = $3 AND i.stage = ANY ($4::text[])
         AND i.id <> $5 AND i.id IS DISTINCT FROM $6
       ORDER BY i.id`,
      [item.tenant_id, item.account_id, item.principal_id, AT_WORK, item.id, item.continues_item_id],
    );
    const rival = rivals.find((one) => touches(item, one));
    return rival ? inAnotherPlan(rival.title) : null;
  }
}

const inAnotherPlan = (title: string): Refusal => ({
  code: 'IN_ANOTHER_PLAN',
  reason: `The plan "${title}" has begun with it, or with something that belongs to it, before.`,
  remedy: 'Nothing was done. Propose it again when that plan is over and it is still a finding.',
});
