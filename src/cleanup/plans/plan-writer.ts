import type { EntityManager } from 'typeorm';
import type { CleanupRules } from '../rules/cleanup-rules';
import { itemHash } from './manifest';
import { KIND_OF, type PlanTerms, type Share } from './plan';
import type { PreparedItem } from './plan-preparation.service';
import { approvalsOf, paceOf } from './plan-terms';
import type { PlanGoal } from '../items/plan-item';

/** As many rows as one statement carries. */
const ROWS_AT_ONCE = 1_000;

/** What of an item is in a draft. Those that are refused stay so. */
export async function writeItems(
  manager: EntityManager,
  plan: { readonly tenantId: string; readonly id: string; readonly at: Date },
  items: readonly PreparedItem[],
): Promise<void> {
  for (let start = 0; start < items.length; start += ROWS_AT_ONCE) {
    const rows = items.slice(start, start + ROWS_AT_ONCE).map(({ refusal, ...item }) => ({
      ...item,
      content_hash: itemHash(item),
      stage: refusal ? 'refused' : 'waiting',
      code: refusal?.code ?? null,
      reason: refusal?.reason ?? null,
      remedy: refusal?.remedy ?? null,
    }));
    await manager.query(
      `INSERT INTO plan_items (tenant_id, plan_id, stage_at, ended_at, id, position, account_id, aws_account_id, partition,
         identity_id, course, principal_id, name, path, arn, access_key_id, finding_ids, check_ids, approved,
         references_found, continues_item_id, content_hash, stage, code, reason, remedy)
       SELECT $1, $2, $3, CASE WHEN r.stage = 'refused' THEN $3::timestamptz END, r.*
       FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, position integer, account_id uuid, aws_account_id text,
         partition text, identity_id uuid, course text, principal_id text, name text, path text, arn text,
         access_key_id text, finding_ids uuid[], check_ids text[], approved jsonb, references_found jsonb,
         continues_item_id uuid, content_hash text, stage text, code text, reason text, remedy text)`,
      [plan.tenantId, plan.id, plan.at, JSON.stringify(rows)],
    );
  }
}

/** How many of the accounts' identities the items are, by kind. */
async function sharesOf(manager: EntityManager, tenantId: string, items: readonly PreparedItem[]): Promise<Share[]> {
  const shares = new Map<string, Omit<Share, 'identities'>>();
  for (const { account_id: accountId, aws_account_id: awsAccountId, course } of items) {
    const kind = KIND_OF[course];
    const key = `${accountId} ${kind}`;
    shares.set(key, { accountId, awsAccountId, kind, items: (shares.get(key)?.items ?? 0) + 1 });
  }
  const counts = await manager.query<{ account_id: string; kind: string; count: number }[]>(
    `SELECT account_id, kind, count(*)::integer AS count FROM identities
     WHERE tenant_id = $1 AND account_id = ANY ($2::uuid[]) AND gone_at IS NULL AND NOT is_root GROUP BY 1, 2`,
    [tenantId, [...new Set(items.map(({ account_id }) => account_id))]],
  );
  const countOf = new Map(counts.map(({ account_id, kind, count }) => [`${account_id} ${kind}`, count]));
  return [...shares].map(([key, share]) => ({ ...share, identities: countOf.get(key) ?? 0 }));
}

/** The terms on which the items that are not refused would be put away now. */
export async function termsOf(
  manager: EntityManager,
  plan: { readonly tenantId: string; readonly goal: PlanGoal; readonly rules: CleanupRules },
  items: readonly PreparedItem[],
): Promise<PlanTerms> {
  const { tenantId, goal, rules } = plan;
  const taken = items.filter(({ refusal }) => refusal === null);
  const accounts = await manager.query<{ id: string; tags: Record<string, string> }[]>(
    'SELECT id, tags FROM accounts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tenantId, [...new Set(taken.map(({ account_id }) => account_id))]],
  );
  const tags = new Map(accounts.map((account) => [account.id, account.tags]));
  return {
    rules,
    approvals: approvalsOf(taken, (id) => tags.get(id) ?? {}, rules.approvals),
    shares: await sharesOf(manager, tenantId, taken),
    pace: paceOf(taken, goal, rules),
  };
}
