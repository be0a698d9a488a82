import type { RunningTenant } from './running-tenant';

export interface Published {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly object_id: string;
}

export interface Delivery {
  readonly id: string;
  readonly endpoint_id: string;
  readonly kind: 'event' | 'batch' | 'digest' | 'test';
  readonly event_id: string | null;
  readonly seq: number | null;
  readonly last_seq: number | null;
  readonly account_id: string | null;
  readonly object_key: string | null;
  readonly state: 'gathering' | 'waiting' | 'delivered' | 'failed' | 'superseded' | 'cancelled';
  readonly state_why: string | null;
  readonly attempts: number;
}

export interface Attempt {
  readonly id: string;
  readonly delivery_id: string;
  readonly at: Date;
  readonly outcome: 'sending' | 'accepted' | 'failed' | 'gone' | 'unknown';
  readonly status: number | null;
  readonly why: string | null;
}

export interface Kept {
  readonly id: string;
  readonly after_seq: number;
  readonly state: string;
}

/** What the service shows of a tenant, row-level security aside. */
export interface There {
  readonly published: readonly Published[];
  readonly unpublished: number;
  readonly endpoints: ReadonlyMap<string, Kept>;
  readonly deliveries: readonly Delivery[];
  readonly attempts: readonly Attempt[];
}

export async function whatIsThere({ tenantId, world }: RunningTenant): Promise<There> {
  const { rows } = world.pipeline;
  const of = <T extends object>(statement: string): Promise<T[]> => rows<T>(statement, [tenantId]);
  const endpoints = await of<Kept>('SELECT id, after_seq::int, state FROM endpoints WHERE tenant_id = $1');
  const [unpublished] = await of<{ n: number }>(
    'SELECT count(*)::int AS n FROM unpublished_events WHERE tenant_id = $1',
  );
  return {
    published: await of('SELECT id, seq::int, type, object_id FROM published_events WHERE tenant_id = $1 ORDER BY seq'),
    unpublished: unpublished?.n ?? 0,
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.id, endpoint])),
    deliveries: await of(
      `SELECT id, endpoint_id, kind, event_id, seq::int, last_seq::int, account_id, object_key, state, state_why, attempts
       FROM deliveries WHERE tenant_id = $1 ORDER BY seq, id`,
    ),
    attempts: await of(
      `SELECT id, delivery_id, at, outcome, status, why FROM delivery_attempts WHERE tenant_id = $1 ORDER BY id`,
    ),
  };
}
