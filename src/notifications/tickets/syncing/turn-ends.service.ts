import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, HOUR_MS } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { ConnectionTrouble } from '../connections/connection-trouble.service';
import type { OpenedConnection } from '../connections/open-connections.service';
import { TicketRecords } from '../ticket-records.service';
import type { TicketFailure } from '../ticket-system';
import { TicketBudget } from './budget.service';
import { rejectionOf, type Step } from './next-step';
import type { Scene } from './scene.service';

const SHORTEST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 30 * 60_000;
const UNEXPECTED = 'The service had an unexpected error. Its operator finds it in the log.';

/** `stop`: the whole connection cannot go on now. */
export type TurnEnd = 'done' | 'stop';

export type RemoteDo = Extract<Step['do'], 'find' | 'create' | 'update' | 'close' | 'reopen' | 'comment'>;

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

  async answered(task: RunningTask, { row }: OpenedConnection): Promise<void> {
    if (row.failures > 0 || row.refused_since !== null)
      await this.inTask(task, (manager) => this.trouble.answered(manager, row));
  }

  async failed(
    task: RunningTask,
    { row: connection }: OpenedConnection,
    { row, wanted }: Scene,
    kind: RemoteDo | 'read',
    { kind: how, message, details }: TicketFailure,
  ): Promise<TurnEnd> {
    return this.inTask(task, async (manager): Promise<TurnEnd> => {
      const now = this.clock.now().getTime();
      switch (how) {
        case 'refused':
          await this.records.change(manager, row, { last_error: message });
          await this.trouble.refused(manager, connection, message);
          return 'stop';
        case 'busy':
          await this.records.change(manager, row, { last_error: message });
          await this.trouble.busy(manager, connection, details.retryAfterMs ?? null);
          return 'stop';
        case 'rejected':
        case 'gone':
          if (kind === 'read' || kind === 'find') {
            await this.records.change(manager, row, {
              last_error: message,
              next_at: new Date(now + HOUR_MS),
              look_at: null,
            });
          } else {
            await this.records.standStill(manager, row, rejectionOf(kind, wanted), message);
          }
          return 'done';
        case 'unknown': {
          const waitMs = Math.min(LONGEST_RETRY_MS, SHORTEST_RETRY_MS * 4 ** Math.min(row.failures, 6));
          const next = { failures: row.failures + 1, next_at: new Date(now + waitMs), look_at: null };
          await this.records.change(manager, row, { ...next, last_error: message });
          await this.trouble.busy(manager, connection, null);
          return 'stop';
        }
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
    await this.inTask(task, (manager) =>
      manager.query(
        `UPDATE tickets SET failures = failures + 1, last_error = $3, look_at = NULL, changed_at = $4::timestamptz,
           next_at = $4::timestamptz + least($5, $6 * 4 ^ least(failures, 6)) * interval '1 millisecond'
         WHERE tenant_id = $1 AND id = $2`,
        [...[task.tenantId, ticketId, UNEXPECTED, this.clock.now()], LONGEST_RETRY_MS, SHORTEST_RETRY_MS],
      ),
    );
  }

  private inTask<T>(task: RunningTask, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return work(manager);
    });
  }
}
