import { createHash } from 'node:crypto';

/** An entry as it is stored, every column as text: what was hashed. */
export interface ChainEntry {
  readonly tenantId: string;
  readonly seq: number;
  readonly id: string;
  /** `2026-11-22T05:41:00.123Z` */
  readonly at: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorName: string;
  readonly actorTenantId: string | null;
  readonly actorRole: string | null;
  readonly actorStandsFor: string;
  readonly action: string;
  readonly objectType: string | null;
  readonly objectId: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly requestId: string | null;
  readonly sourceAddress: string | null;
  /** Hexadecimal. */
  readonly previousHash: string;
  readonly hash: string;
}

/** What pruning has left in the place of entries 1 to `seq`. */
export interface ChainCheckpoint {
  readonly tenantId: string;
  readonly number: number;
  readonly seq: number;
  readonly entryHash: string;
  readonly at: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** The newest entry: as the database says, or as somebody outside has kept it. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** A tenant's chain, besides its entries. */
export interface ChainFrame {
  readonly tenantId: string;
  /** Null: nothing was ever written. */
  readonly head: ChainHead | null;
  readonly checkpoints: readonly ChainCheckpoint[];
}

export type Fault = 'altered' | 'missing' | 'reordered' | 'cut-tail' | 'checkpoint-broken' | 'head-mismatch';

export interface ChainBreak {
  /** The first entry that is not as it was; of a broken checkpoint the entry that it stands for. */
  readonly seq: number;
  readonly fault: Fault;
  /** For people. */
  readonly message: string;
}

/** What the first entry of a chain follows. */
export const NOTHING = '00'.repeat(32);
export const PRUNED = 'audit-log.pruned';

/** SHA-256 of texts, each with its length in bytes: "5:hello,"; "~" for none. */
function hashOf(form: string, fields: readonly (string | null)[]): string {
  const hash = createHash('sha256');
  for (const field of [form, ...fields]) {
    hash.update(field === null ? '~' : `${Buffer.byteLength(field)}:${field},`);
  }
  return hash.digest('hex');
}

export function entryHash(e: ChainEntry): string {
  return hashOf('mothball-audit-entry-1', [
    e.tenantId,
    String(e.seq),
    e.id,
    e.at,
    e.actorKind,
    e.actorId,
    e.actorName,
    e.actorTenantId,
    e.actorRole,
    e.actorStandsFor,
    e.action,
    e.objectType,
    e.objectId,
    e.before,
    e.after,
    e.requestId,
    e.sourceAddress,
    e.previousHash,
  ]);
}

export function checkpointHash(c: ChainCheckpoint): string {
  const { tenantId, number, seq, entryHash: entry, at, previousHash } = c;
  return hashOf('mothball-audit-checkpoint-1', [tenantId, String(number), String(seq), entry, at, previousHash]);
}
