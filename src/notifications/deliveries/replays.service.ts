import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput, notFound } from '../../errors';
import { conditions } from '../../paging';
import { AuditLog } from '../../tenancy/audit-log.service';
import { EndpointRecords } from '../endpoints/endpoint-records.service';
import { DeliveriesDue } from './deliveries-due.service';
import type { DeliveryState } from './delivery';

/** Which deliveries of an endpoint are sent again. */
export interface ReplayRange {
  readonly endpointId: string;
  /** Made from this moment on … */
  readonly from?: Date | null;
  /** … and before this one. */
  readonly to?: Date | null;
  /** From this event on, and up to this one, both included. */
  readonly fromEventId?: string | null;
  readonly toEventId?: string | null;
  /** Only what failed; then a range is not needed. */
  readonly onlyFailed?: boolean | null;
}

const OVER: readonly DeliveryState[] = ['delivered', 'failed', 'superseded', 'cancelled'];
const WHY_SUPERSEDED = 'A newer event of the same object was accepted before it was replayed.';
const WHY_CANCELLED = 'Somebody cancelled it.';

/**
 * Of deliveries `d`: whether a newer one of the same object was accepted, now or before it was replayed itself. Sent in
 * a row with others, an older one is not sent after that.
 */
const OLDER_THAN_ACCEPTED = sql`(SELECT o.seq FROM deliveries o
  WHERE o.tenant_id = d.tenant_id AND o.endpoint_id = d.endpoint_id AND o.object_key = d.object_key AND o.seq > d.seq
    AND (o.state = 'delivered' OR (o.replays > 0 AND EXISTS (SELECT 1 FROM delivery_attempts a
      WHERE a.tenant_id = o.tenant_id AND a.delivery_id = o.id AND a.outcome = 'accepted')))
  ORDER BY o.seq DESC LIMIT 1) IS NOT NULL`;

/** Sends again what people ask for: a new round of attempts, with the same id and the same words. In the caller's transaction. */
@Injectable()
export class Replays {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly due: DeliveriesDue,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * One, by hand: it is sent even if a newer event of its object was accepted meanwhile. One that waits is tried now.
   * @throws NOT_FOUND, BAD_INPUT
   */
  async one(manager: EntityManager, tenantId: string, deliveryId: string): Promise<void> {
    const [found] = await manager.query<{ endpoint_id: string }[]>(
      'SELECT endpoint_id FROM deliveries WHERE tenant_id = $1 AND id = $2',
      [tenantId, deliveryId],
    );
    if (!found) throw notFound('The delivery');
    await this.mustHear(manager, tenantId, found.endpoint_id);
    const [rows] = await manager.query<[unknown[], number]>(
      `UPDATE deliveries SET state = 'waiting', state_why = NULL, attempts = 0, replays = replays + 1, next_at = $3,
         ended_at = NULL WHERE tenant_id = $1 AND id = $2 AND state <> 'gathering' RETURNING id`,
      [tenantId, deliveryId, this.clock.now()],
    );
    if (rows.length === 0) throw badInput('id: this batch still gathers; it is sent within a minute by itself.');
    this.note(manager, 'delivery.replayed', { type: 'Delivery', id: deliveryId }, {});
  }

  /**
   * A range, or all that failed. What is older than what was accepted of its object is not sent: it becomes superseded, or
   * stays delivered. Answers how many are sent again. @throws NOT_FOUND, BAD_INPUT
   */
  async many(manager: EntityManager, tenantId: string, range: ReplayRange): Promise<number> {
    const { endpointId, onlyFailed } = range;
    await this.mustHear(manager, tenantId, endpointId);
    const where = await rangeConditions(manager, tenantId, range);
    if (where.length === 0 && !onlyFailed) {
      throw badInput('from: say from when on, or ask for onlyFailed; everything at once is never replayed.');
    }
    const states = onlyFailed ? ['failed'] : OVER;
    const again = sql`WITH chosen AS MATERIALIZED (
          SELECT d.id, d.object_key IS NOT NULL AND ${OLDER_THAN_ACCEPTED} AS older FROM deliveries d
          ${conditions([
            sql`d.tenant_id = ${tenantId}`,
            sql`d.endpoint_id = ${endpointId}`,
            sql`d.state = ANY (${states}::text[])`,
            ...where,
          ])} ORDER BY d.seq DESC, d.id DESC FOR UPDATE OF d
          )
        UPDATE deliveries d SET state = CASE WHEN older THEN 'superseded' ELSE 'waiting' END,
          state_why = CASE WHEN older THEN ${WHY_SUPERSEDED} END,
          attempts = CASE WHEN older THEN d.attempts ELSE 0 END,
          replays = CASE WHEN older THEN d.replays ELSE d.replays + 1 END,
          next_at = CASE WHEN older THEN NULL ELSE ${this.clock.now()}::timestamptz END,
          ended_at = CASE WHEN older THEN d.ended_at END
          FROM chosen WHERE d.tenant_id = ${tenantId} AND d.id = chosen.id
          AND NOT (older AND d.state IN ('delivered', 'superseded'))
          RETURNING d.state`;
    const [rows] = await manager.query<[{ state: DeliveryState }[], number]>(again.text, again.values);
    const deliveries = rows.filter(({ state }) => state === 'waiting').length;
    const { from = null, to = null, fromEventId = null, toEventId = null } = range;
    const after = { from, to, fromEventId, toEventId, onlyFailed: onlyFailed ?? false, deliveries };
    this.note(manager, 'deliveries.replayed', { type: 'Endpoint', id: endpointId }, after);
    return deliveries;
  }

  /** Of what still waits: all of the endpoint, or these. What is on its way just now may still arrive. @throws NOT_FOUND */
  async cancel(
    manager: EntityManager,
    tenantId: string,
    { endpointId, ids }: { readonly endpointId: string; readonly ids?: readonly string[] | null },
  ): Promise<number> {
    await this.endpoints.held(manager, tenantId, endpointId);
    // The newest first: a driver, which holds one and then ends older ones of the same object, is never waited for in a circle.
    const [, cancelled] = await manager.query<[unknown[], number]>(
      `WITH chosen AS MATERIALIZED (
         SELECT id FROM deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND next_at IS NOT NULL
           AND ($3::uuid[] IS NULL OR id = ANY ($3::uuid[])) ORDER BY seq DESC, id DESC FOR UPDATE
       ) UPDATE deliveries d SET state = 'cancelled', state_why = $4, next_at = NULL, ended_at = $5
         FROM chosen WHERE d.tenant_id = $1 AND d.id = chosen.id`,
      [tenantId, endpointId, ids ?? null, WHY_CANCELLED, this.clock.now()],
    );
    this.note(manager, 'deliveries.cancelled', { type: 'Endpoint', id: endpointId }, { deliveries: cancelled });
    return cancelled;
  }

  /** Calls its driver, and holds the endpoint. One that is left alone for a while is tried at once: somebody asks for it. */
  private async mustHear(manager: EntityManager, tenantId: string, endpointId: string): Promise<void> {
    await this.due.enqueue(manager, tenantId, [endpointId]);
    const { state } = await this.endpoints.held(manager, tenantId, endpointId);
    if (state === 'disabled') {
      throw badInput('id: the endpoint is disabled. Make it active again (resumeEndpoint) first.');
    }
    await this.endpoints.tryNow(manager, tenantId, endpointId);
  }

  private note(manager: EntityManager, action: string, object: { type: string; id: string }, after: object): void {
    this.auditLog.note(manager, { action, object, before: null, after });
  }
}

async function rangeConditions(manager: EntityManager, tenantId: string, range: ReplayRange): Promise<Sql[]> {
  const { from, to, fromEventId, toEventId } = range;
  if (from && to && from >= to) throw badInput('to: must be after from.');
  const where: Sql[] = [];
  if (from) where.push(sql`d.created_at >= ${from}`);
  if (to) where.push(sql`d.created_at < ${to}`);
  if (fromEventId)
    where.push(sql`coalesce(d.last_seq, d.seq) >= ${await seqOf(manager, tenantId, fromEventId, 'fromEvent')}`);
  if (toEventId) where.push(sql`d.seq <= ${await seqOf(manager, tenantId, toEventId, 'toEvent')}`);
  return where;
}

async function seqOf(manager: EntityManager, tenantId: string, id: string, field: string): Promise<string> {
  const [event] = await manager.query<{ seq: string }[]>(
    'SELECT seq FROM published_events WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  if (!event) throw notFound(`${field}: the event`);
  return event.seq;
}
