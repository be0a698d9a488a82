import sql from 'sql-template-tag';
import type { ChannelId } from '../channels/channel';
import type { EventFilter } from './event-filter';

/**
 * single: one message for each event. batch: what happens in one account within a minute together. The digests: a summary
 * a day or a week, and nothing else.
 */
export const SENDS = ['single', 'batch', 'daily-digest', 'weekly-digest'] as const;

export type Sends = (typeof SENDS)[number];

/** paused: by people, deliveries wait. disabled: it said that it is gone, or failed for days; deliveries fail. */
export const ENDPOINT_STATES = ['active', 'paused', 'disabled'] as const;

export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** An endpoint without its secrets. */
export interface EndpointRow {
  tenant_id: string;
  id: string;
  name: string;
  channel: ChannelId;
  state: EndpointState;
  state_why: string | null;
  state_changed_at: Date;
  payload_version: number;
  sends: Sends;
  filter: EventFilter;
  settings: Readonly<Record<string, unknown>>;
  /** What receivers prove its signatures with; null: they need the secret itself, or there is none. */
  public_key: string | null;
  /** Null: its channel has none. */
  secret_made_at: Date | null;
  /** Until when the secret before it signs as well. */
  previous_secret_until: Date | null;
  per_minute: number;
  concurrency: number;
  /** Since when nothing was accepted; null: the last attempt was, or there was none. */
  failing_since: Date | null;
  /** How often in a row. */
  failures: number;
  last_failure_at: Date | null;
  /** Until then nothing is sent. */
  wait_until: Date | null;
  made_by: string;
  created_at: Date;
  changed_at: Date;
  deleted_at: Date | null;
}

/** How an endpoint does. */
export interface EndpointHealth {
  /** Messages that are not over. */
  readonly waiting: number;
  /** Since when the oldest of them waits. */
  readonly oldestAt: Date | null;
  /** Attempts of the last 24 hours. */
  readonly accepted: number;
  readonly failed: number;
}

/** Of endpoints `e`; nothing sealed. */
export const ENDPOINT_COLUMNS = sql`e.tenant_id, e.id, e.name, e.channel, e.state, e.state_why, e.state_changed_at,
  e.payload_version, e.sends, e.filter, e.settings, e.public_key, e.secret_made_at, e.previous_secret_until, e.per_minute, e.concurrency,
  e.failing_since, e.failures, e.last_failure_at, e.wait_until, e.made_by, e.created_at, e.changed_at, e.deleted_at`;

/** What the audit log keeps of one: what was decided, and no secret, which an address's query may hold. */
export const noted = (row: Pick<EndpointRow, NotedColumn>): object => ({
  name: row.name,
  channel: row.channel,
  state: row.state,
  sends: row.sends,
  filter: row.filter,
  settings: Object.fromEntries(Object.entries(row.settings).map(([name, value]) => [name, withoutQuery(value)])),
  perMinute: row.per_minute,
  concurrency: row.concurrency,
  payloadVersion: row.payload_version,
});

type NotedColumn =
  'name' | 'channel' | 'state' | 'sends' | 'filter' | 'settings' | 'per_minute' | 'concurrency' | 'payload_version';

function withoutQuery(value: unknown): unknown {
  if (typeof value !== 'string' || !/^https?:/i.test(value) || !URL.canParse(value)) return value;
  const { origin, pathname, search } = new URL(value);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}
