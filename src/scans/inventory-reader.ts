import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { run } from '../paging';
import type {
  InventoryAccessKey,
  InventoryPassword,
  InventoryRole,
  InventoryUser,
  LastUsed,
  OtherCredentials,
} from './inventory';

export interface StoredKey {
  readonly id: string;
  readonly key: InventoryAccessKey;
  readonly inactiveSince: Date | null;
  readonly keyIdAskedAt: Date | null;
}

export interface StoredUser {
  readonly id: string;
  readonly user: InventoryUser;
  readonly passwordId: string | null;
  /** In the order of `user.credentials.value.accessKeys`. */
  readonly keys: readonly StoredKey[];
  readonly otherCredentialsAskedAt: Date | null;
}

export interface StoredRole {
  readonly id: string;
  readonly role: InventoryRole;
}

export interface AccountOf {
  readonly tenantId: string;
  readonly accountId: string;
}

const PAGE = 1_000;
const NOT_ASKED = 'SSH keys and service-specific credentials have not been read yet.';

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
    return this.readUsers(manager, tenantId, sql`u.id = ANY (${ids}::uuid[])`);
  }

  async rolesById(manager: EntityManager, tenantId: string, ids: readonly string[]): Promise<StoredRole[]> {
    return this.readRoles(manager, tenantId, sql`r.id = ANY (${ids}::uuid[])`);
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

interface PrincipalRow {
  id: string;
  arn: string;
  unique_id: string;
  name: string;
  path: string;
  born_at: Date;
  tags: Record<string, string>;
}

interface Attachments {
  boundaryArn: string | null;
  attachedPolicyArns: string[];
  inlinePolicyNames: string[];
}

type RoleDetail = Attachments & {
  lastUsed: StoredLastUsed;
  instanceProfileArns: string[];
  trustedPrincipals: string[];
};

interface UserRow extends PrincipalRow {
  is_root: boolean;
  credentials_unknown: string | null;
  other_credentials: OtherCredentials | null;
  other_credentials_at: Date | null;
  other_credentials_problem: string | null;
  detail: Attachments & { groups: string[]; activeCertificates: number | null };
  credentials: CredentialRow[];
}

interface CredentialRow {
  id: string;
  kind: 'password' | 'access-key';
  active: boolean;
  born_at: string | null;
  access_key_id: string | null;
  inactive_since: string | null;
  key_id_asked_at: string | null;
  detail: { lastUsed: StoredLastUsed; slot?: number; mfaActive?: boolean | null };
}

/** As JSON keeps it. */
type StoredLastUsed =
  | { state: 'at'; at: string; region: string | null; service: string | null }
  | { state: 'never' }
  | { state: 'before-tracking'; since: string | null }
  | { state: 'unknown'; reason: string };

const date = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Member by member: jsonb keeps no order, and a row that is written again must have the hash it had. */
export function readLastUsed(stored: StoredLastUsed): LastUsed {
  const { state } = stored;
  switch (state) {
    case 'at':
      return { state, at: new Date(stored.at), region: stored.region, service: stored.service };
    case 'before-tracking':
      return { state, since: date(stored.since) };
    case 'unknown':
      return { state, reason: stored.reason };
    case 'never':
      return { state };
  }
}

const principal = (row: PrincipalRow, detail: Attachments) => ({
  arn: row.arn,
  uniqueId: row.unique_id,
  name: row.name,
  path: row.path,
  createdAt: row.born_at,
  tags: row.tags,
  boundaryArn: detail.boundaryArn,
  attachedPolicyArns: detail.attachedPolicyArns,
  inlinePolicyNames: detail.inlinePolicyNames,
});

function toRole(row: PrincipalRow & { detail: RoleDetail }): StoredRole {
  const { lastUsed, instanceProfileArns, trustedPrincipals } = row.detail;
  return {
    id: row.id,
    role: {
      kind: 'role',
      ...principal(row, row.detail),
      lastUsed: readLastUsed(lastUsed),
      instanceProfileArns,
      trustedPrincipals,
    },
  };
}

function toUser(row: UserRow): StoredUser {
  const known = row.credentials_unknown === null;
  const password = known ? row.credentials.find((credential) => credential.kind === 'password') : undefined;
  const keys = known ? row.credentials.filter((credential) => credential.kind === 'access-key').map(toKey) : [];
  return {
    id: row.id,
    passwordId: password?.id ?? null,
    keys,
    otherCredentialsAskedAt: row.other_credentials_at,
    user: {
      kind: 'user',
      ...principal(row, row.detail),
      isRoot: row.is_root,
      groups: row.detail.groups,
      credentials:
        row.credentials_unknown === null
          ? {
              state: 'known',
              value: {
                password: password ? toPassword(password) : null,
                accessKeys: keys.map(({ key }) => key),
                activeCertificates: row.detail.activeCertificates ?? 0,
              },
            }
          : { state: 'unknown', reason: row.credentials_unknown },
      otherCredentials: row.other_credentials
        ? { state: 'known', value: row.other_credentials }
        : { state: 'unknown', reason: row.other_credentials_problem ?? NOT_ASKED },
    },
  };
}

const toPassword = (row: CredentialRow): InventoryPassword => ({
  kind: 'password',
  lastChangedAt: date(row.born_at),
  lastUsed: readLastUsed(row.detail.lastUsed),
  mfaActive: row.detail.mfaActive ?? null,
});

const toKey = (row: CredentialRow): StoredKey => ({
  id: row.id,
  inactiveSince: date(row.inactive_since),
  keyIdAskedAt: date(row.key_id_asked_at),
  key: {
    kind: 'access-key',
    slot: row.detail.slot ?? 0,
    accessKeyId: row.access_key_id,
    active: row.active,
    createdAt: date(row.born_at),
    lastUsed: readLastUsed(row.detail.lastUsed),
  },
});
