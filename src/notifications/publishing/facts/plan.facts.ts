import { encodeId } from '../../../api-id';
import type { PlanRow } from '../../../cleanup/plans/plan';
import { raisedApprovals } from '../../../cleanup/plans/raised-approvals';
import type { Subjects } from '../../catalogue/subjects';
import { byObject, idsOf, type ReadKnown } from './known';

export type PlanColumns = Pick<PlanRow, 'title' | 'goal' | 'dry_run' | 'mode'>;

interface Row extends PlanColumns, Pick<PlanRow, 'id' | 'state' | 'remedy' | 'lapses_at' | 'approvals_needed'> {
  items: number;
  refused: number;
  accounts: number;
  approvals: number;
}

export const planOf = (tenantId: string, id: string, row: PlanColumns): Subjects['plan']['plan'] => ({
  id: encodeId('Plan', tenantId, id),
  title: row.title,
  goal: row.goal,
  dryRun: row.dry_run,
  mode: row.mode,
});

export const readPlans: ReadKnown<'plan'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    `SELECT p.id, p.title, p.goal, p.dry_run, p.mode, p.state, p.remedy, p.lapses_at, p.approvals_needed, size.*,
       (SELECT count(*)::integer FROM plan_approvals d
         WHERE d.tenant_id = p.tenant_id AND d.plan_id = p.id AND d.decision = 'approved') AS approvals
     FROM plans p CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE i.stage <> 'refused')::integer AS items,
         count(*) FILTER (WHERE i.stage = 'refused')::integer AS refused,
         count(DISTINCT i.account_id) FILTER (WHERE i.stage <> 'refused')::integer AS accounts
       FROM plan_items i WHERE i.tenant_id = p.tenant_id AND i.plan_id = p.id
     ) size
     WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])`,
    [tenantId, idsOf(events)],
  );
  const raised = await raisedApprovals(manager, tenantId, rows);
  return byObject(events, rows, (row) => ({
    subject: {
      plan: planOf(tenantId, row.id, row),
      items: row.items,
      refused: row.refused,
      accounts: row.accounts,
      approvalsMissing: Math.max(0, (raised.get(row.id)?.needed ?? row.approvals_needed) - row.approvals),
      remedy: row.remedy,
      lapsesAt: row.lapses_at?.toISOString() ?? null,
    },
    facets: {},
  }));
};
