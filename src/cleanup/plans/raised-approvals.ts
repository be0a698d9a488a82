import type { EntityManager } from 'typeorm';
import { shownRules } from '../rules/shown-rules';
import type { PlanRow, PlanTerms } from './plan';
import { approvalsOf, type CountedItem, mostApprovals } from './plan-terms';

type Waiting = Pick<PlanRow, 'id' | 'state' | 'approvals_needed'>;

interface Item extends CountedItem {
  readonly plan_id: string;
  readonly account_tags: Readonly<Record<string, string>> | null;
}

/**
 * What the rules in force ask for of a tenant's plans that wait for their approvals, by the plans' ids; only where it is
 * more than when they were proposed. Whoever tightens rules means these as well; loosened ones change nothing.
 */
export async function raisedApprovals(
  manager: EntityManager,
  tenantId: string,
  plans: readonly Waiting[],
): Promise<ReadonlyMap<string, PlanTerms['approvals']>> {
  const waiting = plans.filter(({ state }) => state === 'proposed');
  if (waiting.length === 0) return new Map();
  const { approvals: rules } = (await shownRules(manager, tenantId)).effective;
  const below = waiting.filter((plan) => plan.approvals_needed < mostApprovals(rules));
  if (below.length === 0) return new Map();
  const items = await readItems(
    manager,
    tenantId,
    below.map(({ id }) => id),
  );
  const tags = new Map(items.map(({ account_id, account_tags }) => [account_id, account_tags ?? {}]));
  return new Map(
    below.flatMap(({ id, approvals_needed: needed }) => {
      const own = items.filter(({ plan_id }) => plan_id === id);
      const asked = approvalsOf(own, (accountId) => tags.get(accountId) ?? {}, rules);
      return asked.needed > needed ? [[id, asked] as const] : [];
    }),
  );
}

const readItems = (manager: EntityManager, tenantId: string, planIds: readonly string[]): Promise<Item[]> =>
  manager.query<Item[]>(
    `SELECT i.plan_id, i.account_id, i.aws_account_id, i.course, i.name,
       jsonb_build_object('tags', i.approved -> 'tags') AS approved, a.tags AS account_tags
     FROM plan_items i LEFT JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
     WHERE i.tenant_id = $1 AND i.plan_id = ANY ($2::uuid[]) AND i.stage <> 'refused' ORDER BY i.plan_id, i.position`,
    [tenantId, planIds],
  );
