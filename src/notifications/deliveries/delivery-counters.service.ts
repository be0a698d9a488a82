import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { encodeId } from '../../api-id';
import { Clock, DAY_MS } from '../../clock';
import { Metrics } from '../../observability/metrics.service';
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
  private reading: Promise<readonly Backlog[]> | undefined;

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
    new Gauge({
      ...{ name: 'mothball_deliveries_waiting', labelNames: ENDPOINT_LABELS, registers },
      help: 'Deliveries that are not over, by endpoint (its id), channel and the state of the endpoint.',
      collect: this.gauging(({ waiting }) => Number(waiting)),
    });
    new Gauge({
      ...{ name: 'mothball_deliveries_oldest_seconds', labelNames: ENDPOINT_LABELS, registers },
      help: 'For how long the oldest delivery of an endpoint (its id) has waited.',
      collect: this.gauging((row) => Math.max(0, (this.clock.now().getTime() - row.oldest_at.getTime()) / 1_000)),
    });
  }

  attempt(endpoint: Endpoint, outcome: Outcome['kind']): void {
    const id = encodeId('Endpoint', endpoint.tenant_id, endpoint.id);
    this.attempts.inc({ channel: endpoint.channel, outcome });
    this.ofEndpoints.inc({ endpoint: id, outcome });
    this.lastAt.set(id, performance.now());
  }

  /** Sets a gauge for each endpoint that has something waiting, whenever the numbers are asked for. */
  private gauging(value: (row: Backlog) => number) {
    const read = (): Promise<readonly Backlog[]> => this.backlog();
    return async function (this: Gauge<(typeof ENDPOINT_LABELS)[number]>): Promise<void> {
      const rows = await read();
      this.reset();
      for (const row of rows) {
        const endpoint = encodeId('Endpoint', row.tenant_id, row.endpoint_id);
        this.set({ endpoint, channel: row.channel, state: row.state }, value(row));
      }
    };
  }

  /** Asked for together it is read once. */
  private async backlog(): Promise<readonly Backlog[]> {
    this.forgetQuiet();
    this.reading ??= this.database
      .inTenant(PLATFORM_TENANT_ID, (manager) => manager.query<Backlog[]>('SELECT * FROM delivery_backlog()'))
      .finally(() => (this.reading = undefined));
    return this.reading;
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
