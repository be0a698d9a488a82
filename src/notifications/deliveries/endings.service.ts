import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';

export const WHY_DISABLED = 'The endpoint is disabled. Once it is active again, replay what failed.';
const WHY_PAUSED = 'The endpoint was paused for too long. Once it is active again, replay what failed.';
const WHY_REMOVED = 'The endpoint was removed.';

/** As much as one short transaction may end. */
const ROWS_AT_ONCE = 5_000;

/** Ends what still waits for an endpoint that gets nothing any more. */
@Injectable()
export class Endings {
  constructor(private readonly clock: Clock) {}

  /** A part of it. Answers whether there may be more. */
  async end(
    manager: EntityManager,
    { tenantId, endpointId }: { readonly tenantId: string; readonly endpointId: string },
    as: 'disabled' | 'removed',
  ): Promise<boolean> {
    const [, ended] = await manager.query<[unknown[], number]>(
      `WITH open AS MATERIALIZED (
         SELECT id FROM deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND next_at IS NOT NULL
         ORDER BY next_at, seq LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED
       ) UPDATE deliveries d SET state = $3, state_why = $4, next_at = NULL, ended_at = $5
         FROM open WHERE d.tenant_id = $1 AND d.id = open.id`,
      [
        ...[tenantId, endpointId],
        ...(as === 'disabled' ? ['failed', WHY_DISABLED] : ['cancelled', WHY_REMOVED]),
        this.clock.now(),
      ],
    );
    return ended === ROWS_AT_ONCE;
  }

  /** A part of what has waited since before that moment for endpoints that people paused, and maybe forgot. */
  async endPaused(manager: EntityManager, tenantId: string, before: Date): Promise<void> {
    await manager.query(
      `WITH open AS MATERIALIZED (
         SELECT d.id FROM endpoints e JOIN deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
         WHERE e.tenant_id = $1 AND e.state = 'paused' AND d.next_at IS NOT NULL AND d.created_at < $2
         LIMIT ${ROWS_AT_ONCE} FOR UPDATE OF d SKIP LOCKED
       ) UPDATE deliveries d SET state = 'failed', state_why = $3, next_at = NULL, ended_at = $4
         FROM open WHERE d.tenant_id = $1 AND d.id = open.id`,
      [tenantId, before, WHY_PAUSED, this.clock.now()],
    );
  }
}
