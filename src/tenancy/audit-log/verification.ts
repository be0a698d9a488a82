import type { ChainBreak, ChainHead } from './chain';
import { readEntries, readFrame, type Statements } from './chain-reader';
import { ChainVerifier } from './chain-verifier';

/** How often a log that is pruned at the same time is looked at anew. */
const TRIES = 5;
/** An entry has 35 kB at most: a page stays under 20 MB. */
const PAGE = 500;

export interface VerificationOptions {
  /** Heads that were kept outside of the database. */
  readonly anchors?: readonly ChainHead[];
  /** Begin with this entry, relying on the one before it; default: at the first one that is left. */
  readonly from?: number;
  /** Stop after about this many entries; default: at the end. */
  readonly atMost?: number;
}

export interface VerifiedChain {
  /** How many entries were looked at and are good. */
  readonly entries: number;
  /** The number of the last of them; 0 when there is none. */
  readonly upTo: number;
  /** Whether the chain was followed to its head. */
  readonly complete: boolean;
  readonly broken: ChainBreak | null;
}

/** Runs its work in one short transaction. */
export type Read = <T>(work: (database: Statements) => Promise<T>) => Promise<T>;

/**
 * Verifies a stored chain page by page. What is added meanwhile comes after the head that was read first; when entries
 * are pruned meanwhile, it begins anew.
 */
export async function verifyStored(
  read: Read,
  tenantId: string,
  options: VerificationOptions = {},
): Promise<VerifiedChain> {
  for (let tries = 1; ; tries += 1) {
    const { result, checkpoints } = await attempt(read, tenantId, options);
    if (result.broken === null || tries === TRIES) return result;
    const now = await read((database) => readFrame(database, tenantId));
    if (now.checkpoints.length === checkpoints) return result;
  }
}

async function attempt(
  read: Read,
  tenantId: string,
  { anchors = [], from, atMost = Infinity }: VerificationOptions,
): Promise<{ result: VerifiedChain; checkpoints: number }> {
  const { frame, start } = await read(async (database) => {
    const around = await readFrame(database, tenantId);
    const before = from === undefined ? [] : await readEntries(database, tenantId, { after: from - 2, limit: 1 });
    return { frame: around, start: before[0]?.seq === (from ?? 0) - 1 ? before[0] : undefined };
  });
  const upTo = frame.head?.seq ?? 0;
  const relevant = anchors.filter(({ seq }) => start === undefined || seq > start.seq);
  const verifier = new ChainVerifier(frame, relevant, start);
  while (!verifier.broken && verifier.entries < atMost) {
    const after = verifier.reached.seq;
    const page = await read((database) => readEntries(database, tenantId, { after, upTo, limit: PAGE }));
    for (const entry of page) if (!verifier.next(entry)) break;
    if (page.length < PAGE) break;
  }
  const unread = verifier.reached.seq < upTo && verifier.entries >= atMost;
  const broken = unread ? verifier.broken : await endOf(verifier, read, tenantId);
  const result = {
    entries: verifier.entries,
    upTo: verifier.reached.seq,
    complete: !unread && broken === null,
    broken,
  };
  return { result, checkpoints: frame.checkpoints.length };
}

async function endOf(verifier: ChainVerifier, read: Read, tenantId: string): Promise<ChainBreak | null> {
  const end = verifier.finish();
  const ofTheEnd = end === null || end.fault === 'head-mismatch' || end.fault === 'cut-tail';
  return (ofTheEnd ? await read((database) => added(database, tenantId)) : null) ?? end;
}

/** What comes after the head was not written by the database's own function, which moves the head along. */
async function added(database: Statements, tenantId: string): Promise<ChainBreak | null> {
  const [row] = await database.query<{ head: number; seq: number | null }[]>(
    `SELECT h.seq::float8 AS head, (SELECT min(e.seq)::float8 FROM audit_entries e WHERE e.tenant_id = $1 AND e.seq > h.seq) AS seq
     FROM (SELECT coalesce((SELECT seq FROM audit_heads WHERE tenant_id = $1), 0) AS seq) h`,
    [tenantId],
  );
  if (!row || row.seq === null) return null;
  return {
    seq: row.seq,
    fault: 'head-mismatch',
    message: `Entry ${row.seq} comes after the chain's head, which is ${row.head}.`,
  };
}
