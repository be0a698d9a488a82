import { Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Config } from '../config';
import { Listener } from '../tenancy/listener';
import { Admission } from './admission.service';
import { AnchorAuditLogTask, AuditAnchorSchedule } from './anchor-audit-log.task';
import { Carrier } from './carrier';
import { Dispatcher } from './dispatcher.service';
import { Events } from './events.service';
import { Heartbeat } from './heartbeat.service';
import { Parking } from './parking.service';
import { Pruning } from './pruning.service';
import { Recovery } from './recovery.service';
import { Runs } from './runs.service';
import { SchedulePromoter } from './schedule-promoter.service';
import { Schedules } from './schedules.service';
import { TaskQueue, TASKS_CHANNEL } from './task-queue.service';
import { TaskRegistry } from './task-registry.service';
import { TaskStats } from './task-stats.service';
import { TaskWorker } from './task-worker.service';
import { Upkeep } from './upkeep.service';

/** Less than the 30 s that Kubernetes and Docker give a process before they kill it. */
const PATIENCE_MS = 20_000;

/** Starts the dispatcher and the worker in the roles that have them; an api process only writes rows. */
@Injectable()
class TaskEngine implements OnApplicationBootstrap, OnModuleDestroy {
  private started = false;

  constructor(
    private readonly config: Config,
    private readonly carrier: Carrier,
    private readonly dispatcher: Dispatcher,
    private readonly worker: TaskWorker,
    private readonly listener: Listener,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    await this.carrier.open();
    this.started = true;
    await this.worker.start(this.carrier, this.config.workerConcurrency, () => this.dispatcher.wake());
    await this.listener.listen(TASKS_CHANNEL, (taskId) => {
      if (taskId !== '') void this.worker.checkRuns();
    });
    await this.dispatcher.start();
  }

  /** Before the database's doors close, which happens in a later phase of the shutdown. */
  async onModuleDestroy(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    await this.dispatcher.stop();
    await this.worker.stop(PATIENCE_MS);
    await this.carrier.close();
  }
}

const services = [Events, Schedules, TaskQueue, TaskStats];

/** What must still be done, and what has happened. Needs the global TenancyModule. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    ...services,
    Admission,
    AnchorAuditLogTask,
    AuditAnchorSchedule,
    Carrier,
    Dispatcher,
    Heartbeat,
    Parking,
    Pruning,
    Recovery,
    Runs,
    SchedulePromoter,
    TaskEngine,
    TaskRegistry,
    TaskWorker,
    Upkeep,
  ],
  exports: services,
})
export class TasksModule {}
