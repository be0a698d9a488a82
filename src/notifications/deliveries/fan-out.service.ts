import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { newId } from '../../ids';
import type { EndpointState, Sends } from '../endpoints/endpoint';
import type { EventFilter } from '../endpoints/event-filter';
import type { PublishedEvent } from '../publishing/published-event';
import { Batches, type Gathering } from './batches/batches.service';
import { DeliveriesDue } from './deliveries-due.service';
import { WHY_DISABLED } from './endings.service';
import { DIGESTS, isTold } from './hearing';

interface Hearing {
  id: string;
  state: EndpointState;
  sends: Sends;
  filter: EventFilter;
  after_seq: string;
  failures: number;
  wait_until: Date | null;
}

interface NewDelivery {
  readonly endpoint: Hearing;
  readonly event: PublishedEvent;
}

/** Fewer rows would cost more round trips, more would make one statement's parameters too large. */
const ROWS_PER_INSERT = 5_000;

/** Makes the deliveries of events that were just published, in the transaction that publishes them. */
@Injectable()
export class FanOut {
  constructor(
    private readonly batches: Batches,
    private readonly due: DeliveriesDue,
    private readonly clock: Clock,
  ) {}

  /**
   * A few statements, however many events and endpoints there are. Once for each event: the numbers of events, which the
   * caller holds, come here in order.
   */
  async fanOut(manager: EntityManager, tenantId: string, events: readonly PublishedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const endpoints = await this.endpoints(manager, tenantId);
    const singles: NewDelivery[] = [];
    const gatherings = new Map<string, Gathering>();
    for (const endpoint of endpoints) {
      for (const event of events) {
        if (!hears(endpoint, event)) continue;
        if (endpoint.sends === 'batch') gather(gatherings, endpoint, event);
        else singles.push({ endpoint, event });
      }
    }
    // Tasks before deliveries, as everybody does.
    const awake = new Set(singles.map(({ endpoint }) => endpoint).filter(({ state }) => state === 'active'));
    await this.due.enqueueFor(
      manager,
      tenantId,
      [...awake].map(({ id, wait_until: at, failures }) => ({ id, at, failures })),
    );
    await this.insert(manager, tenantId, singles);
    await this.batches.gather(manager, tenantId, [...gatherings.values()]);
  }

  private endpoints(manager: EntityManager, tenantId: string): Promise<Hearing[]> {
    return manager.query<Hearing[]>(
      `SELECT id, state, sends, filter, after_seq, failures, wait_until FROM endpoints
       WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY id`,
      [tenantId],
    );
  }

  private async insert(manager: EntityManager, tenantId: string, deliveries: readonly NewDelivery[]): Promise<void> {
    const now = this.clock.now();
    for (let start = 0; start < deliveries.length; start += ROWS_PER_INSERT) {
      const rows = deliveries.slice(start, start + ROWS_PER_INSERT).map(rowOf);
      await manager.query(
        `INSERT INTO deliveries (tenant_id, id, endpoint_id, kind, event_id, seq, account_id, type, object_key, state,
           state_why, next_at, created_at, ended_at)
         SELECT $1, id, endpoint_id, kind, event_id, seq, account_id, type, object_key,
           CASE WHEN disabled THEN 'failed' ELSE 'waiting' END, CASE WHEN disabled THEN $4 END,
           CASE WHEN disabled THEN NULL ELSE $3::timestamptz END, $3, CASE WHEN disabled THEN $3::timestamptz END
         FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, endpoint_id uuid, kind text, event_id uuid, seq bigint,
           account_id uuid, type text, object_key text, disabled boolean)
         ON CONFLICT (tenant_id, endpoint_id, event_id) WHERE event_id IS NOT NULL DO NOTHING`,
        [tenantId, JSON.stringify(rows), now, WHY_DISABLED],
      );
    }
  }
}

function hears(endpoint: Hearing, event: PublishedEvent): boolean {
  if (BigInt(event.seq) <= BigInt(endpoint.after_seq)) return false;
  const digest = DIGESTS[event.type];
  if (digest !== undefined) return endpoint.sends === digest;
  if (endpoint.sends === 'daily-digest' || endpoint.sends === 'weekly-digest') return false;
  return isTold(endpoint, event);
}

function gather(gatherings: Map<string, Gathering>, { id, filter }: Hearing, event: PublishedEvent): void {
  const accountId = event.facets.accountId ?? null;
  const key = `${id} ${accountId}`;
  const known = gatherings.get(key);
  if (known) known.lastSeq = event.seq;
  else gatherings.set(key, { endpointId: id, accountId, filter, firstSeq: event.seq, lastSeq: event.seq });
}

function rowOf({ endpoint, event }: NewDelivery): object {
  const digest = DIGESTS[event.type] !== undefined;
  return {
    id: newId(),
    endpoint_id: endpoint.id,
    kind: digest ? 'digest' : 'event',
    event_id: event.id,
    seq: event.seq,
    account_id: event.facets.accountId ?? null,
    type: event.type,
    // A digest stands for itself: the older one says what the newer one does not.
    object_key: digest ? null : `${event.objectType} ${event.objectId}`,
    disabled: endpoint.state === 'disabled',
  };
}
