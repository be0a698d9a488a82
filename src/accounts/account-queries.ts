import { Injectable } from '@nestjs/common';
import sql, { join, type Sql } from 'sql-template-tag';
import { badInput, notFound } from '../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../paging';
import { ACCOUNT_COLUMNS, coverage, type AccountRow, type Coverage } from './account';

export interface AccountFilter {
  /** Our ids. */
  readonly ids?: readonly string[] | null;
  readonly coverage?: readonly Coverage[] | null;
  readonly awsAccountIds?: readonly string[] | null;
  readonly nameContains?: string | null;
  readonly organizationId?: string | null;
  /** A path of organizational units, with everything below it: `/Workloads`. */
  readonly ouPath?: string | null;
  readonly tag?: { readonly key: string; readonly value?: string | null } | null;
}

/** Reading accounts, for a tenant or (platform people) across tenants. */
@Injectable()
export class AccountQueries {
  async page(reader: Reader, filter: AccountFilter, args: PageArgs): Promise<Page<AccountRow>> {
    return fetchPage(reader.manager, this.listing(reader, filter), args);
  }

  async count(reader: Reader, filter: AccountFilter): Promise<number> {
    return countOf(reader.manager, this.listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<AccountRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The account');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<AccountRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${ACCOUNT_COLUMNS} FROM accounts a WHERE ${ofTenant(reader, 'a.tenant_id')} AND a.id = ANY (${ids}::uuid[])`,
    );
  }

  private listing(reader: Reader, filter: AccountFilter): Listing {
    return {
      select: ACCOUNT_COLUMNS,
      from: sql`accounts a`,
      where: [ofTenant(reader, 'a.tenant_id'), ...accountConditions(filter)],
      sort: [
        { by: sql`a.name`, type: 'text', descending: false },
        { by: sql`a.id`, type: 'uuid', descending: false },
      ],
    };
  }
}

/** Conditions on accounts `a`. Throws BAD_INPUT for an empty list, which would match nothing or, worse, be read as "all". */
export function accountConditions(filter: AccountFilter): Sql[] {
  const where: Sql[] = [];
  if (filter.ids != null) where.push(sql`a.id = ANY (${nonEmpty(filter.ids, 'ids')}::uuid[])`);
  if (filter.coverage != null) where.push(sql`${coverage} = ANY (${nonEmpty(filter.coverage, 'coverage')}::text[])`);
  if (filter.awsAccountIds != null) {
    where.push(sql`a.aws_account_id = ANY (${nonEmpty(filter.awsAccountIds, 'awsAccountIds')}::text[])`);
  }
  if (filter.nameContains != null) where.push(sql`position(lower(${filter.nameContains}) in lower(a.name)) > 0`);
  if (filter.organizationId != null) where.push(sql`a.organization_id = ${filter.organizationId}`);
  if (filter.ouPath != null) where.push(underOu(filter.ouPath));
  if (filter.tag != null) {
    const { key, value } = filter.tag;
    where.push(value == null ? sql`jsonb_exists(a.tags, ${key})` : sql`a.tags ->> ${key} = ${value}`);
  }
  return where;
}

/** Of accounts `a`: in this organizational unit or below it. */
export function underOu(path: string): Sql {
  const trimmed = path.replace(/\/+$/, '');
  if (!path.startsWith('/')) throw badInput(`ouPath: "${path}" must begin with "/", for example "/Workloads/Prod".`);
  return sql`(${join([sql`a.ou_path = ${trimmed || '/'}`, sql`starts_with(a.ou_path, ${`${trimmed}/`})`], ' OR ')})`;
}

export function nonEmpty<T>(list: readonly T[], field: string): readonly T[] {
  if (list.length === 0) throw badInput(`${field}: the list is empty. Leave the field out to mean "any".`);
  return list;
}
