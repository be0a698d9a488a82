import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import { notFound } from '../../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../../paging';
import type { Batch } from '../core/request-context';
import { Task, type TaskRow, type TaskState } from './task.type';

export interface TaskFilter {
  readonly states?: readonly TaskState[] | null;
  readonly kinds?: readonly string[] | null;
}

const COLUMNS: Sql = sql`k.tenant_id, k.id, k.kind, k.state, k.attempts, k.error_code, k.error_message, k.due_at, k.created_at,
  k.started_at, k.finished_at`;

/** Reading tasks, for people who look why something has not happened. */
@Injectable()
export class TaskQueries {
  async page(reader: Reader, filter: TaskFilter, args: PageArgs): Promise<Page<TaskRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: TaskFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<TaskRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The task');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<TaskRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${COLUMNS} FROM tasks k WHERE ${ofTenant(reader, 'k.tenant_id')} AND k.id = ANY (${ids}::uuid[])`,
    );
  }
}

@Injectable()
export class TaskById implements Batch<string, Task | null> {
  constructor(private readonly queries: TaskQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Task | null)[]> {
    const rows = new Map((await this.queries.byIds(reader, ids)).map((row) => [row.id, new Task(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

function listing(reader: Reader, filter: TaskFilter): Listing {
  const where = [ofTenant(reader, 'k.tenant_id')];
  if (filter.states != null) where.push(sql`k.state = ANY (${nonEmpty(filter.states, 'filter.state')}::text[])`);
  if (filter.kinds != null) where.push(sql`k.kind = ANY (${nonEmpty(filter.kinds, 'filter.kind')}::text[])`);
  // Ids are in the order of time.
  return { select: COLUMNS, from: sql`tasks k`, where, sort: [{ by: sql`k.id`, type: 'uuid', descending: true }] };
}
