import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { badInput, notFound, unreachable } from '../errors';
import { fetchGroups, type Groups } from '../grouping';
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
  type SortKey,
} from '../paging';
import { IDENTITIES, IDENTITY_COLUMNS, identityConditions, type IdentityFilter, type IdentityRow } from './identity';

export const IDENTITY_ORDERS = ['NAME_ASC', 'IDLE_DAYS_DESC', 'CREATED_AT_DESC'] as const;
export type IdentityOrder = (typeof IDENTITY_ORDERS)[number];

export const IDENTITY_GROUPS = ['USER', 'USER_NAME', 'ACCOUNT', 'KIND', 'OU', 'TENANT', 'PATH'] as const;
export type IdentityGroup = (typeof IDENTITY_GROUPS)[number];

const LOOKUP_LIMIT = 50;

/** Reading the inventory, for a tenant or (platform people) across tenants. */
@Injectable()
export class IdentityQueries {
  async page(reader: Reader, filter: IdentityFilter, order: IdentityOrder, args: PageArgs): Promise<Page<IdentityRow>> {
    return fetchPage(reader.manager, listing(reader, filter, order), args);
  }

  async count(reader: Reader, filter: IdentityFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter, 'NAME_ASC'));
  }

  /** Counts what matches, by group; straight from the inventory, at any threshold. */
  async groups(reader: Reader, filter: IdentityFilter, by: IdentityGroup, first?: number): Promise<Groups> {
    const { where } = listing(reader, filter, 'NAME_ASC');
    const from = sql`${IDENTITIES} JOIN tenants t ON t.id = i.tenant_id`;
    return fetchGroups(reader.manager, { from, where, ...groupBy(by) }, first);
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<IdentityRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The identity');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<IdentityRow[]> {
    return this.where(reader, [sql`i.id = ANY (${ids}::uuid[])`]);
  }

  /** Passwords and keys of these users, what is gone left out. */
  async credentialsOf(reader: Reader, userIds: readonly string[]): Promise<IdentityRow[]> {
    return this.where(reader, [sql`i.owner_id = ANY (${userIds}::uuid[])`, sql`i.gone_at IS NULL`]);
  }

  async tagsOf(reader: Reader, ids: readonly string[]): Promise<{ identity_id: string; key: string; value: string }[]> {
    return run(
      reader.manager,
      sql`SELECT g.identity_id, g.key, g.value FROM identity_tags g
          WHERE ${ofTenant(reader, 'g.tenant_id')} AND g.identity_id = ANY (${ids}::uuid[]) ORDER BY g.key`,
    );
  }

  /** What this text is: an access key id, a unique id, an ARN, or a name. Identities that are gone come last. */
  async lookup(reader: Reader, text: string): Promise<IdentityRow[]> {
    const wanted = text.trim();
    if (wanted === '') throw badInput('text: give an access key id, a unique id, an ARN or a name.');
    return run(
      reader.manager,
      sql`SELECT ${IDENTITY_COLUMNS} FROM ${IDENTITIES}
          ${conditions([ofTenant(reader, 'i.tenant_id'), meaning(wanted)])}
          ORDER BY i.gone_at IS NOT NULL, i.name, i.kind, i.id LIMIT ${LOOKUP_LIMIT}`,
    );
  }

  private async where(reader: Reader, where: readonly Sql[]): Promise<IdentityRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${IDENTITY_COLUMNS} FROM ${IDENTITIES} ${conditions([ofTenant(reader, 'i.tenant_id'), ...where])} ORDER BY i.id`,
    );
  }
}

function meaning(text: string): Sql {
  if (/^AKIA[A-Z0-9]{12,}$/.test(text)) return sql`i.access_key_id = ${text}`;
  if (/^A(IDA|ROA)[A-Z0-9]{12,}$/.test(text)) return sql`i.unique_id = ${text} AND i.kind IN ('user', 'role')`;
  if (text.startsWith('arn:')) return sql`i.arn = ${text} AND i.kind IN ('user', 'role')`;
  return sql`i.name = ${text} AND i.kind IN ('user', 'role')`;
}

const listing = (reader: Reader, filter: IdentityFilter, order: IdentityOrder): Listing => ({
  select: IDENTITY_COLUMNS,
  from: IDENTITIES,
  where: [ofTenant(reader, 'i.tenant_id'), ...identityConditions(filter)],
  sort: [...sortKeys(order), { by: sql`i.id`, type: 'uuid', descending: false }],
});

function sortKeys(order: IdentityOrder): SortKey[] {
  switch (order) {
    case 'NAME_ASC':
      return [{ by: sql`i.name`, type: 'text', descending: false }];
    case 'IDLE_DAYS_DESC':
      return [{ by: idleOrder, type: 'timestamptz', descending: false }];
    case 'CREATED_AT_DESC':
      return [{ by: sql`coalesce(i.born_at, '-infinity')`, type: 'timestamptz', descending: true }];
    default:
      return unreachable(order);
  }
}

/** Idle for longer than AWS's records reach sorts as the longest ago, unknown last. */
const idleOrder = sql`coalesce(i.idle_since, CASE WHEN i.last_used_state = 'before-tracking' THEN '-infinity'::timestamptz ELSE 'infinity' END)`;

function groupBy(by: IdentityGroup): { key: Sql; label: Sql } {
  switch (by) {
    case 'USER':
      return { key: sql`CASE WHEN i.kind <> 'role' THEN i.arn END`, label: sql`i.user_name` };
    case 'USER_NAME':
      return { key: sql`i.user_name`, label: sql`i.user_name` };
    case 'ACCOUNT':
      return { key: sql`a.aws_account_id`, label: sql`a.name` };
    case 'KIND':
      return { key: sql`i.kind`, label: sql`i.kind` };
    case 'OU':
      return { key: sql`a.ou_path`, label: sql`a.ou_path` };
    case 'TENANT':
      return { key: sql`i.tenant_id::text`, label: sql`t.name` };
    case 'PATH':
      return { key: sql`i.path`, label: sql`i.path` };
    default:
      return unreachable(by);
  }
}
