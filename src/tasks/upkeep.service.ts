import { Injectable } from '@nestjs/common';
import { Config } from '../config';
import { Pruning } from './pruning.service';
import { Recovery } from './recovery.service';
import { SchedulePromoter } from './schedule-promoter.service';

const TIDY_EVERY_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;

/** What a dispatcher does by timer: schedules that come due, what was lost, and what may be forgotten. */
@Injectable()
export class Upkeep {
  readonly everyMs: number;
  private readonly leaseMs: number;
  private nextAt = 0;
  private nextTidyAt = 0;
  /** Not while the process starts: others are in more of a hurry. */
  private nextPruneAt = performance.now() + TIDY_EVERY_MS;

  constructor(
    private readonly schedules: SchedulePromoter,
    private readonly recovery: Recovery,
    private readonly pruning: Pruning,
    config: Config,
  ) {
    this.leaseMs = config.leaseMs;
    this.everyMs = Math.min(1_000, Math.ceil(config.leaseMs / 4));
  }

  /** Does nothing when it was called a moment ago. `healthyMs`: for how long the database has answered without fail. */
  async run(healthyMs: number): Promise<void> {
    const now = performance.now();
    if (now < this.nextAt) return;
    this.nextAt = now + this.everyMs;
    await this.schedules.promote();
    // After an outage of the database every worker looks lost until it has reported again: give them the time.
    if (healthyMs > this.leaseMs) await this.recovery.recoverLostRuns();
    await this.recovery.readmitUnknown();
    if (now >= this.nextPruneAt) {
      this.nextPruneAt = now + PRUNE_EVERY_MS;
      // A batch a round, so that what is due never waits for long.
      if (await this.pruning.prune()) this.nextPruneAt = now;
    }
    if (now < this.nextTidyAt) return;
    this.nextTidyAt = now + TIDY_EVERY_MS;
    await this.recovery.tidy();
  }
}
