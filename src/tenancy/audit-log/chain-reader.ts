import type { ChainEntry, ChainFrame } from './chain';

/** Anything that runs a statement and answers with its rows: TypeORM's managers do. */
export interface Statements {
  query<T>(statement: string, values?: unknown[]): Promise<T>;
}

const TIME = `YYYY-MM-DD"T"HH24:MI:SS.MS"Z"`;

/** The columns of a `ChainEntry` of `audit_entries e`. */
export const ENTRY = `e.tenant_id AS "tenantId", e.seq::float8 AS seq, e.id, to_char(e.at AT TIME ZONE 'UTC', '${TIME}') AS at,
  e.actor_kind AS "actorKind", e.actor_id AS "actorId", e.actor_name AS "actorName", e.actor_tenant_id AS "actorTenantId",
  e.actor_role AS "actorRole", e.actor_stands_for AS "actorStandsFor", e.action, e.object_type AS "objectType",
  e.object_id AS "objectId", e.before, e.after, e.request_id AS "requestId", e.source_address AS "sourceAddress",
  encode(e.previous_hash, 'hex') AS "previousHash", encode(e.hash, 'hex') AS hash`;

/**
 * What stands around a tenant's entries, at one moment: pruning changes both head and checkpoints. Read it before the
 * entries: what is added meanwhile comes after its head.
 */
export async function readFrame(database: Statements, tenantId: string): Promise<ChainFrame> {
  const [row] = await database.query<Pick<ChainFrame, 'head' | 'checkpoints'>[]>(
    `SELECT
       (SELECT json_build_object('seq', h.seq, 'hash', encode(h.hash, 'hex')) FROM audit_heads h WHERE h.tenant_id = $1) AS head,
       (SELECT coalesce(json_agg(json_build_object('tenantId', c.tenant_id, 'number', c.number, 'seq', c.seq,
            'entryHash', encode(c.entry_hash, 'hex'), 'at', to_char(c.at AT TIME ZONE 'UTC', '${TIME}'),
            'previousHash', encode(c.previous_hash, 'hex'), 'hash', encode(c.hash, 'hex')) ORDER BY c.number), '[]')
        FROM audit_checkpoints c WHERE c.tenant_id = $1) AS checkpoints`,
    [tenantId],
  );
  return { tenantId, head: row?.head ?? null, checkpoints: row?.checkpoints ?? [] };
}

/** The next entries after a number, at most `limit`; with `upTo`, not beyond that one. */
export async function readEntries(
  database: Statements,
  tenantId: string,
  { after, upTo = null, limit }: { after: number; upTo?: number | null; limit: number },
): Promise<ChainEntry[]> {
  return database.query<ChainEntry[]>(
    `SELECT ${ENTRY} FROM audit_entries e
     WHERE e.tenant_id = $1 AND e.seq > $2 AND ($3::bigint IS NULL OR e.seq <= $3::bigint) ORDER BY e.seq LIMIT $4`,
    [tenantId, after, upTo, limit],
  );
}
