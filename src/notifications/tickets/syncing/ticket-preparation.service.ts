import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { ConnectionRemoval } from '../connections/connection-removal.service';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import { TicketMarks } from '../marking/ticket-marks.service';
import { TicketEvaluation } from './evaluation.service';

/** All of a connection's tickets are compared with all findings that often, whatever was missed. */
const REMARK_EVERY_MS = DAY_MS;

/** What comes before the turns: which tickets there must be, and what each should be; and after them, where it ends. */
@Injectable()
export class TicketPreparation {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly marks: TicketMarks,
    private readonly evaluation: TicketEvaluation,
    private readonly removal: ConnectionRemoval,
  ) {}

  async prepare(task: RunningTask, connection: TicketConnectionRow): Promise<void> {
    const { tenantId } = task;
    await this.database.inTenant(tenantId, (manager) => this.marks.mark(manager, tenantId));
    const now = this.clock.now();
    if (connection.remark_at !== null && connection.remark_at <= now) await this.compareAll(task, connection);
    while (await this.evaluation.page(task, connection));
  }

  /** After the turns of a connection that is prepared: one that is being removed may have closed its last ticket. */
  async finish(task: RunningTask, connection: TicketConnectionRow): Promise<void> {
    if (connection.state === 'removing') await this.inTask(task, (manager) => this.removal.finish(manager, connection));
  }

  private async compareAll(task: RunningTask, connection: TicketConnectionRow): Promise<void> {
    let after: string | null = null;
    do {
      const from: string | null = after;
      after = await this.inTask(task, (manager) => this.marks.markPage(manager, connection, from));
    } while (after !== null);
    const next = new Date(this.clock.now().getTime() + REMARK_EVERY_MS);
    await this.inTask(task, (manager) =>
      // A change meanwhile asks for another one.
      manager.query(
        'UPDATE ticket_connections SET remark_at = $4 WHERE tenant_id = $1 AND id = $2 AND remark_at = $3',
        [task.tenantId, connection.id, connection.remark_at, next],
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
