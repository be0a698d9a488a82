import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock';
import { Metrics } from '../../observability/metrics.service';
import { gaugeOfRows, secondsSince } from '../../observability/read-gauges';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';

/** What operators see of events that are recorded and not published: also those that cannot be told, and are held back. */
@Injectable()
export class PublishingGauges {
  constructor({ registry }: Metrics, database: TenantDatabase, clock: Clock) {
    gaugeOfRows(
      registry,
      {
        ...{ name: 'mothball_events_oldest_unpublished_seconds', labelNames: [] },
        help: 'For how long the oldest event that is recorded and not published has waited; 0: none waits.',
      },
      () =>
        database.inTenant(PLATFORM_TENANT_ID, (manager) =>
          manager.query<{ at: Date | null }[]>('SELECT oldest_unpublished_event() AS at'),
        ),
      ({ at }) => ({ labels: {}, value: at === null ? 0 : secondsSince(at, clock) }),
    );
  }
}
