import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { DriverRun } from '../../driver-run';
import { type OpenedConnection, OpenConnections } from '../connections/open-connections.service';
import { isAtWork } from '../connections/ticket-connection';
import { DueTickets } from './due-tickets.service';
import { TicketPreparation } from './ticket-preparation.service';
import { TicketTurn } from './ticket-turn.service';

/** A run over a connection: what there must be, then a turn for each ticket that is due. */
@Injectable()
export class TicketRounds {
  constructor(
    private readonly database: TenantDatabase,
    private readonly connections: OpenConnections,
    private readonly preparation: TicketPreparation,
    private readonly due: DueTickets,
    private readonly turn: TicketTurn,
  ) {}

  async run(task: RunningTask, connectionId: string): Promise<void> {
    const opened = await this.connections.inTask(task, connectionId);
    if (opened === null || !isAtWork(opened.row)) return;
    const run = new DriverRun();
    if (!(await this.due.mustWait(task, connectionId))) {
      await this.preparation.prepare(task, opened.row);
      await this.turns(task, opened, run);
      await this.preparation.finish(task, opened.row);
    }
    await this.inTask(task, (manager) => this.due.enqueueNext(manager, opened.row, run.restMs()));
  }

  private async turns(task: RunningTask, opened: OpenedConnection, run: DriverRun): Promise<void> {
    const had = new Set<string>();
    while (!run.isOver() && !task.signal.aborted) {
      const ids = await this.inTask(task, (manager) => this.due.next(manager, opened.row));
      const fresh = ids.filter((id) => !had.has(id));
      if (fresh.length === 0) return;
      for (const id of fresh) {
        if (run.isOver() || task.signal.aborted) return;
        had.add(id);
        if ((await this.turn.run({ task, opened, run }, id)) === 'stop') return;
      }
    }
  }

  private inTask<T>(task: RunningTask, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return work(manager);
    });
  }
}
