import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../accounts/account-queries';
import { countOf, fetchPage, ofTenant, type Listing, type Page, type PageArgs, type Reader } from '../paging';
import type { UnknownRow } from './finding';
import type { CheckId } from './policy';

export interface UnknownFilter {
  readonly accountIds?: readonly string[] | null;
  readonly checkIds?: readonly CheckId[] | null;
}

/** Verdicts that could not be given, with the reason: shown, and never acted on. */
@Injectable()
export class UnknownQueries {
  async page(reader: Reader, filter: UnknownFilter, args: PageArgs): Promise<Page<UnknownRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: UnknownFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }
}

function listing(reader: Reader, filter: UnknownFilter): Listing {
  const where: Sql[] = [ofTenant(reader, 'n.tenant_id')];
  if (filter.accountIds != null)
    where.push(sql`n.account_id = ANY (${nonEmpty(filter.accountIds, 'accountIds')}::uuid[])`);
  if (filter.checkIds != null) where.push(sql`n.check_id = ANY (${nonEmpty(filter.checkIds, 'check')}::text[])`);
  return {
    select: sql`n.tenant_id, n.account_id, n.identity_id, n.check_id, n.reason, n.since`,
    from: sql`unknown_verdicts n`,
    where,
    sort: [
      { by: sql`n.identity_id`, type: 'uuid', descending: false },
      { by: sql`n.check_id`, type: 'text', descending: false },
    ],
  };
}
