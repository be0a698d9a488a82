import { encodeId } from '../../../api-id';
import type { PlanItemRow } from '../../../cleanup/items/plan-item';
import { KIND_OF } from '../../../cleanup/plans/plan';
import { text } from '../../catalogue/said';
import {
  type AccountColumns,
  accountOf,
  byObject,
  facetsOf,
  idsOf,
  type Known,
  type ReadKnown,
  type StoredEvent,
} from './known';
import { type PlanColumns, planOf } from './plan.facts';

type ItemColumns = Pick<
  PlanItemRow,
  | 'id'
  | 'plan_id'
  | 'identity_id'
  | 'course'
  | 'name'
  | 'arn'
  | 'principal_id'
  | 'access_key_id'
  | 'check_ids'
  | 'remedy'
  | 'deletion_due_at'
>;

interface Row extends AccountColumns, ItemColumns, PlanColumns {
  owner: string | null;
  severity: string | null;
}

/** An item's event is about the item, or about its identity and names the item. */
const itemOf = ({ object_type, object_id, data }: StoredEvent): string | null =>
  object_type === 'plan-item' ? object_id : text(data, 'itemId');

export const readItems: ReadKnown<'item'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    `SELECT i.id, i.plan_id, i.identity_id, i.course, i.name, i.arn, i.principal_id, i.access_key_id, i.check_ids, i.remedy,
       i.deletion_due_at, i.account_id, i.aws_account_id, a.name AS account_name, a.ou_path,
       p.title, p.goal, p.dry_run, p.mode, worst.owner, worst.severity
     FROM plan_items i
     JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
     LEFT JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
     LEFT JOIN LATERAL (
       SELECT o.name AS owner, f.severity FROM findings f
       LEFT JOIN owners o ON o.tenant_id = f.tenant_id AND o.id = f.owner_id
       WHERE f.tenant_id = i.tenant_id AND f.id = ANY (i.finding_ids)
       ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], f.severity), f.id LIMIT 1
     ) worst ON true
     WHERE i.tenant_id = $1 AND i.id = ANY ($2::uuid[])`,
    [tenantId, idsOf(events, itemOf)],
  );
  return byObject(events, rows, (row) => knownOf(tenantId, row), itemOf);
};

const knownOf = (tenantId: string, row: Row): Known<'item'> => ({
  subject: {
    item: { id: encodeId('PlanItem', tenantId, row.id), checks: row.check_ids },
    plan: planOf(tenantId, row.plan_id, row),
    identity: {
      id: encodeId('Identity', tenantId, row.identity_id),
      kind: KIND_OF[row.course],
      name: row.name,
      arn: row.arn,
      uniqueId: row.access_key_id ?? row.principal_id,
    },
    account: accountOf(tenantId, row),
    owner: row.owner,
    remedy: row.remedy,
    deletionDueAt: row.deletion_due_at?.toISOString() ?? null,
  },
  facets: facetsOf({
    accountId: row.account_id,
    checkId: row.check_ids[0] ?? null,
    severity: row.severity,
    owner: row.owner,
    ouPath: row.ou_path,
  }),
});
