import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from '../../observability/metrics.service';

/** What clean-up did in this process, for whoever operates it. */
@Injectable()
export class CleanupCounters {
  private readonly items;
  private readonly steps;
  private readonly halts;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.items = new Counter({
      name: 'mothball_cleanup_items_total',
      help: 'Turns of items of plans, by course and the stage that they ended in.',
      labelNames: ['course', 'stage'] as const,
      registers,
    });
    this.steps = new Counter({
      name: 'mothball_cleanup_steps_total',
      help: 'Changing requests to AWS, by action and outcome.',
      labelNames: ['action', 'outcome'] as const,
      registers,
    });
    this.halts = new Counter({
      name: 'mothball_cleanup_breaker_halts_total',
      help: 'Plans that the circuit breaker halted.',
      registers,
    });
  }

  item(course: string, stage: string): void {
    this.items.inc({ course, stage });
  }

  step(action: string, outcome: string): void {
    this.steps.inc({ action, outcome });
  }

  halted(): void {
    this.halts.inc();
  }
}
