import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { coverage } from '../../../accounts/account';
import { DAY_MS } from '../../../clock';
import { run } from '../../../paging';
import type { DigestData } from '../../catalogue/events/digest.events';

/** Published events after one number up to another. */
export interface Span {
  readonly afterSeq: string;
  readonly untilSeq: string;
}

const AHEAD_DAYS = 7;

export type CheckCounts = DigestData['checks'][number];

/** By check and severity, the worst first: what has changed, and what is open now. */
export async function countFindings(manager: EntityManager, tenantId: string, span: Span): Promise<CheckCounts[]> {
  return run<CheckCounts>(
    manager,
    sql`WITH changed AS (
          SELECT e.check_id, e.severity, count(*) FILTER (WHERE e.type <> 'finding.resolved')::integer AS opened,
            count(*) FILTER (WHERE e.type = 'finding.resolved')::integer AS resolved
          FROM published_events e
          WHERE e.tenant_id = ${tenantId} AND e.seq > ${span.afterSeq} AND e.seq <= ${span.untilSeq}
            AND e.type IN ('finding.opened', 'finding.reopened', 'finding.resolved')
          GROUP BY e.check_id, e.severity
        ), standing AS (
          SELECT f.check_id, f.severity, count(*)::integer AS open FROM findings f
          WHERE f.tenant_id = ${tenantId} AND f.status = 'open' GROUP BY f.check_id, f.severity
        )
        SELECT check_id AS "check", severity, coalesce(opened, 0) AS opened, coalesce(resolved, 0) AS resolved,
          coalesce(open, 0) AS open
        FROM changed FULL JOIN standing USING (check_id, severity)
        ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], severity), check_id`,
  );
}

type Waiting = Pick<DigestData, 'plansWaiting' | 'plansHalted' | 'deletionsDue' | 'accountsNotRead'>;

export async function countWaiting(manager: EntityManager, tenantId: string, now: Date): Promise<Waiting> {
  const soon = new Date(now.getTime() + AHEAD_DAYS * DAY_MS);
  const [row] = await run<Waiting>(
    manager,
    sql`SELECT
          (SELECT count(*)::integer FROM plans p WHERE p.tenant_id = ${tenantId} AND p.state = 'proposed') AS "plansWaiting",
          (SELECT count(*)::integer FROM plans p WHERE p.tenant_id = ${tenantId} AND p.state = 'halted') AS "plansHalted",
          (SELECT count(*)::integer FROM plan_items i
           JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
           WHERE i.tenant_id = ${tenantId} AND i.stage IN ('announced', 'quarantined', 'silenced', 'deleting')
             AND i.deletion_due_at <= ${soon} AND p.goal = 'deletion' AND p.state = 'approved') AS "deletionsDue",
          (SELECT count(*)::integer FROM accounts a
           WHERE a.tenant_id = ${tenantId} AND a.status = 'owned' AND ${coverage} IN ('no_access', 'failed')) AS "accountsNotRead"`,
  );
  return row ?? { plansWaiting: 0, plansHalted: 0, deletionsDue: 0, accountsNotRead: 0 };
}
