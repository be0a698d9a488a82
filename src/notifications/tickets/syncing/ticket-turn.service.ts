import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type RunningTask, StaleFence } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { DriverRun } from '../../driver-run';
import type { OpenedConnection } from '../connections/open-connections.service';
import { LocalSteps } from './local-steps.service';
import { nextStep, type Step } from './next-step';
import { RemoteSteps } from './remote-steps.service';
import { type Scene, Scenes } from './scene.service';
import type { Sent } from './step-runner.service';
import { type RemoteDo, type TurnEnd, TurnEnds } from './turn-ends.service';

/** More than any ticket needs: what still goes on then is put off. */
const MOST_STEPS = 12;
const PUT_OFF_MS = 60_000;

const DELETED_THERE =
  'It was deleted there, or moved out of our sight, while findings are open. "retryTicket" opens another.';

/** What turns are taken in. */
export interface Turn {
  readonly task: RunningTask;
  readonly opened: OpenedConnection;
  readonly run: DriverRun;
}

interface Seen {
  /** `lookAt`: what it was read for. */
  read: { readonly lookAt: Date | null } | null;
  gone: boolean;
}

/** One ticket's turn: one step after the other, each decided anew, until it is what it should be or has to wait. */
@Injectable()
export class TicketTurn {
  private readonly logger = new Logger(TicketTurn.name);

  constructor(
    private readonly database: TenantDatabase,
    private readonly scenes: Scenes,
    private readonly local: LocalSteps,
    private readonly remote: RemoteSteps,
    private readonly turnEnds: TurnEnds,
  ) {}

  /** One that fails in a way that nobody foresaw is put off, so that it holds up no other one. */
  async run(turn: Turn, ticketId: string): Promise<TurnEnd> {
    const { task } = turn;
    try {
      return await this.steps(turn, ticketId);
    } catch (error) {
      if (error instanceof StaleFence || task.signal.aborted) throw error;
      this.logger.error({ err: error, ticket: ticketId, tenant: task.tenantId }, 'A ticket had an unexpected error.');
      await this.turnEnds.unexpected(task, ticketId);
      return 'done';
    }
  }

  private async steps(turn: Turn, ticketId: string): Promise<TurnEnd> {
    const { task, opened, run } = turn;
    const seen: Seen = { read: null, gone: false };
    for (let steps = 0; steps < MOST_STEPS && !task.signal.aborted; steps += 1) {
      const scene = await this.inTask(task, (manager) => this.scenes.of(manager, opened, ticketId, seen.gone));
      if (scene === null) return 'done';
      const step = nextStep(scene.wanted, scene.known);
      if (mustRead(scene, step, seen)) {
        const failed = await this.read(turn, scene, seen);
        if (failed !== null) return failed;
        continue;
      }
      const end = await this.take(turn, scene, step);
      if (end === 'gone') seen.gone = true;
      else if (end !== 'on') return end;
      // What was read is followed by a step at least, or a slow system's ticket would be read without end.
      if (run.isOver()) {
        await this.turnEnds.putOff(task, ticketId, 0);
        return 'stop';
      }
    }
    await this.turnEnds.putOff(task, ticketId, PUT_OFF_MS);
    return 'done';
  }

  /** Null: it was read, and the turn goes on. */
  private async read({ task, opened, run }: Turn, scene: Scene, seen: Seen): Promise<TurnEnd | null> {
    const sent = await this.remote.read(task, opened, scene);
    run.asked(sent.latencyMs);
    if ('failure' in sent) return this.turnEnds.failed(task, opened, scene, 'read', sent.failure);
    await this.turnEnds.answered(task, opened, 'read');
    seen.read = { lookAt: scene.row.look_at };
    seen.gone = sent.answer === null;
    return null;
  }

  private async take(turn: Turn, scene: Scene, step: Step): Promise<TurnEnd | 'on' | 'gone'> {
    const { task, opened } = turn;
    switch (step.do) {
      case 'rest': {
        const { state } = step;
        await this.inTask(task, (manager) =>
          this.local.rest(manager, opened.row, scene, state === 'waiting' ? 'open' : state),
        );
        return 'done';
      }
      case 'wait':
        await this.inTask(task, (manager) => this.local.wait(manager, scene));
        return 'done';
      case 'stand-still':
        await this.turnEnds.standStill(task, scene, step.what, scene.row.problem ?? DELETED_THERE);
        return 'done';
      case 'recheck':
        await this.inTask(task, (manager) => this.local.recheck(manager, scene.row));
        return 'on';
      case 'request-exemption':
        await this.inTask(task, (manager) => this.local.requestExemption(manager, opened.row, scene.row));
        return 'on';
      case 'withdraw-request':
        await this.inTask(task, (manager) => this.local.withdrawRequest(manager, scene));
        return 'on';
      default:
        return this.send(turn, scene, step);
    }
  }

  private async send(
    { task, opened, run }: Turn,
    scene: Scene,
    step: Extract<Step, { readonly do: RemoteDo }>,
  ): Promise<TurnEnd | 'on' | 'gone'> {
    const may = await this.turnEnds.mayBeSent(task, opened, scene.row.id, step.do);
    if (may !== 'on') return may;
    const sent = await this.sendStep(task, opened, scene, step);
    run.asked(sent.latencyMs);
    if (!('failure' in sent)) {
      await this.turnEnds.answered(task, opened, step.do);
      return 'on';
    }
    if (sent.failure.kind === 'gone' && step.do !== 'find' && step.do !== 'create') return 'gone';
    return this.turnEnds.failed(task, opened, scene, step.do, sent.failure);
  }

  private sendStep(
    task: RunningTask,
    opened: OpenedConnection,
    scene: Scene,
    step: Extract<Step, { readonly do: RemoteDo }>,
  ): Promise<Sent<unknown>> {
    switch (step.do) {
      case 'find':
        return this.remote.find(task, opened, scene);
      case 'create':
        return this.remote.create(task, opened, scene);
      case 'update':
        return this.remote.update(task, opened, scene);
      case 'close':
        return this.remote.close(task, opened, scene);
      case 'reopen':
        return this.remote.reopen(task, opened, scene);
      case 'comment':
        return this.remote.comment(task, opened, scene, step.remark);
    }
  }

  private inTask<T>(task: RunningTask, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return work(manager);
    });
  }
}

/**
 * Before anything is done to a ticket it is read: what people did meanwhile is not undone. Once in a turn, unless something
 * has come in since, of which what was read may know nothing.
 */
function mustRead({ row, known }: Scene, step: Step, { read }: Seen): boolean {
  if (known.remote === 'none' || !known.canRead) return false;
  if (read !== null) return row.look_at !== null && row.look_at.getTime() !== read.lookAt?.getTime();
  return row.look_at !== null || !['rest', 'wait', 'stand-still'].includes(step.do);
}
