import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { nonEmpty } from '../accounts/account-queries';
import { notFound } from '../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../paging';
import { SCAN_COLUMNS, type ScanOutcome, type ScanRow, type ScanState } from './scan';

export interface ScanFilter {
  readonly accountIds?: readonly string[] | null;
  readonly sweepId?: string | null;
  readonly states?: readonly ScanState[] | null;
  readonly outcomes?: readonly ScanOutcome[] | null;
}

/** Reading scans, the newest first. */
@Injectable()
export class ScanQueries {
  async page(reader: Reader, filter: ScanFilter, args: PageArgs): Promise<Page<ScanRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: ScanFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<ScanRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The scan');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<ScanRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${SCAN_COLUMNS} FROM scans s WHERE ${ofTenant(reader, 's.tenant_id')} AND s.id = ANY (${ids}::uuid[])`,
    );
  }
}

function listing(reader: Reader, filter: ScanFilter): Listing {
  const where = [ofTenant(reader, 's.tenant_id')];
  if (filter.accountIds != null)
    where.push(sql`s.account_id = ANY (${nonEmpty(filter.accountIds, 'accountIds')}::uuid[])`);
  if (filter.states != null) where.push(sql`s.state = ANY (${nonEmpty(filter.states, 'state')}::text[])`);
  if (filter.outcomes != null) where.push(sql`s.outcome = ANY (${nonEmpty(filter.outcomes, 'outcome')}::text[])`);
  if (filter.sweepId != null) {
    where.push(sql`EXISTS (SELECT 1 FROM sweep_scans x WHERE x.tenant_id = s.tenant_id AND x.scan_id = s.id
                           AND x.sweep_id = ${filter.sweepId})`);
  }
  return {
    select: SCAN_COLUMNS,
    from: sql`scans s`,
    where,
    sort: [
      { by: sql`s.created_at`, type: 'timestamptz', descending: true },
      { by: sql`s.id`, type: 'uuid', descending: true },
    ],
  };
}
