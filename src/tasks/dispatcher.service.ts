import { Injectable, Logger } from '@nestjs/common';
import { Listener } from '../tenancy/listener';
import { Admission } from './admission.service';
import { Carrier } from './carrier';
import { TASKS_CHANNEL } from './task-queue.service';
import { Upkeep } from './upkeep.service';

/**
 * Keeps the carrier supplied: admits due tasks, promotes schedules, recovers what was lost. Any number of processes may
 * run one. Wakes when something is enqueued or finished, and by timer for what comes due.
 */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger(Dispatcher.name);
  private loop: Promise<void> | undefined;
  private stopped = true;
  private awake = false;
  private rouse: (() => void) | undefined;
  private unlisten: (() => void) | undefined;
  private healthySince = 0;
  private lastTrouble = '';

  constructor(
    private readonly admission: Admission,
    private readonly carrier: Carrier,
    private readonly upkeep: Upkeep,
    private readonly listener: Listener,
  ) {}

  async start(): Promise<void> {
    this.stopped = false;
    this.healthySince = performance.now();
    this.unlisten = await this.listener.listen(TASKS_CHANNEL, () => this.wake());
    this.loop = this.run();
  }

  /** Looks again as soon as it can. */
  wake(): void {
    this.awake = true;
    this.rouse?.();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unlisten?.();
    this.rouse?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.awake = false;
      try {
        await this.round();
        this.lastTrouble = '';
        if (!this.awake) await this.sleep();
      } catch (error) {
        this.complain(error);
        await this.sleep();
        this.healthySince = performance.now();
      }
    }
  }

  private async round(): Promise<void> {
    await this.upkeep.run(performance.now() - this.healthySince);
    while (!this.stopped) {
      const tasks = await this.admission.admit();
      if (tasks.length === 0) return;
      // If this fails the rows stay admitted, and wait again when the carrier turns out not to know them.
      await this.carrier.send(tasks);
    }
  }

  private async sleep(): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.upkeep.everyMs);
      this.rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.rouse = undefined;
  }

  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.lastTrouble) this.logger.error(`Dispatching failed and is tried again: ${message}`);
    this.lastTrouble = message;
  }
}
