import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, HOUR_MS } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { ConnectionTrouble } from '../connections/connection-trouble.service';
import type { OpenedConnection } from '../connections/open-connections.service';
import type { TroubleWith } from '../connections/ticket-connection';
import type { TicketRow } from '../ticket';
import { TicketRecords } from '../ticket-records.service';
import type { TicketFailure } from '../ticket-system';
import { TicketBudget } from './budget.service';
import { rejectionOf, type Step } from './next-step';
import type { Scene } from './scene.service';
import { turnsIt } from './step-runner.service';

const SHORTEST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 30 * 60_000;
const UNEXPECTED = 'The service had an unexpected error. Its operator finds it in the log.';

/** Somebody else changed this ticket meanwhile: that says nothing of the others. */
const CONFLICTS: readonly number[] = [409, 412];

/** `stop`: the whole connection cannot go on now. */
export type TurnEnd = 'done' | 'stop';

export type RemoteDo = Extract<Step['do'], 'find' | 'create' | 'update' | 'close' | 'reopen' | 'comment'>;

const troubleWith = (kind: RemoteDo | 'read'): TroubleWith =>
  kind === 'read' || kind === 'find' ? 'reading' : 'writing';

/** How a turn ends where a request may not be sent, or was not answered as it should. */
@Injectable()
export class TurnEnds {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly budget: TicketBudget,
    private readonly trouble: ConnectionTrouble,
    private readonly records: TicketRecords,
  ) {}

  /** Whether the system's limits and the daily cap leave room for this request. */
  async mayBeSent(
    task: RunningTask,
    { row, system }: OpenedConnection,
    ticketId: string,
    kind: RemoteDo,
  ): Promise<TurnEnd | 'on'> {
    if (kind === 'find') return 'on';
    return this.inTask(task, async (manager) => {
      const at = await this.budget.nextRequestAt(manager, row, system.limits);
      if (at !== null) {
        await this.trouble.waitUntil(manager, row, at);
        return 'stop';
      }
      const roomAt = kind === 'create' ? await this.budget.nextTicketAt(manager, row, ticketId) : null;
      if (roomAt === null) return 'on';
      // Also one that may have been opened, which the driver does not pass over while there is no room.
      const hour = this.clock.now().getTime() + HOUR_MS;
      await manager.query('UPDATE tickets SET next_at = $3 WHERE tenant_id = $1 AND id = $2', [
        ...[task.tenantId, ticketId, new Date(Math.min(roomAt.getTime(), hour))],
      ]);
      return 'done';
    });
  }

  async answered(task: RunningTask, { row }: OpenedConnection, kind: RemoteDo | 'read'): Promise<void> {
    const what = troubleWith(kind);
    if (row.trouble_with === null || (row.trouble_with === 'writing' && what === 'reading')) return;
    await this.inTask(task, (manager) => this.trouble.answered(manager, row, what));
  }

  /** Whatever it is, the ticket itself is put off, so that those after it have their turns although it fails each time. */
  async failed(
    task: RunningTask,
    { row: connection }: OpenedConnection,
    { row, wanted }: Scene,
    kind: RemoteDo | 'read',
    { kind: how, message, details }: TicketFailure,
  ): Promise<TurnEnd> {
    const what = troubleWith(kind);
    return this.inTask(task, async (manager): Promise<TurnEnd> => {
      const retry = { ...this.retryOf(row), last_error: message };
      // The connection before its tickets, as people's decisions do.
      switch (how) {
        case 'refused':
          await this.trouble.refused(manager, connection, what, message);
          await this.records.change(manager, row, retry);
          if (what === 'reading') await this.records.lookAtAnother(manager, row);
          return 'stop';
        case 'busy': {
          const isConflict = CONFLICTS.includes(details.status ?? 0);
          if (!isConflict) await this.trouble.busy(manager, connection, what, details.retryAfterMs ?? null);
          await this.records.change(manager, row, retry);
          return isConflict ? 'done' : 'stop';
        }
        case 'rejected':
        case 'gone':
          if (kind === 'read' || kind === 'find') {
            await this.records.change(manager, row, { ...this.backAfter(row, HOUR_MS), last_error: message });
          } else {
            await this.records.standStill(manager, row, rejectionOf(kind, wanted), message);
          }
          return 'done';
        case 'unknown':
          await this.trouble.busy(manager, connection, what, null);
          if (turnsIt(kind)) await this.records.unsure(manager, row, retry.next_at, retry);
          else await this.records.change(manager, row, retry);
          return 'stop';
      }
    });
  }

  async standStill(task: RunningTask, { row }: Scene, what: string, problem: string): Promise<void> {
    await this.inTask(task, (manager) => this.records.standStill(manager, row, what, problem));
  }

  async putOff(task: RunningTask, ticketId: string, ms: number): Promise<void> {
    await this.inTask(task, (manager) =>
      manager.query('UPDATE tickets SET next_at = $3 WHERE tenant_id = $1 AND id = $2', [
        ...[task.tenantId, ticketId, new Date(this.clock.now().getTime() + ms)],
      ]),
    );
  }

  /** What is wrong is in the log; meanwhile it is tried again, more and more rarely. */
  async unexpected(task: RunningTask, ticketId: string): Promise<void> {
    await this.inTask(task, async (manager) => {
      const [row] = await manager.query<TicketRow[]>(
        'SELECT * FROM tickets WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
        [task.tenantId, ticketId],
      );
      if (row) await this.records.change(manager, row, { ...this.retryOf(row), last_error: UNEXPECTED });
    });
  }

  /** Later each time. */
  private retryOf(row: TicketRow) {
    const waitMs = Math.min(LONGEST_RETRY_MS, SHORTEST_RETRY_MS * 4 ** Math.min(row.failures, 6));
    const failing = { failures: row.failures + 1, failing_since: row.failing_since ?? this.clock.now() };
    return { ...failing, ...this.backAfter(row, waitMs) };
  }

  /** What it was to be looked at for is not forgotten. */
  private backAfter({ look_at: lookAt }: TicketRow, ms: number) {
    const at = new Date(this.clock.now().getTime() + ms);
    return { next_at: at, look_at: lookAt === null ? null : at };
  }

  private inTask<T>(task: RunningTask, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return work(manager);
    });
  }
}
