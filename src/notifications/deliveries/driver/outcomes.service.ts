import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { Outcome } from '../../channels/channel';
import { DeliveryCounters } from '../delivery-counters.service';
import { LONGEST_REST_MS, retryDelayMs } from '../schedule';
import { WHY_USED_UP } from './due-deliveries.service';
import type { SendingEndpoint } from './sending-endpoint';
import type { Sent } from './sending.service';
import type { Turn } from './turn';

const WHY_SUPERSEDED = 'A newer event of the same object was accepted before it.';
const MOST_CHARACTERS = 1_000;

/** Writes down what became of an attempt, and where its delivery goes. */
@Injectable()
export class Outcomes {
  constructor(
    private readonly database: TenantDatabase,
    private readonly counters: DeliveryCounters,
    private readonly clock: Clock,
  ) {}

  async write(task: RunningTask, endpoint: SendingEndpoint, turn: Turn, sent: Sent): Promise<void> {
    const { outcome, latencyMs } = sent;
    const { tenantId } = task;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      await manager.query(
        `UPDATE delivery_attempts SET outcome = $3, status = $4, latency_ms = $5, answer = $6, why = $7
         WHERE tenant_id = $1 AND id = $2`,
        [
          ...[tenantId, turn.attemptId, outcome.kind, outcome.status ?? null, latencyMs],
          ...[outcome.answer?.slice(0, MOST_CHARACTERS) ?? null, outcome.kind === 'accepted' ? null : outcome.why],
        ],
      );
      if (outcome.kind === 'accepted') await this.delivered(manager, endpoint, turn);
      else await this.notDelivered(manager, endpoint, turn, outcome);
    });
    this.counters.attempt(endpoint, outcome.kind);
  }

  /** Whatever was decided about it meanwhile: it has arrived. */
  private async delivered(
    manager: EntityManager,
    { tenant_id: tenantId, id }: SendingEndpoint,
    turn: Turn,
  ): Promise<void> {
    const now = this.clock.now();
    const { delivery } = turn;
    // A replay holds the endpoint: either it sees that this was accepted, or what it sends again is seen here.
    await manager.query('SELECT 1 FROM endpoints WHERE tenant_id = $1 AND id = $2 FOR SHARE', [tenantId, id]);
    await manager.query(
      `UPDATE deliveries SET state = 'delivered', state_why = NULL, next_at = NULL, ended_at = $3
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, delivery.id, now],
    );
    if (delivery.object_key === null) return;
    await manager.query(
      `WITH older AS MATERIALIZED (
         SELECT id FROM deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND object_key = $3 AND seq < $4
           AND next_at IS NOT NULL ORDER BY seq DESC FOR UPDATE
       ) UPDATE deliveries d SET state = 'superseded', state_why = $5, next_at = NULL, ended_at = $6
         FROM older WHERE d.tenant_id = $1 AND d.id = older.id`,
      [tenantId, id, delivery.object_key, delivery.seq, WHY_SUPERSEDED, now],
    );
  }

  /** Only where it is still this round: a replay meanwhile has begun another one. */
  private async notDelivered(
    manager: EntityManager,
    { tenant_id: tenantId }: SendingEndpoint,
    { delivery }: Turn,
    outcome: Exclude<Outcome, { kind: 'accepted' }>,
  ): Promise<void> {
    const now = this.clock.now();
    const delayMs = outcome.kind === 'gone' ? null : retryDelayMs(delivery.attempts);
    const nextAt = delayMs === null ? null : new Date(now.getTime() + Math.max(delayMs, restMs(outcome)));
    await manager.query(
      `UPDATE deliveries SET next_at = $5, state = CASE WHEN $5::timestamptz IS NULL THEN 'failed' ELSE state END,
         state_why = CASE WHEN $5::timestamptz IS NULL THEN $6 END,
         ended_at = CASE WHEN $5::timestamptz IS NULL THEN $7::timestamptz END
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND replays = $4 AND next_at IS NOT NULL`,
      [
        ...[tenantId, delivery.id, delivery.attempts, delivery.replays, nextAt],
        ...[outcome.kind === 'gone' ? outcome.why : WHY_USED_UP, now],
      ],
    );
  }
}

/** How long the receiver asked to be left alone, within bounds. */
export const restMs = (outcome: Outcome): number =>
  outcome.kind === 'failed' ? Math.min(LONGEST_REST_MS, Math.max(0, outcome.retryAfterMs ?? 0)) : 0;
