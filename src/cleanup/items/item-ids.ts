import type { PlanItemRow } from './plan-item';

/** What events say of an item. */
export const idsOf = (item: Pick<PlanItemRow, 'plan_id' | 'id' | 'account_id' | 'identity_id' | 'course'>) => ({
  planId: item.plan_id,
  itemId: item.id,
  accountId: item.account_id,
  identityId: item.identity_id,
  course: item.course,
});
