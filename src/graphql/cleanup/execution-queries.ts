import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../../paging';
import type { Batch } from '../core/request-context';
import { Execution, type ExecutionRow } from './execution.type';

export interface ExecutionFilter {
  readonly accountIds?: readonly string[] | null;
  readonly planId?: string | null;
  readonly from?: Date | null;
  /** Exclusive. */
  readonly to?: Date | null;
}

const COLUMNS = sql`x.tenant_id, x.id, x.account_id, x.aws_account_id, x.purpose, x.began_at, x.ended_at, x.outcome, x.reason,
  x.aws_calls`;

/** Reading the runs over accounts. */
@Injectable()
export class ExecutionQueries {
  /** The newest first. */
  async page(reader: Reader, filter: ExecutionFilter, args: PageArgs): Promise<Page<ExecutionRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: ExecutionFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<ExecutionRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${COLUMNS} FROM executions x WHERE ${ofTenant(reader, 'x.tenant_id')} AND x.id = ANY (${ids}::uuid[])`,
    );
  }
}

@Injectable()
export class ExecutionById implements Batch<string, Execution | null> {
  constructor(private readonly executions: ExecutionQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Execution | null)[]> {
    const rows = new Map((await this.executions.byIds(reader, ids)).map((row) => [row.id, new Execution(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

function listing(reader: Reader, { accountIds, planId, from, to }: ExecutionFilter): Listing {
  const where = [ofTenant(reader, 'x.tenant_id')];
  if (accountIds != null) where.push(sql`x.account_id = ANY (${nonEmpty(accountIds, 'filter.accounts')}::uuid[])`);
  if (from != null) where.push(sql`x.began_at >= ${from}`);
  if (to != null) where.push(sql`x.began_at < ${to}`);
  if (planId != null) {
    where.push(sql`x.id IN (SELECT s.execution_id FROM plan_items i
      JOIN item_steps s ON s.tenant_id = i.tenant_id AND s.item_id = i.id
      WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.plan_id = ${planId})`);
  }
  return {
    select: COLUMNS,
    from: sql`executions x`,
    where,
    sort: [
      { by: sql`x.began_at`, type: 'timestamptz', descending: true },
      { by: sql`x.id`, type: 'uuid', descending: true },
    ],
  };
}
