import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../../../clock';
import { run } from '../../../paging';
import { isAutomatic } from '../../automatic/automatic-agreements.service';
import { lockRoom } from '../../automatic/automatic-room';
import { capOf } from '../../automatic/caps';
import type { DueItem } from '../../items/due-item';
import { COURSES, type Course } from '../../items/plan-item';
import { KIND_OF, type Share } from '../../plans/plan';
import type { CleanupRules } from '../../rules/cleanup-rules';
import type { Refusal } from '../../steps';

export interface CapReached {
  readonly until: Date;
  readonly why: Refusal;
  /** Which of the account's waiting items it stops as well. */
  readonly stops: 'plan' | 'kind' | 'account';
}

/** An execution that has begun as many items as it may is followed by another one, so soon. */
const NEXT_EXECUTION_MS = 15 * 60_000;

const coursesOf = (kind: Share['kind']): Course[] => COURSES.filter((course) => KIND_OF[course] === kind);

/** How many items may be begun. Asked in the transaction that begins one, under locks: so a cap holds exactly. */
@Injectable()
export class Caps {
  /** Null: it may. The caller writes `began_at` in the same transaction. */
  async reached(
    manager: EntityManager,
    item: DueItem,
    { rules, at, executionId }: { readonly rules: CleanupRules; readonly at: Date; readonly executionId: string },
  ): Promise<CapReached | null> {
    if (isAutomatic(item.plan_mode)) return this.ofAutomatic(manager, item, rules.automatic, at);
    const inExecution = await count(
      manager,
      sql`SELECT count(*)::int AS count FROM plan_items i WHERE i.tenant_id = ${item.tenant_id}
          AND i.account_id = ${item.account_id} AND i.began_at IS NOT NULL AND i.execution_id = ${executionId}`,
    );
    if (inExecution >= rules.approved.perExecution) {
      const reason = `This execution has begun ${rules.approved.perExecution} items of the account, as many as one may.`;
      return cap('account', new Date(at.getTime() + NEXT_EXECUTION_MS), reason);
    }
    return this.ofPlan(manager, item, rules.approved.perPlanAndDay, at);
  }

  private async ofPlan(manager: EntityManager, item: DueItem, perDay: number, at: Date): Promise<CapReached | null> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('clean-up caps ' || $1::text, 0))`, [
      item.plan_id,
    ]);
    const day = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
    const begun = await count(
      manager,
      sql`SELECT count(*)::int AS count FROM plan_items i
          WHERE i.tenant_id = ${item.tenant_id} AND i.plan_id = ${item.plan_id} AND i.began_at >= ${day}`,
    );
    if (begun < perDay) return null;
    return cap(
      'plan',
      new Date(day.getTime() + DAY_MS),
      `The plan has begun ${perDay} items today, as many as it may.`,
    );
  }

  private async ofAutomatic(
    manager: EntityManager,
    item: DueItem,
    rules: CleanupRules['automatic'],
    at: Date,
  ): Promise<CapReached | null> {
    await lockRoom(manager, item.account_id);
    const kind = KIND_OF[item.course];
    const since = new Date(at.getTime() - rules.days * DAY_MS);
    const identities = await count(
      manager,
      sql`SELECT count(*)::int AS count FROM identities WHERE tenant_id = ${item.tenant_id}
          AND account_id = ${item.account_id} AND kind = ${kind} AND gone_at IS NULL`,
    );
    const [row] = await run<{ count: number; first: Date | null }>(
      manager,
      sql`SELECT count(*)::int AS count, min(i.began_at) AS first
          FROM plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
          WHERE i.tenant_id = ${item.tenant_id} AND i.account_id = ${item.account_id} AND i.began_at > ${since}
            AND i.course = ANY (${coursesOf(kind)}::text[]) AND p.mode IN ('automatic-quarantine', 'automatic-deletion')`,
    );
    const most = capOf(rules, identities);
    if ((row?.count ?? 0) < most) return null;
    const until = new Date((row?.first ?? at).getTime() + rules.days * DAY_MS);
    const reason = `Policies have put away ${most} of the account’s ${kind}s by themselves in ${rules.days} days, as many as they may.`;
    return cap('kind', until > at ? until : new Date(at.getTime() + DAY_MS), reason);
  }

  /** Those of the account that the same cap stops, in one statement instead of one turn each. */
  async putOff(manager: EntityManager, item: DueItem, { stops, until, why }: CapReached): Promise<void> {
    const [courses, automatic] = [coursesOf(KIND_OF[item.course]), isAutomatic(item.plan_mode)];
    const which = {
      plan: sql`i.plan_id = ${item.plan_id}`,
      kind: sql`i.course = ANY (${courses}::text[])`,
      account: sql`true`,
    }[stops];
    await run(
      manager,
      sql`UPDATE plan_items i SET next_at = ${until}, code = ${why.code}, reason = ${why.reason}, remedy = ${why.remedy}
          FROM plans p WHERE p.tenant_id = i.tenant_id AND p.id = i.plan_id AND NOT p.dry_run
            AND i.tenant_id = ${item.tenant_id} AND i.account_id = ${item.account_id} AND i.stage = 'waiting'
            AND i.next_at < ${until} AND (p.mode IN ('automatic-quarantine', 'automatic-deletion')) = ${automatic} AND ${which}`,
    );
  }
}

async function count(manager: EntityManager, query: ReturnType<typeof sql>): Promise<number> {
  const [row] = await run<{ count: number }>(manager, query);
  return row?.count ?? 0;
}

const cap = (stops: CapReached['stops'], until: Date, reason: string): CapReached => ({
  stops,
  until,
  why: {
    code: 'CAP_REACHED',
    reason,
    remedy: `Nothing: it goes on from ${until.toISOString()} under the same approval.`,
  },
});
