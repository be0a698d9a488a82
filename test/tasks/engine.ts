import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { Config, type ConfigValues } from '../../src/config';
import { Events } from '../../src/tasks/events.service';
import { Handles } from '../../src/tasks/handles';
import type { RunningTask } from '../../src/tasks/running-task';
import { Runs } from '../../src/tasks/runs.service';
import { Schedules } from '../../src/tasks/schedules.service';
import { defineTask, type TaskRequest } from '../../src/tasks/task-definition';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { TaskStats } from '../../src/tasks/task-stats.service';
import { TaskWorker } from '../../src/tasks/task-worker.service';
import { TasksModule } from '../../src/tasks/tasks.module';
import { TenancyModule } from '../../src/tenancy/tenancy.module';
import { TenantDatabase } from '../../src/tenancy/tenant-database';

export interface ProbePayload {
  label: string;
}

export const probe = defineTask<ProbePayload>('probe', z.object({ label: z.string() }));

/** What the probe does when it runs, set by each test. */
@Injectable()
export class Probe {
  /** The labels of the runs that have begun, in order. */
  readonly seen: string[] = [];
  behave: (task: RunningTask<ProbePayload>) => Promise<void> = async () => {};
}

@Handles(probe, {
  attempts: 3,
  backoffMs: () => 40,
  on: { 'probe.asked': (event) => ({ payload: { label: event.objectId }, dedupeKey: event.objectId }) },
})
class ProbeTask {
  constructor(private readonly probe: Probe) {}

  async run(task: RunningTask<ProbePayload>): Promise<void> {
    this.probe.seen.push(task.payload.label);
    await this.probe.behave(task);
  }
}

@Module({ imports: [TasksModule], providers: [Probe, ProbeTask] })
class ProbeModule {}

/** The real modules, wired as in the service, in this process. */
export async function startEngine(settings: ConfigValues) {
  const config = new Config(settings);
  @Module({ imports: [TenancyModule.with(config), ProbeModule] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, {
    logger: false,
    abortOnError: false,
  });
  const database = app.get(TenantDatabase);
  const queue = app.get(TaskQueue, { strict: false });
  return {
    probe: app.get(Probe, { strict: false }),
    database,
    queue,
    events: app.get(Events, { strict: false }),
    schedules: app.get(Schedules, { strict: false }),
    stats: app.get(TaskStats, { strict: false }),
    worker: app.get(TaskWorker, { strict: false }),
    runs: app.get(Runs, { strict: false }),
    get: <T>(type: new (...dependencies: never[]) => T): T => app.get(type, { strict: false }),
    add: (tenantId: string, label: string, request: Partial<TaskRequest<ProbePayload>> = {}): Promise<string> =>
      database.inTenant(tenantId, (manager) =>
        queue.enqueue(manager, { payload: { label }, ...request, tenantId, task: probe }),
      ),
    addMany: (tenantId: string, labels: readonly string[]): Promise<string[]> =>
      database.inTenant(tenantId, (manager) =>
        queue.enqueueMany(
          manager,
          labels.map((label) => ({ payload: { label }, tenantId, task: probe })),
        ),
      ),
    stop: () => app.close(),
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;
