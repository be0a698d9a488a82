import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { newId } from '../../../ids';
import type { EventFilter } from '../../endpoints/event-filter';
import { type Content, type DeliveryRow, WAITS_FOR_OLDER_BATCH } from '../delivery';
import { retryDelayMs } from '../schedule';
import { isUsedUp, PACE_WINDOW_MS } from './endpoint-run';
import type { SendingEndpoint } from './sending-endpoint';

/** A delivery that is due. `payload`: of a batch that is still to be composed, what it was to gather. */
export type DueDelivery = DeliveryRow & { payload: Content | { filter: EventFilter } | null };

export interface Begun {
  readonly delivery: DueDelivery;
  readonly attemptId: string;
}

const WHY_UNKNOWN = 'The service ended while it was sent: nobody knows whether it arrived. It was sent again.';
export const WHY_USED_UP = 'No attempt was accepted. Mend the receiver and replay it.';

/** What is due for one endpoint, and that it is being sent: within the caller's transaction. */
@Injectable()
export class DueDeliveries {
  constructor(private readonly clock: Clock) {}

  /** Closes what an earlier run has left. Answers when the attempts of the last minute were. */
  async beginRun(manager: EntityManager, { tenant_id: tenantId, id }: SendingEndpoint): Promise<Date[]> {
    await manager.query(
      `UPDATE delivery_attempts SET outcome = 'unknown', why = $3
       WHERE tenant_id = $1 AND endpoint_id = $2 AND outcome = 'sending'`,
      [tenantId, id, WHY_UNKNOWN],
    );
    const since = new Date(this.clock.now().getTime() - PACE_WINDOW_MS);
    const rows = await manager.query<{ at: Date }[]>(
      'SELECT at FROM delivery_attempts WHERE tenant_id = $1 AND endpoint_id = $2 AND at > $3',
      [tenantId, id, since],
    );
    return rows.map(({ at }) => at);
  }

  /**
   * At most `most` that are due, in order. Of one object the older goes first, and never two together; a batch goes once the
   * older ones of its account are over. What somebody else holds is left for the next time. (Ordered inside as well, so that
   * the planner takes the index of objects even where it knows nothing of the table yet.)
   */
  async take(
    manager: EntityManager,
    { tenant_id: tenantId, id }: SendingEndpoint,
    most: number,
  ): Promise<DueDelivery[]> {
    return manager.query<DueDelivery[]>(
      `SELECT d.* FROM deliveries d
       WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.next_at <= $3
         AND (d.object_key IS NULL OR (SELECT o.seq FROM deliveries o
           WHERE o.tenant_id = d.tenant_id AND o.endpoint_id = d.endpoint_id AND o.object_key = d.object_key
             AND o.seq < d.seq AND o.next_at <= $3 ORDER BY o.seq LIMIT 1) IS NULL)
         AND NOT ${WAITS_FOR_OLDER_BATCH}
       ORDER BY d.next_at, d.seq LIMIT $4 FOR UPDATE OF d SKIP LOCKED`,
      [tenantId, id, this.clock.now(), most],
    );
  }

  /**
   * Writes down that each is being sent, and when it would be its turn again: if this process ends now, it is then. Those
   * that have used up their attempts (the last one's end was never written) are failed instead.
   */
  async begin(manager: EntityManager, tenantId: string, due: readonly DueDelivery[]): Promise<Begun[]> {
    const now = this.clock.now();
    await this.fail(
      manager,
      tenantId,
      due.filter(({ attempts }) => isUsedUp(attempts)),
      WHY_USED_UP,
    );
    const begun = due
      .filter(({ attempts }) => !isUsedUp(attempts))
      .map((row) => ({ attemptId: newId(), delivery: { ...row, attempts: row.attempts + 1 } }));
    if (begun.length === 0) return begun;
    const rows = begun.map(({ attemptId, delivery }) => ({
      attempt_id: attemptId,
      id: delivery.id,
      payload: delivery.payload,
      // After the last one there is no wait: whoever finds it then fails it.
      next_at: new Date(now.getTime() + (retryDelayMs(delivery.attempts) ?? 0)),
    }));
    await manager.query(
      `WITH r AS (
         SELECT * FROM jsonb_to_recordset($2::jsonb) AS r(attempt_id uuid, id uuid, payload jsonb, next_at timestamptz)
       ), sending AS (
         UPDATE deliveries d SET state = 'waiting', attempts = d.attempts + 1, next_at = r.next_at,
           payload = nullif(r.payload, 'null'::jsonb)
         FROM r WHERE d.tenant_id = $1 AND d.id = r.id RETURNING d.id, d.endpoint_id, r.attempt_id
       ) INSERT INTO delivery_attempts (tenant_id, id, delivery_id, endpoint_id, at, outcome)
         SELECT $1, attempt_id, id, endpoint_id, $3, 'sending' FROM sending`,
      [tenantId, JSON.stringify(rows), now],
    );
    return begun;
  }

  async fail(
    manager: EntityManager,
    tenantId: string,
    rows: readonly { readonly id: string }[],
    why: string,
  ): Promise<void> {
    if (rows.length === 0) return;
    await manager.query(
      `UPDATE deliveries SET state = 'failed', state_why = $3, next_at = NULL, ended_at = $4
       WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
      [tenantId, rows.map(({ id }) => id), why, this.clock.now()],
    );
  }
}
