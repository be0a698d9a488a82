import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { encodeId } from '../../api-id';
import { Clock } from '../../clock';
import { Metrics } from '../../observability/metrics.service';
import { gaugeOfRows, readTogether, secondsSince } from '../../observability/read-gauges';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';
import type { StepKind, StepOutcome } from './ticket';
import type { TicketSystemId } from './ticket-system';

interface Backlog {
  readonly tenant_id: string;
  readonly connection_id: string;
  readonly system: TicketSystemId;
  readonly state: string;
  readonly due: string;
  readonly oldest_at: Date;
}

const LABELS = ['connection', 'system', 'state'] as const;

/** What operators see of tickets: what this process asked of systems, and what is due in the database. */
@Injectable()
export class TicketCounters {
  private readonly requests;

  constructor(
    { registry }: Metrics,
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {
    this.requests = new Counter({
      name: 'mothball_ticket_requests_total',
      help: 'Requests to ticketing systems, by system, kind and outcome.',
      labelNames: ['system', 'kind', 'outcome'] as const,
      registers: [registry],
    });
    const read = readTogether(() => this.backlog());
    const labelsOf = ({ tenant_id, connection_id, system, state }: Backlog) => ({
      ...{ connection: encodeId('TicketConnection', tenant_id, connection_id), system, state },
    });
    gaugeOfRows(
      registry,
      {
        ...{ name: 'mothball_tickets_due', labelNames: LABELS },
        help: 'Tickets on which something is to be done, also those that wait for the daily cap only, by connection (its id), system and the state of the connection.',
      },
      read,
      (row) => ({ labels: labelsOf(row), value: Number(row.due) }),
    );
    gaugeOfRows(
      registry,
      {
        ...{ name: 'mothball_tickets_oldest_due_seconds', labelNames: LABELS },
        help: 'For how long the ticket of a connection (its id) that waits longest has been due; the daily cap alone may be why.',
      },
      read,
      (row) => ({ labels: labelsOf(row), value: secondsSince(row.oldest_at, this.clock) }),
    );
  }

  request(system: TicketSystemId, kind: StepKind, outcome: StepOutcome): void {
    this.requests.inc({ system, kind, outcome });
  }

  private backlog(): Promise<readonly Backlog[]> {
    return this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<Backlog[]>('SELECT * FROM ticket_backlog($1)', [this.clock.now()]),
    );
  }
}
