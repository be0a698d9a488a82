import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { run } from '../../paging';
import { BEYOND_RETURN } from '../decisions/item-stops';
import type { ItemsOf } from './items.service';
import type { PlanItemRow } from './plan-item';

/** Of items `i`: something may have been taken from it on its way into quarantine. */
export const TOUCHED: Sql = sql`EXISTS (SELECT 1 FROM item_steps s WHERE s.tenant_id = i.tenant_id AND s.item_id = i.id
  AND s.purpose = 'quarantine' AND NOT s.rehearsed AND coalesce(s.outcome, 'unanswered') NOT IN ('refused', 'failed'))`;

/** Of items `i`: about to be deleted, and nothing of it can be gone yet. */
const WHOLE_YET: Sql = sql`i.stage = 'deleting' AND i.quarantined_at IS NOT NULL AND NOT ${BEYOND_RETURN}`;

/** Of items `i`: back to where it is listened to, at once. */
const toListening = (at: Date): Sql => sql`stage_before = i.stage, stage_at = ${at}, next_at = ${at},
  code = NULL, reason = NULL, remedy = NULL,
  stage = CASE WHEN i.course = 'password' THEN 'announced' WHEN i.silenced_at IS NOT NULL THEN 'silenced'
    ELSE 'quarantined' END`;

/**
 * What was about to be deleted in an account, and is not since its plan was halted (`all`: since nothing may be put away
 * now), goes back to where it is listened to: it may take long until somebody lets it go on. What was half in quarantine
 * when its plan was halted, and so not listened to yet, is given back.
 */
export async function listenAgain(
  manager: EntityManager,
  of: ItemsOf,
  { at, all }: { readonly at: Date; readonly all: boolean },
): Promise<void> {
  const ofAccount = sql`plans p WHERE p.tenant_id = i.tenant_id AND p.id = i.plan_id AND i.tenant_id = ${of.tenantId}
    AND i.account_id = ${of.accountId}`;
  await run(
    manager,
    sql`UPDATE plan_items i SET ${toListening(at)}
        FROM ${ofAccount} AND ${WHOLE_YET}
          AND (p.state = 'halted' OR (${all} AND p.state = 'approved'))`,
  );
  await run(
    manager,
    sql`UPDATE plan_items i SET stage = 'returning', stage_before = i.stage, stage_at = ${at}, next_at = ${at},
          code = 'PLAN_HALTED', reason = 'Its plan was halted before it was in quarantine, so it was given back.',
          remedy = 'Propose it again where it is still a finding.'
        FROM ${ofAccount} AND i.stage = 'quarantining' AND p.state = 'halted' AND ${TOUCHED}`,
  );
}

/** One that may not be deleted just now. False: it stays as it is, since something of it may be gone. */
export async function listenAgainTo(
  manager: EntityManager,
  { tenant_id: tenantId, id }: Pick<PlanItemRow, 'tenant_id' | 'id'>,
  at: Date,
): Promise<boolean> {
  const rows = await run<object>(
    manager,
    sql`WITH moved AS (
          UPDATE plan_items i SET ${toListening(at)} WHERE i.tenant_id = ${tenantId} AND i.id = ${id} AND ${WHOLE_YET}
          RETURNING i.id)
        SELECT id FROM moved`,
  );
  return rows.length > 0;
}
