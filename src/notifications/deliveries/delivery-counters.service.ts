import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { encodeId } from '../../api-id';
import { Clock, DAY_MS } from '../../clock';
import { Metrics } from '../../observability/metrics.service';
import { gaugeOfRows, readTogether, secondsSince } from '../../observability/read-gauges';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';
import type { ChannelId, Outcome } from '../channels/channel';

interface Backlog {
  tenant_id: string;
  endpoint_id: string;
  channel: ChannelId;
  state: string;
  waiting: string;
  oldest_at: Date;
}

interface Endpoint {
  readonly tenant_id: string;
  readonly id: string;
  readonly channel: ChannelId;
}

/**
 * What operators see of deliveries: what this process sent, and what waits in the database. Endpoints are named by their
 * ids only, and only those that have something waiting or were sent to within a day.
 */
@Injectable()
export class DeliveryCounters {
  private readonly attempts;
  private readonly ofEndpoints;
  private readonly lastAt = new Map<string, number>();

  constructor(
    { registry }: Metrics,
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'mothball_delivery_attempts_total',
      help: 'Attempts to deliver a notification, by channel and outcome.',
      labelNames: ['channel', 'outcome'] as const,
      registers,
    });
    this.ofEndpoints = new Counter({
      name: 'mothball_endpoint_attempts_total',
      help: 'The same for each endpoint (its id) that was sent to within a day; success rate = accepted / all.',
      labelNames: ['endpoint', 'outcome'] as const,
      registers,
    });
    const read = readTogether(() => this.backlog());
    const labelsOf = (row: Backlog) => ({
      endpoint: encodeId('Endpoint', row.tenant_id, row.endpoint_id),
      ...{ channel: row.channel, state: row.state },
    });
    gaugeOfRows(
      registry,
      {
        ...{ name: 'mothball_deliveries_waiting', labelNames: ENDPOINT_LABELS },
        help: 'Deliveries that are not over, by endpoint (its id), channel and the state of the endpoint.',
      },
      read,
      (row) => ({ labels: labelsOf(row), value: Number(row.waiting) }),
    );
    gaugeOfRows(
      registry,
      {
        ...{ name: 'mothball_deliveries_oldest_seconds', labelNames: ENDPOINT_LABELS },
        help: 'For how long the oldest delivery of an endpoint (its id) has waited.',
      },
      read,
      (row) => ({ labels: labelsOf(row), value: secondsSince(row.oldest_at, this.clock) }),
    );
  }

  attempt(endpoint: Endpoint, outcome: Outcome['kind']): void {
    const id = encodeId('Endpoint', endpoint.tenant_id, endpoint.id);
    this.attempts.inc({ channel: endpoint.channel, outcome });
    this.ofEndpoints.inc({ endpoint: id, outcome });
    this.lastAt.set(id, performance.now());
  }

  private backlog(): Promise<readonly Backlog[]> {
    this.forgetQuiet();
    return this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<Backlog[]>('SELECT * FROM delivery_backlog()'),
    );
  }

  private forgetQuiet(): void {
    for (const [endpoint, at] of this.lastAt) {
      if (performance.now() - at < DAY_MS) continue;
      this.lastAt.delete(endpoint);
      for (const outcome of OUTCOMES) this.ofEndpoints.remove({ endpoint, outcome });
    }
  }
}

const ENDPOINT_LABELS = ['endpoint', 'channel', 'state'] as const;
const OUTCOMES: readonly Outcome['kind'][] = ['accepted', 'failed', 'gone'];
