import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { run } from '../paging';
import {
  type PrincipalRow,
  type RoleDetail,
  type StoredRole,
  type StoredUser,
  toRole,
  toUser,
  type UserRow,
} from './stored-inventory';

export interface AccountOf {
  readonly tenantId: string;
  readonly accountId: string;
}

const PAGE = 1_000;

/** Gives the stored inventory in the form that checks judge, page by page. What is gone is left out. */
@Injectable()
export class InventoryReader {
  async *users(manager: EntityManager, of: AccountOf): AsyncGenerator<StoredUser[]> {
    yield* pages((after) =>
      this.readUsers(manager, of.tenantId, sql`u.account_id = ${of.accountId} AND u.id > ${after}`),
    );
  }

  async *roles(manager: EntityManager, of: AccountOf): AsyncGenerator<StoredRole[]> {
    yield* pages((after) =>
      this.readRoles(manager, of.tenantId, sql`r.account_id = ${of.accountId} AND r.id > ${after}`),
    );
  }

  /** Those that IAM itself was asked about after `since`. */
  async usersLookedAt(manager: EntityManager, of: AccountOf, since: Date): Promise<StoredUser[]> {
    const which = (after: string): Sql =>
      sql`u.account_id = ${of.accountId} AND u.looked_at > ${since} AND u.id > ${after}`;
    const found: StoredUser[] = [];
    for await (const page of pages((after) => this.readUsers(manager, of.tenantId, which(after)))) found.push(...page);
    return found;
  }

  async usersById(manager: EntityManager, tenantId: string, ids: readonly string[]): Promise<StoredUser[]> {
    return inChunks(ids, (chunk) => this.readUsers(manager, tenantId, sql`u.id = ANY (${chunk}::uuid[])`));
  }

  async rolesById(manager: EntityManager, tenantId: string, ids: readonly string[]): Promise<StoredRole[]> {
    return inChunks(ids, (chunk) => this.readRoles(manager, tenantId, sql`r.id = ANY (${chunk}::uuid[])`));
  }

  private async readUsers(manager: EntityManager, tenantId: string, which: Sql): Promise<StoredUser[]> {
    const rows = await run<UserRow>(
      manager,
      // The credentials of the whole page at once: user by user, a planner without statistics (a first scan) may read
      // the tenant's identities again for each.
      sql`WITH page AS MATERIALIZED (
            SELECT u.id, u.arn, u.unique_id, u.name, u.path, u.is_root, u.born_at, u.credentials_unknown, u.other_credentials,
              u.other_credentials_at, u.other_credentials_problem, u.detail, ${tagsOf('u')} AS tags
            FROM identities u
            WHERE u.tenant_id = ${tenantId} AND u.kind = 'user' AND u.gone_at IS NULL AND ${which}
            ORDER BY u.id LIMIT ${PAGE}
          ), owned AS MATERIALIZED (
            SELECT owner_id, jsonb_agg(to_jsonb(c.*) - 'owner_id' ORDER BY c.natural_key) AS credentials FROM (
              SELECT owner_id, id, kind, natural_key, active, born_at, access_key_id, inactive_since, key_id_asked_at, detail
              FROM identities WHERE tenant_id = ${tenantId} AND owner_id = ANY (ARRAY (SELECT id FROM page)) AND gone_at IS NULL
            ) c GROUP BY owner_id
          )
          SELECT page.*, coalesce(owned.credentials, '[]') AS credentials
          FROM page LEFT JOIN owned ON owned.owner_id = page.id ORDER BY page.id`,
    );
    return rows.map(toUser);
  }

  private async readRoles(manager: EntityManager, tenantId: string, which: Sql): Promise<StoredRole[]> {
    const rows = await run<PrincipalRow & { detail: RoleDetail }>(
      manager,
      sql`SELECT r.id, r.arn, r.unique_id, r.name, r.path, r.born_at, r.detail, ${tagsOf('r')} AS tags
          FROM identities r
          WHERE r.tenant_id = ${tenantId} AND r.kind = 'role' AND r.gone_at IS NULL AND ${which}
          ORDER BY r.id LIMIT ${PAGE}`,
    );
    return rows.map(toRole);
  }
}

const tagsOf = (alias: 'u' | 'r'): Sql =>
  alias === 'u'
    ? sql`(SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}') FROM identity_tags t WHERE t.tenant_id = u.tenant_id AND t.identity_id = u.id)`
    : sql`(SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}') FROM identity_tags t WHERE t.tenant_id = r.tenant_id AND t.identity_id = r.id)`;

const FIRST = '00000000-0000-0000-0000-000000000000';

/** One statement gives a page at most: more ids take several. */
async function inChunks<T>(ids: readonly string[], read: (chunk: string[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (let start = 0; start < ids.length; start += PAGE) found.push(...(await read(ids.slice(start, start + PAGE))));
  return found;
}

async function* pages<T extends { readonly id: string }>(read: (after: string) => Promise<T[]>): AsyncGenerator<T[]> {
  for (let after = FIRST; ;) {
    const page = await read(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < PAGE) return;
    after = last.id;
  }
}
