import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { Config } from '../../config';

export const WHY_DISABLED = 'The endpoint is disabled. Once it is active again, replay what failed.';
const WHY_PAUSED = 'The endpoint was paused for too long. Once it is active again, replay what failed.';
const WHY_REMOVED = 'The endpoint was removed.';

/** As much as one short transaction may end. */
const ROWS_AT_ONCE = 5_000;

/** Ends what still waits for an endpoint that gets nothing any more. */
@Injectable()
export class Endings {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

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

  /**
   * A part of what has waited for longer than the retention for endpoints that people paused, and maybe forgot. When it
   * was made does not count: what is replayed waits from then on.
   */
  async endPaused(manager: EntityManager, tenantId: string): Promise<void> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - this.config.retentionDays * DAY_MS);
    await manager.query(
      `WITH open AS MATERIALIZED (
         SELECT d.id FROM endpoints e JOIN deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
         WHERE e.tenant_id = $1 AND e.state = 'paused' AND d.next_at IS NOT NULL AND d.next_at < $2
         LIMIT ${ROWS_AT_ONCE} FOR UPDATE OF d SKIP LOCKED
       ) UPDATE deliveries d SET state = 'failed', state_why = $3, next_at = NULL, ended_at = $4
         FROM open WHERE d.tenant_id = $1 AND d.id = open.id`,
      [tenantId, before, WHY_PAUSED, now],
    );
  }
}
