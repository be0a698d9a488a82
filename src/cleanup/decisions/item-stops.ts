import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { run } from '../../paging';
import type { Refusal } from '../steps';

/** How many of a plan's items a decision has changed. */
export interface Stopped {
  /** Nothing had been done about them. */
  readonly cancelled: number;
  /** In quarantine, or on the way there: they are given back. */
  readonly returning: number;
  /** Past their point of no return, or being given back already: they stay as they are. */
  readonly staying: number;
}

export interface PlanOf {
  readonly tenantId: string;
  readonly planId: string;
  readonly at: Date;
  readonly why: Refusal;
}

/** Of items `i`: something of it was deleted, or may have been, since nobody knows an answer. */
export const BEYOND_RETURN: Sql = sql`(i.point_of_no_return_at IS NOT NULL OR EXISTS (
  SELECT 1 FROM item_steps s WHERE s.tenant_id = i.tenant_id AND s.item_id = i.id AND s.purpose = 'deletion'
    AND NOT s.rehearsed AND coalesce(s.outcome, 'unanswered') NOT IN ('refused', 'failed')))`;

/** Holds a plan's items until the commit; before the plan itself, as executions do. */
export async function holdItems(manager: EntityManager, tenantId: string, planId: string): Promise<void> {
  await run(
    manager,
    sql`SELECT 1 FROM plan_items WHERE tenant_id = ${tenantId} AND plan_id = ${planId} AND ended_at IS NULL
        ORDER BY position FOR UPDATE`,
  );
}

/** Those that wait will not be begun. Returns how many. */
export async function dropWaiting(manager: EntityManager, { tenantId, planId, at, why }: PlanOf): Promise<number> {
  const rows = await run<{ id: string }>(
    manager,
    sql`WITH stopped AS (
          UPDATE plan_items SET stage = 'cancelled', stage_before = stage, stage_at = ${at}, ended_at = ${at},
            next_at = NULL, code = ${why.code}, reason = ${why.reason}, remedy = ${why.remedy}
          WHERE tenant_id = ${tenantId} AND plan_id = ${planId} AND stage = 'waiting' RETURNING id)
        SELECT id FROM stopped`,
  );
  return rows.length;
}

/** The same, and what is in quarantine is given back; what is past its point of no return stays. */
export async function stopItems(manager: EntityManager, plan: PlanOf): Promise<Stopped> {
  const { tenantId, planId, at, why } = plan;
  const cancelled = await dropWaiting(manager, plan);
  const returning = await run<{ id: string }>(
    manager,
    sql`WITH stopped AS (
          UPDATE plan_items i SET stage = 'returning', stage_before = stage, stage_at = ${at}, next_at = ${at},
            code = ${why.code}, reason = ${why.reason}, remedy = ${why.remedy}
          WHERE tenant_id = ${tenantId} AND plan_id = ${planId} AND NOT ${BEYOND_RETURN}
            AND stage IN ('quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'halted') RETURNING id)
        SELECT id FROM stopped`,
  );
  const [rest] = await run<{ count: number }>(
    manager,
    sql`SELECT count(*)::integer AS count FROM plan_items WHERE tenant_id = ${tenantId} AND plan_id = ${planId}
        AND (stage IN ('deleting', 'halted', 'recreating') OR (stage = 'returning' AND stage_at < ${at}))`,
  );
  return { cancelled, returning: returning.length, staying: rest?.count ?? 0 };
}

/** Accounts in which something of the plan is still to be done. */
export async function accountsOf(manager: EntityManager, tenantId: string, planId: string): Promise<string[]> {
  const rows = await run<{ id: string }>(
    manager,
    sql`SELECT DISTINCT account_id AS id FROM plan_items
        WHERE tenant_id = ${tenantId} AND plan_id = ${planId} AND next_at IS NOT NULL`,
  );
  return rows.map(({ id }) => id);
}
