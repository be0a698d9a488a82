import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { IncomingRow } from './inventory-rows';

export interface AccountAt {
  readonly tenantId: string;
  readonly accountId: string;
  /** The scan's time. */
  readonly at: Date;
}

/** Which rows a scan met. */
export interface Seen {
  /** Whether nothing was left out: then what was not met is gone. */
  readonly complete: boolean;
  readonly naturalKeys: readonly string[];
  /** Unique ids of users whose credentials were not read: their passwords and keys are not gone, only unseen. */
  readonly credentialsUnknownOf: readonly string[];
}

const INCOMING = `jsonb_to_recordset($4::jsonb) AS r (id uuid, kind text, natural_key text, owner_key text, unique_id text,
  arn text, name text, path text, user_name text, is_root boolean, active boolean, born_at timestamptz,
  last_used_state text, last_used_at timestamptz, last_used_region text, last_used_service text, idle_since timestamptz,
  access_key_id text, credentials_unknown text, other_credentials jsonb, detail jsonb, tags jsonb, content_hash text)`;

/** Writes what a scan saw, set-based, and touches only rows that changed. */
@Injectable()
export class InventoryWriter {
  /**
   * Upserts a batch; owners must come before or with what they own. Returns how many rows were written. Unchanged rows
   * are left out *before* the upsert: `ON CONFLICT … WHERE` would still lock and log them. What only a direct look
   * brings (other credentials, a key's id) is no part of the hash and counts as a change by itself.
   */
  async write(manager: EntityManager, account: AccountAt, rows: readonly IncomingRow[]): Promise<number> {
    const principals = rows.filter((row) => row.owner_key === null);
    const credentials = rows.filter((row) => row.owner_key !== null);
    return (await this.upsert(manager, account, principals)) + (await this.upsert(manager, account, credentials));
  }

  /**
   * Marks what a complete reading did not meet; after one with gaps only the former passwords and keys of users whose
   * credentials it did read, which would otherwise be judged beside the present ones. Returns how many rows were marked.
   */
  async markGone(manager: EntityManager, account: AccountAt, seen: Seen): Promise<number> {
    const [, count] = await manager.query<[unknown[], number]>(
      `UPDATE identities i SET gone_at = $3, changed_at = $3
       WHERE i.tenant_id = $1 AND i.account_id = $2 AND i.gone_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM unnest($4::text[]) AS s (natural_key) WHERE s.natural_key = i.natural_key)
         AND NOT (i.kind IN ('password', 'access-key') AND i.unique_id = ANY ($5::text[]))
         AND ($6 OR (i.kind IN ('password', 'access-key')
                     AND i.unique_id IN (SELECT o.natural_key FROM unnest($4::text[]) AS o (natural_key))))`,
      [account.tenantId, account.accountId, account.at, seen.naturalKeys, seen.credentialsUnknownOf, seen.complete],
    );
    return count;
  }

  /**
   * Remembers that IAM itself was asked about a user or role, and marks which of its rows (itself, its password and
   * keys) are no longer there.
   */
  async markLookedAt(
    manager: EntityManager,
    account: AccountAt,
    principalId: string,
    goneKeys: readonly string[],
  ): Promise<void> {
    await manager.query(
      `UPDATE identities SET
         gone_at = CASE WHEN natural_key = ANY ($5::text[]) THEN coalesce(gone_at, $4) ELSE gone_at END,
         changed_at = CASE WHEN natural_key = ANY ($5::text[]) AND gone_at IS NULL THEN $4 ELSE changed_at END,
         looked_at = CASE WHEN id = $3 THEN $4 ELSE looked_at END
       WHERE tenant_id = $1 AND account_id = $2 AND (id = $3 OR (owner_id = $3 AND natural_key = ANY ($5::text[])))`,
      [account.tenantId, account.accountId, principalId, account.at, goneKeys],
    );
  }

  private async upsert(manager: EntityManager, account: AccountAt, rows: readonly IncomingRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const [result] = await manager.query<{ written: number }[]>(
      `WITH changed AS MATERIALIZED (
         SELECT r.* FROM ${INCOMING}
         LEFT JOIN identities e ON e.tenant_id = $1 AND e.account_id = $2 AND e.natural_key = r.natural_key
         WHERE e.id IS NULL OR e.gone_at IS NOT NULL OR e.content_hash <> r.content_hash
           OR (r.other_credentials IS NOT NULL AND NOT r.is_root) OR r.access_key_id <> coalesce(e.access_key_id, '')
       ), written AS (
         INSERT INTO identities AS i (tenant_id, id, account_id, kind, natural_key, owner_id, unique_id, arn, name, path,
           user_name, is_root, active, born_at, last_used_state, last_used_at, last_used_region, last_used_service,
           idle_since, access_key_id, inactive_since, credentials_unknown, other_credentials, other_credentials_at, detail,
           content_hash, first_seen_at, changed_at)
         SELECT $1, c.id, $2, c.kind, c.natural_key, o.id, c.unique_id, c.arn, c.name, c.path,
           c.user_name, c.is_root, c.active, c.born_at, c.last_used_state, c.last_used_at, c.last_used_region,
           c.last_used_service, c.idle_since, c.access_key_id, CASE WHEN c.active THEN NULL ELSE $3::timestamptz END,
           c.credentials_unknown, c.other_credentials, CASE WHEN c.other_credentials IS NOT NULL THEN $3::timestamptz END,
           c.detail, c.content_hash, $3, $3
         FROM changed c
         LEFT JOIN identities o ON o.tenant_id = $1 AND o.account_id = $2 AND o.natural_key = c.owner_key
         ON CONFLICT (tenant_id, account_id, natural_key) DO UPDATE SET
           owner_id = excluded.owner_id, arn = excluded.arn, name = excluded.name, path = excluded.path,
           user_name = excluded.user_name, is_root = excluded.is_root, active = excluded.active,
           born_at = excluded.born_at, last_used_state = excluded.last_used_state, last_used_at = excluded.last_used_at,
           last_used_region = excluded.last_used_region, last_used_service = excluded.last_used_service,
           idle_since = excluded.idle_since, access_key_id = coalesce(excluded.access_key_id, i.access_key_id),
           key_id_asked_at = NULL, key_id_problem = NULL,
           inactive_since = CASE WHEN excluded.active THEN NULL ELSE coalesce(i.inactive_since, excluded.inactive_since) END,
           credentials_unknown = excluded.credentials_unknown,
           other_credentials = coalesce(excluded.other_credentials, i.other_credentials),
           other_credentials_at = coalesce(excluded.other_credentials_at, i.other_credentials_at),
           other_credentials_problem = CASE WHEN excluded.other_credentials IS NULL THEN i.other_credentials_problem END,
           detail = excluded.detail, content_hash = excluded.content_hash, changed_at = excluded.changed_at, gone_at = NULL
         RETURNING i.id, i.natural_key
       ), tags AS (
         SELECT w.id, t.key, t.value FROM written w
         JOIN changed c ON c.natural_key = w.natural_key CROSS JOIN jsonb_each_text(c.tags) t
       ), dropped AS (
         DELETE FROM identity_tags d USING written w
         WHERE d.tenant_id = $1 AND d.identity_id = w.id
           AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = d.identity_id AND t.key = d.key)
       ), kept AS (
         INSERT INTO identity_tags AS t (tenant_id, identity_id, key, value)
         SELECT $1, id, key, value FROM tags
         ON CONFLICT (tenant_id, identity_id, key) DO UPDATE SET value = excluded.value WHERE t.value <> excluded.value
       )
       SELECT count(*)::int AS written FROM written`,
      [account.tenantId, account.accountId, account.at, JSON.stringify(rows)],
    );
    return result?.written ?? 0;
  }
}
