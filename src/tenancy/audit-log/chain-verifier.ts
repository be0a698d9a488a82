import {
  type ChainBreak,
  type ChainCheckpoint,
  type ChainEntry,
  type ChainFrame,
  type ChainHead,
  checkpointHash,
  entryHash,
  type Fault,
  NOTHING,
  PRUNED,
} from './chain';

/**
 * Follows one tenant's chain: give it the entries in the order of their numbers, in as many pages as you like, then
 * `finish`. Pure. It stops at the first thing that is not as it was.
 */
export class ChainVerifier {
  /** Entries that were looked at and are good. */
  entries = 0;
  private found: ChainBreak | null = null;
  private last: ChainHead;
  private vouched: boolean;
  private readonly anchors: Map<number, string>;
  private readonly newest: ChainCheckpoint | undefined;

  /**
   * @param anchors heads that were kept outside of the database
   * @param from the entry to go on after, where an earlier part is verified already
   */
  constructor(
    private readonly frame: ChainFrame,
    anchors: readonly ChainHead[] = [],
    from?: ChainHead,
  ) {
    this.newest = frame.checkpoints.at(-1);
    this.anchors = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
    this.vouched = this.newest === undefined || from !== undefined;
    const start = this.newest ? { seq: this.newest.seq, hash: this.newest.entryHash } : { seq: 0, hash: NOTHING };
    this.last = from ?? start;
    this.checkCheckpoints();
    if (!from) this.checkAnchor(start);
  }

  get broken(): ChainBreak | null {
    return this.found;
  }

  /** The last good entry. */
  get reached(): ChainHead {
    return this.last;
  }

  /** False: the chain is broken, and the rest need not be read. */
  next(entry: ChainEntry): boolean {
    if (this.found) return false;
    const wanted = this.last.seq + 1;
    if (entry.seq !== wanted) {
      const missing = entry.seq > wanted;
      const what = missing ? `Entry ${wanted} is missing: after ${this.last.seq} comes ${entry.seq}.` : '';
      return this.fail(
        wanted,
        missing ? 'missing' : 'reordered',
        what || `Entry ${entry.seq} stands in the place of entry ${wanted}.`,
      );
    }
    if (entry.tenantId !== this.frame.tenantId)
      return this.fail(wanted, 'altered', `Entry ${wanted} is another tenant's.`);
    if (this.frame.head === null || wanted > this.frame.head.seq) {
      const head = this.frame.head?.seq ?? 'nothing';
      return this.fail(wanted, 'head-mismatch', `Entry ${wanted} comes after the chain's head, which is ${head}.`);
    }
    if (entryHash(entry) !== entry.hash) {
      return this.fail(wanted, 'altered', `Entry ${wanted} is not what was written: its hash does not match.`);
    }
    if (entry.previousHash !== this.last.hash) {
      const what = `Entry ${wanted} does not follow the entry before it: one of them was exchanged.`;
      return this.fail(wanted, 'reordered', what);
    }
    this.last = { seq: wanted, hash: entry.hash };
    if (!this.checkAnchor(this.last)) return false;
    this.vouched ||= this.vouchesFor(entry);
    this.entries += 1;
    return true;
  }

  /** After the last entry. Null: the chain is whole. */
  finish(): ChainBreak | null {
    if (this.found) return this.found;
    const { head } = this.frame;
    const { seq, hash } = this.last;
    if (head !== null && head.seq > seq) {
      this.fail(seq + 1, 'cut-tail', `Entries ${seq + 1} to ${head.seq} are missing: the chain's end was cut off.`);
    } else if (head === null ? seq > 0 : head.seq !== seq || head.hash !== hash) {
      this.fail(seq, 'head-mismatch', `The chain's head is not its last entry, ${seq}.`);
    }
    const beyond = [...this.anchors.keys()].filter((anchor) => anchor > seq).sort((a, b) => a - b);
    if (beyond.length > 0) {
      const kept = `the anchor knows ${beyond.at(-1) ?? seq}`;
      this.fail(seq + 1, 'cut-tail', `Entry ${seq + 1} and those after it are missing: ${kept}.`);
    }
    if (!this.vouched && this.newest) {
      const what = `Checkpoint ${this.newest.number} was not made by pruning: no entry vouches for it.`;
      this.fail(this.newest.seq, 'checkpoint-broken', what);
    }
    return this.found;
  }

  private checkCheckpoints(): void {
    let previous = { number: 0, seq: 0, hash: NOTHING };
    for (const checkpoint of this.frame.checkpoints) {
      const { number, seq, hash } = checkpoint;
      const follows = number === previous.number + 1 && seq > previous.seq && checkpoint.previousHash === previous.hash;
      if (!follows || checkpoint.tenantId !== this.frame.tenantId || checkpointHash(checkpoint) !== hash) {
        this.fail(
          seq,
          'checkpoint-broken',
          `Checkpoint ${number}, for the entries up to ${seq}, is not what was written.`,
        );
        return;
      }
      const anchor = this.anchors.get(seq);
      if (anchor !== undefined && anchor !== checkpoint.entryHash) {
        this.fail(seq, 'checkpoint-broken', `Checkpoint ${number} does not agree with the anchor of entry ${seq}.`);
        return;
      }
      previous = { number, seq, hash };
    }
  }

  private checkAnchor({ seq, hash }: ChainHead): boolean {
    const anchor = this.anchors.get(seq);
    if (anchor === undefined || anchor === hash) return true;
    const what = `Entry ${seq} is not the one that was anchored: the chain was written anew, up to here or further.`;
    return this.fail(seq, 'altered', what);
  }

  private vouchesFor({ action, objectId, after }: ChainEntry): boolean {
    const { newest } = this;
    return (
      newest !== undefined &&
      action === PRUNED &&
      objectId === String(newest.number) &&
      (after ?? '').includes(`"checkpoint":"${newest.hash}"`)
    );
  }

  private fail(seq: number, fault: Fault, message: string): false {
    this.found ??= { seq, fault, message };
    return false;
  }
}

/** A whole chain at once. */
export async function verifyChain(
  frame: ChainFrame,
  entries: Iterable<ChainEntry> | AsyncIterable<ChainEntry>,
  anchors: readonly ChainHead[] = [],
): Promise<{ readonly entries: number; readonly broken: ChainBreak | null }> {
  const verifier = new ChainVerifier(frame, anchors);
  for await (const entry of entries) if (!verifier.next(entry)) break;
  return { broken: verifier.finish(), entries: verifier.entries };
}
