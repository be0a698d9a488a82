import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../../clock';
import type { CheckId } from '../../findings/policy';
import { run } from '../../paging';
import { AT_WORK } from '../items/plan-item';
import type { AccountOf } from './automatic-room';

/** An open finding that no plan stands in the way of. */
export interface Candidate {
  readonly id: string;
  readonly check_id: CheckId;
  readonly policy_name: string;
  readonly policy_version: number;
  /** Null: longer ago than AWS remembers. */
  readonly idle_since: Date | null;
  /** A plan that only quarantines, and that a policy made by itself, holds it. */
  readonly quarantined_by_policy: boolean;
}

/** What people said no to, or had given back, is left alone for so long. */
const RESPECT_DAYS = 30;
/** What did not stand a fresh look is not tried again before the next day; nor is what was only rehearsed. */
const TRY_AGAIN_DAYS = 1;

/** Of items `t` and plans `p`: it is in another plan at the moment, or was lately. */
const standsInTheWay = (now: Date, dryRun: boolean): Sql => {
  const daysAgo = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  return sql`(
    (t.stage = 'waiting' AND p.state IN ('proposed', 'approved', 'halted'))
    OR (t.stage = ANY (${[...AT_WORK]}::text[])
      AND NOT (t.stage IN ('announced', 'quarantined') AND p.goal = 'quarantine' AND p.mode = 'automatic-quarantine'))
    OR (t.stage <> 'refused' AND p.state IN ('refused', 'cancelled') AND p.state_changed_at > ${daysAgo(RESPECT_DAYS)})
    OR (t.stage IN ('restored', 'recreated') AND t.ended_at > ${daysAgo(RESPECT_DAYS)})
    OR (t.stage = 'dropped' AND t.ended_at > ${daysAgo(TRY_AGAIN_DAYS)})
    OR (${dryRun} AND t.stage = 'rehearsed' AND t.ended_at > ${daysAgo(TRY_AGAIN_DAYS)}))`;
};

/** Those of an account, what has been idle the longest first. A credential's plans and its user's count for each other. */
export const candidatesIn = (
  manager: EntityManager,
  { tenantId, accountId }: AccountOf,
  { now, dryRun }: { readonly now: Date; readonly dryRun: boolean },
): Promise<Candidate[]> =>
  run<Candidate>(
    manager,
    sql`SELECT f.id, f.check_id, f.policy_name, f.policy_version, f.idle_since,
          EXISTS (SELECT 1 FROM plan_items t WHERE t.tenant_id = f.tenant_id AND t.identity_id = i.id
            AND t.stage IN ('announced', 'quarantined')) AS quarantined_by_policy
        FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
        WHERE f.tenant_id = ${tenantId} AND f.account_id = ${accountId} AND f.status = 'open' AND i.gone_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM plan_items t JOIN plans p ON p.tenant_id = t.tenant_id AND p.id = t.plan_id
            WHERE t.tenant_id = f.tenant_id AND t.identity_id IN (i.id, i.owner_id)
              AND ${standsInTheWay(now, dryRun)})
        ORDER BY f.idle_since NULLS FIRST, f.id`,
  );
