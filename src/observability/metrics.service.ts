import { Injectable, type OnModuleInit } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TaskStats } from '../tasks/task-stats.service';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** The process's numbers, in Prometheus's format. Those of tasks are read from the database when they are asked for. */
@Injectable()
export class Metrics implements OnModuleInit {
  readonly registry = new Registry();

  readonly httpSeconds = new Histogram({
    name: 'mothball_http_request_duration_seconds',
    help: 'How long HTTP requests take, by method, path of the service and status.',
    labelNames: ['method', 'path', 'status'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly graphqlSeconds = new Histogram({
    name: 'mothball_graphql_operation_duration_seconds',
    help: 'How long GraphQL operations take, by type and outcome.',
    labelNames: ['type', 'outcome'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly refused = new Counter({
    name: 'mothball_refused_requests_total',
    help: 'Requests that were refused, by the code of the error.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  private readonly tasks = this.gauge('mothball_tasks', 'Tasks that are not over, by kind and state.', [
    'kind',
    'state',
  ]);
  private readonly oldestDue = this.gauge(
    'mothball_tasks_oldest_due_seconds',
    'For how long the task that waits longest has been due.',
  );
  private readonly workers = this.gauge('mothball_workers', 'Workers that live.');
  private readonly slots = this.gauge('mothball_worker_slots', 'How many tasks the live workers can do at once.');

  constructor(private readonly stats: TaskStats) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Everything, as text. Throws when the database cannot be reached. */
  async text(): Promise<string> {
    const { counts, oldestDueSeconds, liveWorkers, liveSlots } = await this.stats.counts();
    this.tasks.reset();
    for (const { kind, state, count } of counts) this.tasks.set({ kind, state }, count);
    this.oldestDue.set(oldestDueSeconds);
    this.workers.set(liveWorkers);
    this.slots.set(liveSlots);
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
