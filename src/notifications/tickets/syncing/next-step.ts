import type { Closing, Reaction } from '../ticket';

/** What a ticket should be, from the findings as they are now. */
export interface Wanted {
  readonly open: boolean;
  /** Of what it should say. */
  readonly hash: string;
  /** Whether there are findings that it did not speak of when people closed it. */
  readonly fresh: boolean;
}

/** What is known of it. */
export interface Known {
  /** `none`: not opened yet, as far as we know; `gone`: there is nothing of that id any more. */
  readonly remote:
    'none' | 'gone' | { readonly state: 'open' | 'closed'; readonly closedAs: 'done' | 'wont-do' | null };
  /** Whether a create was sent whose outcome nobody knows. */
  readonly unsure: boolean;
  /** How often it was looked for, since the last create if there was one; `due`: whether it is time to look again. */
  readonly looks: number;
  readonly lookDue: boolean;
  /** The system makes no second ticket of the same key by itself. */
  readonly createsOnce: boolean;
  /** Whether the system can be asked how it is; if not, what we wrote last is what holds. */
  readonly canRead: boolean;
  /** The state that we wrote last (null: nobody knows what our last request did), and the text. */
  readonly ours: 'open' | 'closed' | null;
  readonly writtenHash: string | null;
  readonly closing: Closing | null;
  readonly reaction: Reaction | null;
  /** Whether the looks at IAM that were asked for are over. */
  readonly rechecked: boolean;
  /** Whether an exemption that was asked for still waits for its approval. */
  readonly pending: boolean;
  /** "create <hash>": what was rejected, and is not sent again. */
  readonly rejected: string | null;
  /** Whether the connection opens again what people set to done too early. */
  readonly reopens: boolean;
  /** How often we have opened it again within a day, by itself or by a successor. */
  readonly reopenings: number;
}

export type Remark = 'still-open' | 'not-exempted' | 'opened-for-nothing';

/** The one next thing. `rest`: nothing to do; the ticket is now what it should be, or what people made of it. */
export type Step =
  | { readonly do: 'rest'; readonly state: 'open' | 'closed' | 'waiting' }
  | { readonly do: 'wait' }
  | { readonly do: 'find' | 'create' | 'update' | 'close' | 'reopen' }
  | { readonly do: 'recheck' | 'request-exemption' | 'withdraw-request' }
  | { readonly do: 'comment'; readonly remark: Remark }
  | { readonly do: 'stand-still'; readonly what: string };

/** More often than that is not people's doing but a rule's there: nobody fights with that without end. */
const MOST_REOPENINGS = 20;
/** Where people, or a rule, say that it is done. */
const MOST_ANSWERS = 3;

/** Once before anything was sent: it may be there from before a restored backup. Twice after an answer was lost. */
const looksNeeded = ({ createsOnce, unsure }: Known): number => (createsOnce ? 0 : unsure ? 2 : 1);

/**
 * What comes next for a ticket. Pure. Every step leads to another state of `known`, so that a turn ends: at rest, or
 * waiting for a time, a person or an answer.
 */
export function nextStep(wanted: Wanted, known: Known): Step {
  const { remote } = known;
  if (remote === 'none') return opening(wanted, known);
  if (remote === 'gone') return wanted.open ? { do: 'stand-still', what: 'gone' } : { do: 'rest', state: 'closed' };
  // Nobody can look what it did: the same again does no harm there.
  if (known.ours === null && !known.canRead) return unlessRejected(wanted.open ? 'reopen' : 'close', wanted, known);
  if (wanted.open) return remote.state === 'open' ? keepOpen(wanted, known) : answerClosing(wanted, known, remote);
  if (known.pending) return { do: 'withdraw-request' };
  return remote.state === 'open' ? closing(wanted, known) : { do: 'rest', state: 'closed' };
}

function opening(wanted: Wanted, known: Known): Step {
  if (!wanted.open && !known.unsure) return { do: 'rest', state: 'closed' };
  if (known.looks < looksNeeded(known)) return known.lookDue ? { do: 'find' } : { do: 'wait' };
  if (wanted.open) return unlessRejected('create', wanted, known);
  // Such a system is told by our key what to close, whether or not it was opened.
  return known.createsOnce ? unlessRejected('close', wanted, known) : { do: 'rest', state: 'closed' };
}

function keepOpen(wanted: Wanted, known: Known): Step {
  // People have opened it again: what they asked for by closing it, they ask for no more.
  if (known.pending) return { do: 'withdraw-request' };
  if (known.writtenHash !== wanted.hash) return unlessRejected('update', wanted, known);
  return { do: 'rest', state: 'open' };
}

function closing(wanted: Wanted, known: Known): Step {
  // People opened what was rightly closed: it is theirs until there are findings again.
  if (known.ours === 'closed') {
    if (known.closing === 'opened' && known.reaction === 'told') return { do: 'rest', state: 'open' };
    const step = unlessRejected('comment', wanted, known);
    return step.do === 'comment' ? { do: 'comment', remark: 'opened-for-nothing' } : { do: 'rest', state: 'open' };
  }
  return unlessRejected('close', wanted, known);
}

function answerClosing(wanted: Wanted, known: Known, remote: { readonly closedAs: 'done' | 'wont-do' | null }): Step {
  // Where nobody knows what our last request did, it was that.
  if (known.ours !== 'open' || wanted.fresh) {
    return known.reopenings < MOST_REOPENINGS ? unlessRejected('reopen', wanted, known) : { do: 'wait' };
  }
  if (remote.closedAs === 'wont-do') {
    if (known.closing !== 'wont-do') return { do: 'request-exemption' };
    if (known.reaction !== 'requested' || known.pending) return { do: 'rest', state: 'closed' };
    return remark('not-exempted', wanted, known);
  }
  if (known.closing !== 'done') return { do: 'recheck' };
  if (known.reaction !== 'rechecking') return { do: 'rest', state: 'closed' };
  if (!known.rechecked) return { do: 'wait' };
  const opens = known.reopens && known.reopenings < MOST_ANSWERS;
  return opens ? unlessRejected('reopen', wanted, known) : remark('still-open', wanted, known);
}

function remark(which: Remark, wanted: Wanted, known: Known): Step {
  const step = unlessRejected('comment', wanted, known);
  return step.do === 'comment' ? { do: 'comment', remark: which } : step;
}

type Sendable = 'create' | 'update' | 'close' | 'reopen' | 'comment';

/** The mark of a request that was rejected: the same is not sent again. */
export const rejectionOf = (step: Sendable, { hash }: Pick<Wanted, 'hash'>): string => `${step} ${hash}`;

function unlessRejected(step: Sendable, wanted: Wanted, { rejected }: Known): Step {
  const what = rejectionOf(step, wanted);
  if (rejected === what) return { do: 'stand-still', what };
  return step === 'comment' ? { do: 'comment', remark: 'still-open' } : { do: step };
}
