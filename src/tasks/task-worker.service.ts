import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../ids';
import { type Actor, actingAs } from '../tenancy/actor';
import { type CarriedTask, DeliverAgain } from './carried-task';
import type { Carrier } from './carrier';
import type { Receiver } from './carrier-backend';
import { Heartbeat, type LiveRun } from './heartbeat.service';
import { Interrupted, type Outcome, outcomeOf } from './outcome';
import { RunningTask } from './running-task';
import { type Claim, Runs } from './runs.service';
import { TaskRegistry } from './task-registry.service';
import { PLATFORM_TENANT_ID } from '../tenancy/tenant-database';

/** A newer version of the service knows this kind: leave the task to it. */
const UNKNOWN_KIND_DELAY_MS = 60_000;
const SETTLE_RETRY_MS = 1_000;

/** Receives tasks from the carrier, runs their handlers and writes how they ended. */
@Injectable()
export class TaskWorker {
  readonly id = newId();
  private readonly logger = new Logger(TaskWorker.name);
  private readonly live = new Map<string, LiveRun>();
  private readonly busy = new Set<Promise<void>>();
  private receiver: Receiver | undefined;
  private stopping = false;
  private onFree: () => void = () => {};

  constructor(
    private readonly registry: TaskRegistry,
    private readonly runs: Runs,
    private readonly heartbeat: Heartbeat,
  ) {}

  /** `onFree` is called whenever a run has ended. */
  async start(carrier: Carrier, concurrency: number, onFree: () => void): Promise<void> {
    this.onFree = onFree;
    await this.heartbeat.start({ id: this.id, slots: concurrency }, this.live);
    this.receiver = carrier.receive((task) => this.deliver(task), concurrency);
  }

  /** How many tasks it is working on. */
  get running(): number {
    return this.live.size;
  }

  /** Finds out at once whether a task was cancelled. */
  async checkRuns(): Promise<void> {
    if (this.live.size > 0) await this.heartbeat.beat();
  }

  /**
   * Takes no more, lets what runs end for `patienceMs`, then aborts it; what even then does not end is given back and
   * cannot write any more. Nothing given back has used up an attempt.
   */
  async stop(patienceMs: number): Promise<void> {
    if (!this.receiver) return;
    this.stopping = true;
    await this.heartbeat.offerNothing();
    await this.receiver.pause(true);
    await this.ended(patienceMs);
    for (const run of this.live.values()) run.abort.abort(new Interrupted());
    await this.ended(Math.min(2_000, patienceMs));
    const stubborn = [...this.live.values()].filter(({ settling }) => !settling);
    for (const run of stubborn) {
      run.settling = true;
      await this.runs.settle(run.claim, outcomeOf(new Interrupted(), 1, {}, new Interrupted()), { keepLane: true });
    }
    await this.receiver.close(this.live.size > 0);
    await this.heartbeat.stop();
  }

  private async deliver(task: CarriedTask): Promise<void> {
    if (this.stopping) throw new DeliverAgain(100, 'This worker is ending.');
    const work = this.process(task);
    const settled = work.catch(() => {});
    this.busy.add(settled);
    try {
      await work;
    } finally {
      this.busy.delete(settled);
      this.onFree();
    }
  }

  private async process(task: CarriedTask): Promise<void> {
    const claim = await this.runs.claim(task, this.id);
    if (!claim) return;
    const run: LiveRun = { claim, abort: new AbortController(), laneDeadline: null, settling: false };
    if (claim.lane) run.laneDeadline = claim.askedAt + this.heartbeat.leaseMs;
    this.live.set(claim.id, run);
    try {
      const outcome = await this.attempt(run);
      if (run.settling) return;
      run.settling = true;
      const written = await actingAs(theService(claim), () => this.settle(claim, outcome));
      if (written && outcome.end === 'soon') throw new DeliverAgain(outcome.delayMs, outcome.failure.message);
    } finally {
      if (this.live.get(claim.id) === run) this.live.delete(claim.id);
    }
  }

  private async attempt(run: LiveRun): Promise<Outcome> {
    const { claim, abort } = run;
    if (!this.registry.has(claim.kind)) {
      this.logger.warn(`Task ${claim.id} is a "${claim.kind}", which this version does not know.`);
      return { end: 'later', delayMs: UNKNOWN_KIND_DELAY_MS, usesAttempt: false, failure: null };
    }
    const { definition, handler, options } = this.registry.get(claim.kind);
    const payload = definition.payload.safeParse(claim.payload);
    if (!payload.success) {
      return {
        end: 'failed',
        failure: { code: 'BAD_PAYLOAD', message: `The payload is invalid: ${payload.error.message}` },
      };
    }
    const lane = claim.lane && { name: claim.lane.name, deadline: () => run.laneDeadline };
    try {
      const running = new RunningTask({ ...claim, payload: payload.data, lane, signal: abort.signal });
      await actingAs(theService(claim), () => handler.run(running));
      return { end: 'done' };
    } catch (error) {
      const outcome = outcomeOf(error, claim.attempt, options, abort.signal.reason);
      this.report(claim, outcome, error);
      return outcome;
    }
  }

  /** Goes on until it is written: a run that nobody ends would hold its task for as long as this process lives. */
  private async settle(claim: Claim, outcome: Outcome): Promise<boolean> {
    for (;;) {
      try {
        return await this.runs.settle(claim, outcome);
      } catch (error) {
        this.logger.warn(`Task ${claim.id}: its end could not be written yet: ${String(error)}`);
        if (this.stopping) throw error;
        await sleep(SETTLE_RETRY_MS);
      }
    }
  }

  private report({ id, kind, tenantId, attempt }: Claim, outcome: Outcome, error: unknown): void {
    const failure = outcome.end === 'done' ? null : outcome.failure;
    if (!failure) return;
    const what = { task: id, kind, tenant: tenantId, attempt, outcome: outcome.end, ...failure };
    if (outcome.end === 'failed') this.logger.error({ ...what, err: error }, `Task ${kind} was parked.`);
    else this.logger.warn(what, `Task ${kind} is tried again.`);
  }

  private async ended(withinMs: number): Promise<void> {
    const abort = new AbortController();
    const all = (async () => {
      while (this.busy.size > 0) await Promise.all(this.busy);
    })();
    await Promise.race([all, sleep(withinMs, undefined, { signal: abort.signal }).catch(() => {})]);
    abort.abort();
  }
}

/** As the audit log names whoever does a task. */
const theService = ({ id, kind }: Claim): Actor => ({
  kind: 'service',
  id,
  name: kind,
  tenantId: PLATFORM_TENANT_ID,
  role: null,
  standsFor: 'mothball',
  requestId: id,
  sourceAddress: null,
});
