import sql from 'sql-template-tag';

/** What is sent at once: one event, what happened in an account within a minute, a summary, or a trial. */
export const DELIVERY_KINDS = ['event', 'batch', 'digest', 'test'] as const;

export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

export const DELIVERY_STATES = ['gathering', 'waiting', 'delivered', 'failed', 'superseded', 'cancelled'] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One message for one endpoint. */
export interface DeliveryRow {
  tenant_id: string;
  id: string;
  endpoint_id: string;
  kind: DeliveryKind;
  /** Of an event or a digest. */
  event_id: string | null;
  /** The event's number; of a batch the first and the last one. */
  seq: string | null;
  last_seq: string | null;
  /** Whose events a batch holds; null: those of no account. */
  account_id: string | null;
  type: string;
  /** Of two of the same, the older is never accepted after the newer. */
  object_key: string | null;
  state: DeliveryState;
  state_why: string | null;
  /** Of the present round: a replay begins a new one. */
  attempts: number;
  replays: number;
  next_at: Date | null;
  created_at: Date;
  ended_at: Date | null;
}

/** Of deliveries `d`. */
export const DELIVERY_COLUMNS = sql`d.tenant_id, d.id, d.endpoint_id, d.kind, d.event_id, d.seq, d.last_seq, d.account_id,
  d.type, d.object_key, d.state, d.state_why, d.attempts, d.replays, d.next_at, d.created_at, d.ended_at`;

/**
 * Of deliveries `d`: whether it is a batch before which an older one of the same account is still to be sent. It may hold
 * something newer of the same objects, so it waits until that one is accepted, or over: superseding the older one would
 * lose what it says of others. (Only batches have a `last_seq`; the endpoint's id stands for no account. Asked in this way, and
 * in an order, so that the planner takes the index of open batches even where it knows nothing of the table yet. Below
 * row-level security it would not for COALESCE, which Postgres does not know to be leakproof.)
 */
export const WAITS_FOR_OLDER_BATCH = `(d.kind = 'batch' AND (SELECT o.seq FROM deliveries o
  WHERE o.tenant_id = d.tenant_id AND o.endpoint_id = d.endpoint_id
    AND CASE WHEN o.account_id IS NULL THEN o.endpoint_id ELSE o.account_id END
      = CASE WHEN d.account_id IS NULL THEN d.endpoint_id ELSE d.account_id END
    AND o.last_seq IS NOT NULL AND o.seq < d.seq AND o.next_at IS NOT NULL ORDER BY o.seq LIMIT 1) IS NOT NULL)`;

export const ATTEMPT_OUTCOMES = ['sending', 'accepted', 'failed', 'gone', 'unknown'] as const;

export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface AttemptRow {
  tenant_id: string;
  id: string;
  delivery_id: string;
  endpoint_id: string;
  at: Date;
  /** unknown: the process ended meanwhile, nobody knows whether it arrived. */
  outcome: AttemptOutcome;
  /** HTTP's, or SMTP's. */
  status: number | null;
  latency_ms: number | null;
  /** The start of what it answered. */
  answer: string | null;
  /** Why it failed, for people. */
  why: string | null;
}

/** What a batch or a test says, word for word the same in every attempt; that of an event is made of the event. */
export interface Content {
  readonly body: string;
  readonly words: {
    readonly title: string;
    readonly text: string;
    readonly facts: readonly { readonly name: string; readonly value: string }[];
    readonly link: string | null;
  };
}
