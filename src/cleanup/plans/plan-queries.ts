import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import { notFound } from '../../errors';
import {
  conditions,
  countOf,
  fetchPage,
  ofTenant,
  run,
  type Listing,
  type Page,
  type PageArgs,
  type Reader,
} from '../../paging';
import type { PlanMode, PlanState, Stage } from '../items/plan-item';
import type { PlanRow } from './plan';

export interface PlanFilter {
  readonly states?: readonly PlanState[] | null;
  readonly modes?: readonly PlanMode[] | null;
  readonly dryRun?: boolean | null;
  /** Made by the policy of this name. */
  readonly policy?: string | null;
  /** Holding an item in one of these accounts (our ids). */
  readonly accountIds?: readonly string[] | null;
  /** In its title, its note, or in who made it; without regard to case. */
  readonly text?: string | null;
  /** Made at or after. */
  readonly from?: Date | null;
  /** Made before. */
  readonly to?: Date | null;
}

export interface ApprovalRow {
  tenant_id: string;
  id: string;
  plan_id: string;
  manifest_hash: string;
  decision: 'approved' | 'refused';
  decided_by: string;
  stands_for: string;
  scope: 'tenant' | 'platform' | 'policy';
  note: string | null;
  at: Date;
}

export interface PlanEvent {
  id: string;
  plan_id: string;
  object_type: string;
  object_id: string;
  type: string;
  at: Date;
  data: Record<string, unknown>;
}

/** Reading plans, for a tenant or (platform people) across tenants. */
@Injectable()
export class PlanQueries {
  /** The newest first. */
  async page(reader: Reader, filter: PlanFilter, args: PageArgs): Promise<Page<PlanRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: PlanFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<PlanRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The plan');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<PlanRow[]> {
    return run(
      reader.manager,
      sql`SELECT p.* FROM plans p WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.id = ANY (${ids}::uuid[])`,
    );
  }

  /** Decisions about these plans, the oldest first. */
  async approvals(reader: Reader, planIds: readonly string[]): Promise<ApprovalRow[]> {
    return run(
      reader.manager,
      sql`SELECT d.* FROM plan_approvals d
          ${conditions([ofTenant(reader, 'd.tenant_id'), sql`d.plan_id = ANY (${planIds}::uuid[])`])} ORDER BY d.at, d.id`,
    );
  }

  /** How many items of each plan are in which stage; a stage without any is left out. */
  async stageCounts(
    reader: Reader,
    planIds: readonly string[],
  ): Promise<{ plan_id: string; stage: Stage; count: number }[]> {
    return run(
      reader.manager,
      sql`SELECT i.plan_id, i.stage, count(*)::integer AS count FROM plan_items i
          ${conditions([ofTenant(reader, 'i.tenant_id'), sql`i.plan_id = ANY (${planIds}::uuid[])`])} GROUP BY 1, 2`,
    );
  }

  /** What has happened to each plan and its items, the newest last; at most the last `most` of each plan. */
  async history(reader: Reader, planIds: readonly string[], most = 200): Promise<PlanEvent[]> {
    return run(
      reader.manager,
      sql`SELECT h.* FROM unnest(${planIds}::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
            SELECT e.id, wanted.id AS plan_id, e.object_type, e.object_id, e.type, e.at, e.data FROM events e
            WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.object_type = 'plan' AND e.object_id = wanted.id::text
            ORDER BY e.at DESC, e.id DESC LIMIT ${most}
          ) h ORDER BY h.at, h.id`,
    );
  }
}

const listing = (reader: Reader, filter: PlanFilter): Listing => ({
  select: sql`p.*`,
  from: sql`plans p`,
  where: [ofTenant(reader, 'p.tenant_id'), ...planConditions(filter)],
  sort: [
    { by: sql`p.created_at`, type: 'timestamptz', descending: true },
    { by: sql`p.id`, type: 'uuid', descending: true },
  ],
});

function planConditions({ states, modes, dryRun, policy, accountIds, text, from, to }: PlanFilter): Sql[] {
  const where: Sql[] = [];
  if (states != null) where.push(sql`p.state = ANY (${nonEmpty(states, 'filter.state')}::text[])`);
  if (modes != null) where.push(sql`p.mode = ANY (${nonEmpty(modes, 'filter.mode')}::text[])`);
  if (dryRun != null) where.push(sql`p.dry_run = ${dryRun}`);
  if (policy != null) where.push(sql`p.policy_name = ${policy}`);
  if (accountIds != null) {
    where.push(sql`EXISTS (SELECT 1 FROM plan_items i WHERE i.tenant_id = p.tenant_id AND i.plan_id = p.id
      AND i.account_id = ANY (${nonEmpty(accountIds, 'filter.accountIds')}::uuid[]))`);
  }
  if (text != null) {
    where.push(sql`position(lower(${text}) in lower(concat_ws(' ', p.title, p.note, p.made_by))) > 0`);
  }
  if (from != null) where.push(sql`p.created_at >= ${from}`);
  if (to != null) where.push(sql`p.created_at < ${to}`);
  return where;
}
