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
import type { Course, PlanItemRow, Stage } from '../items/plan-item';

export interface PlanItemFilter {
  readonly planId?: string | null;
  readonly stages?: readonly Stage[] | null;
  readonly courses?: readonly Course[] | null;
  /** Came to its stage at or after. */
  readonly from?: Date | null;
  /** Came to its stage before. */
  readonly to?: Date | null;
  readonly accountId?: string | null;
  readonly identityId?: string | null;
  /** In the name, ARN, unique id or key id; without regard to case. */
  readonly text?: string | null;
  /** Refusals and halts of one of these codes: `EXEMPT`, `USED_SINCE`. */
  readonly codes?: readonly string[] | null;
  /** Of one of these checks. */
  readonly checkIds?: readonly string[] | null;
  /** Of plans that change something, or of dry runs. */
  readonly dryRun?: boolean | null;
}

/** NEWEST: what changed last first. POSITION: in the plan's own order (of one plan). */
export const PLAN_ITEM_ORDERS = ['NEWEST', 'POSITION'] as const;
export type PlanItemOrder = (typeof PLAN_ITEM_ORDERS)[number];

/** A row of `item_steps`. */
export interface ItemStepRow {
  tenant_id: string;
  id: string;
  item_id: string;
  execution_id: string;
  purpose: 'quarantine' | 'silence' | 'deletion' | 'return' | 're-creation' | 'repair';
  action: string;
  request: Record<string, unknown>;
  rehearsed: boolean;
  intended_at: Date;
  outcome: 'done' | 'already' | 'refused' | 'failed' | 'unanswered' | null;
  aws_request_id: string | null;
  error_code: string | null;
  error_message: string | null;
  answered_at: Date | null;
}

/** Reading plans' items, for a tenant or (platform people) across tenants. */
@Injectable()
export class PlanItemQueries {
  async page(reader: Reader, filter: PlanItemFilter, order: PlanItemOrder, args: PageArgs): Promise<Page<PlanItemRow>> {
    return fetchPage(reader.manager, listing(reader, filter, order), args);
  }

  async count(reader: Reader, filter: PlanItemFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter, 'NEWEST'));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<PlanItemRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The item');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<PlanItemRow[]> {
    return run(
      reader.manager,
      sql`SELECT i.* FROM plan_items i WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.id = ANY (${ids}::uuid[])`,
    );
  }

  /** Items of these identities in any plan, the newest first. */
  async ofIdentities(reader: Reader, identityIds: readonly string[]): Promise<PlanItemRow[]> {
    return run(
      reader.manager,
      sql`SELECT i.* FROM plan_items i
          ${conditions([ofTenant(reader, 'i.tenant_id'), sql`i.identity_id = ANY (${identityIds}::uuid[])`])}
          ORDER BY i.stage_at DESC, i.id DESC`,
    );
  }

  /** What was sent to AWS, or would have been, for each item, in order. */
  async steps(reader: Reader, itemIds: readonly string[]): Promise<ItemStepRow[]> {
    return run(
      reader.manager,
      sql`SELECT s.* FROM item_steps s
          ${conditions([ofTenant(reader, 's.tenant_id'), sql`s.item_id = ANY (${itemIds}::uuid[])`])}
          ORDER BY s.intended_at, s.id`,
    );
  }
}

const listing = (reader: Reader, filter: PlanItemFilter, order: PlanItemOrder): Listing => ({
  select: sql`i.*`,
  from: sql`plan_items i`,
  where: [ofTenant(reader, 'i.tenant_id'), ...itemConditions(filter)],
  sort:
    order === 'POSITION'
      ? [
          { by: sql`i.position`, type: 'integer', descending: false },
          { by: sql`i.id`, type: 'uuid', descending: false },
        ]
      : [
          { by: sql`i.stage_at`, type: 'timestamptz', descending: true },
          { by: sql`i.id`, type: 'uuid', descending: true },
        ],
});

function itemConditions(filter: PlanItemFilter): Sql[] {
  const { planId, stages, courses, from, to, accountId, identityId, text, codes, checkIds, dryRun } = filter;
  const where: Sql[] = [];
  if (planId != null) where.push(sql`i.plan_id = ${planId}`);
  if (stages != null) where.push(sql`i.stage = ANY (${nonEmpty(stages, 'filter.outcome')}::text[])`);
  if (courses != null) where.push(sql`i.course = ANY (${nonEmpty(courses, 'filter.course')}::text[])`);
  if (from != null) where.push(sql`i.stage_at >= ${from}`);
  if (to != null) where.push(sql`i.stage_at < ${to}`);
  if (accountId != null) where.push(sql`i.account_id = ${accountId}`);
  if (identityId != null) where.push(sql`i.identity_id = ${identityId}`);
  if (codes != null) where.push(sql`i.code = ANY (${nonEmpty(codes, 'filter.code')}::text[])`);
  if (checkIds != null) where.push(sql`i.check_ids && ${nonEmpty(checkIds, 'filter.check')}::text[]`);
  if (text != null) {
    where.push(
      sql`position(lower(${text}) in lower(concat_ws(' ', i.path || i.name, i.arn, i.principal_id, i.access_key_id))) > 0`,
    );
  }
  if (dryRun != null) {
    where.push(sql`EXISTS (SELECT 1 FROM plans p WHERE p.tenant_id = i.tenant_id AND p.id = i.plan_id
      AND p.dry_run = ${dryRun})`);
  }
  return where;
}
