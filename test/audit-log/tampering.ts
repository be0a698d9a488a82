import {
  type ChainCheckpoint,
  checkpointHash,
  type ChainEntry,
  type ChainFrame,
  type ChainHead,
  entryHash,
  type Fault,
} from '../../src/tenancy/audit-log/chain';

/** A stored chain, and what was kept of it elsewhere. */
export interface Chain {
  readonly frame: ChainFrame;
  readonly entries: readonly ChainEntry[];
  readonly anchors: readonly ChainHead[];
}

export interface Tampered extends Chain {
  readonly what: string;
  readonly expected: { readonly seq: number; readonly fault: Fault };
}

export type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Column = Exclude<keyof ChainEntry, 'seq' | 'tenantId'>;

const HEX = (text: string): string => `${text.startsWith('f') ? '0' : 'f'}${text.slice(1)}`;
const KINDS = ['person', 'token', 'service', 'anonymous'];

/** Another value of each column, one that the table's own rules allow. */
const EDITS: Readonly<Record<Column, (entry: ChainEntry) => string | null>> = {
  id: ({ id }) => HEX(id),
  at: ({ at }) => at.replace(/\d(?=Z$)/, (digit) => String((Number(digit) + 1) % 10)),
  actorKind: ({ actorKind }) => KINDS[(KINDS.indexOf(actorKind) + 1) % KINDS.length] ?? '',
  actorId: ({ actorId }) => `${actorId} `,
  actorName: ({ actorName }) => actorName.slice(1),
  actorTenantId: ({ actorTenantId }) => (actorTenantId === null ? '00000000-0000-7000-8000-000000000001' : null),
  actorRole: ({ actorRole }) => (actorRole === null ? '' : null),
  actorStandsFor: ({ actorStandsFor }) => actorStandsFor.toUpperCase(),
  action: ({ action }) => `${action}.`,
  objectType: ({ objectType }) => (objectType === null ? 'token' : null),
  objectId: ({ objectId }) => (objectId === null ? '' : `${objectId}0`),
  before: ({ before }) => (before === null ? 'null' : before.replace(/\d/, '#') + ' '),
  after: ({ after }) => (after === null ? '{}' : null),
  requestId: ({ requestId }) => `${requestId ?? ''}x`,
  sourceAddress: ({ sourceAddress }) => (sourceAddress === null ? '192.0.2.8' : null),
  previousHash: ({ previousHash }) => HEX(previousHash),
  hash: ({ hash }) => HEX(hash),
};
export const COLUMNS = Object.keys(EDITS) as Column[];

const seal = (entry: ChainEntry): ChainEntry => ({ ...entry, hash: entryHash(entry) });

type Tampering = (chain: Chain, random: Random) => Tampered;

function edit(chain: Chain, random: Random): Tampered {
  const at = random(chain.entries.length);
  const column = COLUMNS[random(COLUMNS.length)] ?? 'action';
  const { seq } = chain.entries[at] as ChainEntry;
  const entries = chain.entries.map((one, place) => (place === at ? { ...one, [column]: EDITS[column](one) } : one));
  return { ...chain, entries, what: `${column} of ${seq}`, expected: { seq, fault: 'altered' } };
}

function editAndSeal(chain: Chain, random: Random): Tampered {
  const at = random(chain.entries.length);
  const { seq } = chain.entries[at] as ChainEntry;
  const entries = chain.entries.map((one, place) => (place === at ? seal({ ...one, action: 'harmless' }) : one));
  // The entry is sound by itself: what follows it is not what followed it.
  const last = at === chain.entries.length - 1;
  // An anchor knows it, too.
  const anchored = chain.anchors.some((anchor) => anchor.seq === seq);
  const expected: Tampered['expected'] = anchored
    ? { seq, fault: 'altered' }
    : last
      ? { seq, fault: 'head-mismatch' }
      : { seq: seq + 1, fault: 'reordered' };
  return { ...chain, entries, what: `${seq} with a hash of its own`, expected };
}

function remove(chain: Chain, random: Random): Tampered {
  const at = random(chain.entries.length - 1);
  const { seq } = chain.entries[at] as ChainEntry;
  const entries = chain.entries.filter((_, place) => place !== at);
  return { ...chain, entries, what: `no ${seq}`, expected: { seq, fault: 'missing' } };
}

function exchange(chain: Chain, random: Random): Tampered {
  const one = random(chain.entries.length - 1);
  const two = one + 1 + random(chain.entries.length - one - 1);
  const [first, second] = [chain.entries[one] as ChainEntry, chain.entries[two] as ChainEntry];
  const entries = chain.entries.map((entry, place) => {
    if (place === one) return { ...second, seq: first.seq };
    return place === two ? { ...first, seq: second.seq } : entry;
  });
  return { ...chain, entries, what: `${first.seq} and ${second.seq}`, expected: { seq: first.seq, fault: 'altered' } };
}

/** Puts one in, and gives those behind it the next numbers; the head too. */
function insert(chain: Chain, random: Random): Tampered {
  const at = 1 + random(chain.entries.length - 1);
  const before = chain.entries[at - 1] as ChainEntry;
  const sealed = random(2) === 0;
  const id = HEX(before.id);
  const forged = { ...before, id, seq: before.seq + 1, previousHash: before.hash, action: 'never.was' };
  const { head } = chain.frame;
  return {
    ...chain,
    // Anchors know the numbers as they were: without them it must be found as well.
    anchors: [],
    frame: { ...chain.frame, head: head && { ...head, seq: head.seq + 1 } },
    entries: [
      ...chain.entries.slice(0, at),
      sealed ? seal(forged) : forged,
      ...chain.entries.slice(at).map((entry) => ({ ...entry, seq: entry.seq + 1 })),
    ],
    what: `one more ${forged.seq}${sealed ? ' with a good hash' : ''}`,
    expected: { seq: forged.seq + (sealed ? 1 : 0), fault: 'altered' },
  };
}

function addBehindTheHead(chain: Chain): Tampered {
  const last = chain.entries.at(-1) as ChainEntry;
  const forged = seal({ ...last, id: HEX(last.id), seq: last.seq + 1, previousHash: last.hash, action: 'never.was' });
  const expected: Tampered['expected'] = { seq: forged.seq, fault: 'head-mismatch' };
  return { ...chain, entries: [...chain.entries, forged], what: 'one behind the head', expected };
}

function cutTail(chain: Chain, random: Random): Tampered {
  const left = chain.entries.length - 1 - random(5);
  const entries = chain.entries.slice(0, left);
  const { seq, hash } = entries.at(-1) as ChainEntry;
  const withHead = random(2) === 0;
  const frame = withHead ? { ...chain.frame, head: { seq, hash } } : chain.frame;
  return {
    ...chain,
    frame,
    entries,
    what: `cut after ${seq}${withHead ? ', and the head' : ''}`,
    expected: { seq: seq + 1, fault: 'cut-tail' },
  };
}

/** Everything from one entry on, with good hashes and a good head: what only an anchor can tell. */
function writeAnew(chain: Chain, random: Random): Tampered {
  const at = random(chain.entries.length);
  const from = (chain.entries[at] as ChainEntry).seq;
  let previousHash = (chain.entries[at] as ChainEntry).previousHash;
  const anew = chain.entries.slice(at).map((entry, place) => {
    const changed = seal({ ...entry, previousHash, action: place === 0 ? 'harmless' : entry.action });
    previousHash = changed.hash;
    return changed;
  });
  const { seq, hash } = anew.at(-1) as ChainEntry;
  const known = Math.min(...chain.anchors.map((anchor) => anchor.seq).filter((anchor) => anchor >= from));
  return {
    ...chain,
    frame: { ...chain.frame, head: { seq, hash } },
    entries: [...chain.entries.slice(0, at), ...anew],
    what: `anew from ${from}`,
    expected: { seq: known, fault: 'altered' },
  };
}

function editHead(chain: Chain, random: Random): Tampered {
  const head = chain.frame.head as ChainHead;
  const kind = random(4);
  if (kind === 3) {
    const [first] = chain.entries as [ChainEntry];
    const expected: Tampered['expected'] = { seq: first.seq, fault: 'head-mismatch' };
    return { ...chain, frame: { ...chain.frame, head: null }, what: 'no head', expected };
  }
  const changed = [
    { ...head, hash: HEX(head.hash) },
    { ...head, seq: head.seq - 1 },
    { ...head, seq: head.seq + 1 },
  ][kind] as ChainHead;
  const expected: Tampered['expected'] =
    kind === 2 ? { seq: head.seq + 1, fault: 'cut-tail' } : { seq: head.seq, fault: 'head-mismatch' };
  return { ...chain, frame: { ...chain.frame, head: changed }, what: `head ${JSON.stringify(changed)}`, expected };
}

const CHECKPOINT_EDITS: readonly ((one: ChainCheckpoint) => Partial<ChainCheckpoint>)[] = [
  ({ seq }) => ({ seq: seq + 1 }),
  ({ entryHash: hash }) => ({ entryHash: HEX(hash) }),
  ({ at }) => ({ at: at.replace('Z', '').slice(0, -1) + `${(Number(at.at(-2)) + 1) % 10}Z` }),
  ({ previousHash }) => ({ previousHash: HEX(previousHash) }),
  ({ hash }) => ({ hash: HEX(hash) }),
];

function editCheckpoint(chain: Chain, random: Random): Tampered {
  const { checkpoints } = chain.frame;
  const at = random(checkpoints.length);
  const change = CHECKPOINT_EDITS[random(CHECKPOINT_EDITS.length)] ?? (() => ({}));
  const changed = checkpoints.map((one, place) => (place === at ? { ...one, ...change(one) } : one));
  const { seq, number } = changed[at] as ChainCheckpoint;
  return {
    ...chain,
    frame: { ...chain.frame, checkpoints: changed },
    what: `checkpoint ${number}`,
    expected: { seq, fault: 'checkpoint-broken' },
  };
}

function removeCheckpoint(chain: Chain, random: Random): Tampered {
  const { checkpoints } = chain.frame;
  const at = random(checkpoints.length);
  const next = checkpoints[at + 1];
  const expected: Tampered['expected'] = next
    ? { seq: next.seq, fault: 'checkpoint-broken' }
    : { seq: (checkpoints[at - 1]?.seq ?? 0) + 1, fault: 'missing' };
  const left = checkpoints.filter((_, place) => place !== at);
  return { ...chain, frame: { ...chain.frame, checkpoints: left }, what: `no checkpoint ${at + 1}`, expected };
}

/** Deletes the beginning, and makes it look like a pruning. */
function pruneByHand(chain: Chain, random: Random): Tampered {
  const { checkpoints, tenantId } = chain.frame;
  // Anchors may stand on what is left only.
  const at = random(chain.entries.length - 1);
  const { seq, hash, at: time } = chain.entries[at] as ChainEntry;
  const newest = checkpoints.at(-1);
  const made = {
    tenantId,
    number: checkpoints.length + 1,
    seq,
    entryHash: hash,
    at: time,
    previousHash: newest?.hash ?? '00'.repeat(32),
    hash: '',
  };
  return {
    ...chain,
    frame: { ...chain.frame, checkpoints: [...checkpoints, { ...made, hash: checkpointHash(made) }] },
    entries: chain.entries.slice(at + 1),
    what: `a checkpoint by hand at ${seq}`,
    expected: { seq, fault: 'checkpoint-broken' },
  };
}

const TAMPERINGS: readonly Tampering[] = [
  // The most likely one, over all columns.
  edit,
  edit,
  edit,
  edit,
  editAndSeal,
  remove,
  exchange,
  insert,
  addBehindTheHead,
  cutTail,
  writeAnew,
  editHead,
  editCheckpoint,
  removeCheckpoint,
  pruneByHand,
];

export const tamper: Tampering = (chain, random) => (TAMPERINGS[random(TAMPERINGS.length)] ?? edit)(chain, random);
