import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { Config } from '../../../config';
import { newId } from '../../../ids';
import { batch } from '../../catalogue/other-messages';
import type { EventFilter } from '../../endpoints/event-filter';
import type { PublishedEvent } from '../../publishing/published-event';
import { PublishedEventQueries } from '../../publishing/published-event-queries';
import type { Content, DeliveryRow } from '../delivery';
import { DeliveriesDue } from '../deliveries-due.service';
import { isTold } from '../hearing';
import { type BatchPart, contentOfBatch, MOST_SHOWN } from './batch-content';

/** What one endpoint is to hear of one account together. */
export interface Gathering {
  readonly endpointId: string;
  readonly accountId: string | null;
  /** As it was asked for when the first of them came. */
  readonly filter: EventFilter;
  readonly firstSeq: string;
  lastSeq: string;
}

/** For so long a batch gathers: a judgement of a large account is published in parts. */
const GATHERING_MS = 60_000;

type BatchRow = Pick<DeliveryRow, 'tenant_id' | 'id' | 'endpoint_id' | 'account_id' | 'seq' | 'last_seq' | 'event_id'>;

/** An event that happened while a batch gathered, and as much of it as says whether the endpoint is told of it. */
type Candidate = BatchPart & Pick<PublishedEvent, 'objectType' | 'objectId'>;

/** What happens in one account within a minute, as one message. */
@Injectable()
export class Batches {
  constructor(
    private readonly events: PublishedEventQueries,
    private readonly due: DeliveriesDue,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Adds to the batches that gather, and begins those that are missing. */
  async gather(manager: EntityManager, tenantId: string, gatherings: readonly Gathering[]): Promise<void> {
    if (gatherings.length === 0) return;
    const now = this.clock.now();
    const [joined] = await manager.query<[{ endpoint_id: string; account_id: string | null }[], number]>(
      `UPDATE deliveries d SET last_seq = g."lastSeq"
       FROM jsonb_to_recordset($2::jsonb) AS g("endpointId" uuid, "accountId" uuid, "lastSeq" bigint)
       WHERE d.tenant_id = $1 AND d.endpoint_id = g."endpointId" AND d.account_id IS NOT DISTINCT FROM g."accountId"
         AND d.state = 'gathering' AND d.next_at > $3
       RETURNING d.endpoint_id, d.account_id`,
      [tenantId, JSON.stringify(gatherings), now],
    );
    const known = new Set(joined.map(({ endpoint_id, account_id }) => `${endpoint_id} ${account_id}`));
    const fresh = gatherings.filter(({ endpointId, accountId }) => !known.has(`${endpointId} ${accountId}`));
    if (fresh.length === 0) return;
    const over = new Date(now.getTime() + GATHERING_MS);
    await manager.query(
      `INSERT INTO deliveries (tenant_id, id, endpoint_id, kind, seq, last_seq, account_id, type, payload, state, next_at,
         created_at)
       SELECT $1, id, "endpointId", 'batch', "firstSeq", "lastSeq", "accountId", $3, jsonb_build_object('filter', filter),
         'gathering', $4, $5
       FROM jsonb_to_recordset($2::jsonb) AS g(id uuid, "endpointId" uuid, "accountId" uuid, filter jsonb,
         "firstSeq" bigint, "lastSeq" bigint)`,
      [tenantId, JSON.stringify(fresh.map((one) => ({ ...one, id: newId() }))), batch.type, over, now],
    );
    const endpoints = [...new Set(fresh.map(({ endpointId }) => endpointId))];
    await this.due.enqueueFor(
      manager,
      tenantId,
      endpoints.map((id) => ({ id, at: over, failures: 0 })),
    );
  }

  /** What an endpoint gathers is complete; it is due at once. */
  async close(manager: EntityManager, tenantId: string, endpointId: string): Promise<void> {
    await manager.query(
      `UPDATE deliveries SET state = 'waiting', next_at = least(next_at, $3)
       WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'gathering'`,
      [tenantId, endpointId, this.clock.now()],
    );
  }

  /** What a batch says, of the events that it gathered; null: none of them is kept any more. */
  async compose(manager: EntityManager, row: BatchRow, filter: EventFilter, version: number): Promise<Content | null> {
    const { tenant_id: tenantId, endpoint_id: endpointId, account_id: accountId } = row;
    const all = await manager.query<Candidate[]>(
      `SELECT id, type, object_type AS "objectType", object_id AS "objectId", at, published_at AS "publishedAt",
         jsonb_strip_nulls(jsonb_build_object('accountId', account_id, 'checkId', check_id, 'severity', severity,
           'owner', owner, 'ouPath', ou_path)) AS facets
       FROM published_events WHERE tenant_id = $1 AND seq BETWEEN $2 AND $3 AND account_id IS NOT DISTINCT FROM $4
       ORDER BY seq`,
      [tenantId, row.seq, row.last_seq, accountId],
    );
    const wanted = all.filter((part) => isTold({ id: endpointId, filter }, part));
    const first = wanted.slice(0, MOST_SHOWN).map(({ id }) => id);
    const events = await this.events.byIds({ manager, tenantId }, first);
    const [account] = await manager.query<{ name: string; aws_account_id: string }[]>(
      'SELECT name, aws_account_id FROM accounts WHERE tenant_id = $1 AND id = $2',
      [tenantId, accountId],
    );
    return contentOfBatch({
      row,
      parts: wanted,
      shown: first.flatMap((id) => events.find((event) => event.id === id) ?? []),
      account: account ? { name: account.name, awsAccountId: account.aws_account_id } : null,
      version,
      publicUrl: this.config.publicUrl,
    });
  }
}
