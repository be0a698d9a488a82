import sql from 'sql-template-tag';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const plansToApprove: Waiting = {
  kind: 'PLANS_TO_APPROVE',
  what: 'Plans that somebody else, or a policy, has proposed: `plans(filter: { state: PROPOSED })`, then `approvePlan` or `refusePlan`.',
  for: 'approve',
  scope: 'tenant',
  count: (reader, { standsFor }) => sql`
    SELECT count(*)::integer FROM plans p
    WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.state = 'proposed'
      AND (p.mode <> 'by-hand' OR p.stands_for <> ${standsFor})
      AND NOT EXISTS (SELECT 1 FROM policy_versions v
        WHERE p.mode <> 'by-hand' AND v.tenant_id = p.tenant_id AND v.name = p.policy_name
          AND v.version = p.policy_version AND v.saved_by_stands_for = ${standsFor})
      AND NOT EXISTS (SELECT 1 FROM plan_approvals d
        WHERE d.tenant_id = p.tenant_id AND d.plan_id = p.id AND d.stands_for = ${standsFor})`,
};

export const haltedPlans: Waiting = {
  kind: 'HALTED_PLANS',
  what: 'Plans that were stopped: `plans(filter: { state: HALTED }) { nodes { reason remedy } }`, then `resumePlan` or `cancelPlan`.',
  for: 'approve',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM plans p WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.state = 'halted'`,
};

export const haltedItems: Waiting = {
  kind: 'HALTED_ITEMS',
  what: 'Items of plans that stay as they are until somebody decides: `planItems(filter: { outcome: HALTED }) { nodes { reason remedy } }`, then `recheckPlanItem`, `continuePlanItem`, `restorePlanItems` or `cancelPlan`.',
  for: 'plan',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM plan_items i WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.stage = 'halted'`,
};
