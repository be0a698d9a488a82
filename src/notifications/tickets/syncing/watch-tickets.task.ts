import { Injectable } from '@nestjs/common';
import { Clock, DAY_MS } from '../../../clock';
import { Config } from '../../../config';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { TicketMarks } from '../marking/ticket-marks.service';
import { watchTickets } from './sync-tickets.definition';
import { TicketsDue } from './tickets-due.service';

const ROWS_AT_ONCE = 1_000;

/** Whatever is due and was not taken up for any reason is taken up; what is over for long is forgotten. */
@Injectable()
@Handles(watchTickets)
export class WatchTicketsTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly marks: TicketMarks,
    private readonly due: TicketsDue,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  async run(task: RunningTask): Promise<void> {
    const { tenantId } = task;
    const before = new Date(this.clock.now().getTime() - this.config.retentionDays * DAY_MS);
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      await this.marks.mark(manager, tenantId);
    });
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      await this.due.enqueue(manager, tenantId, 'all');
      // Of a ticket that is not opened yet, every request counts.
      await manager.query(
        `DELETE FROM ticket_steps s USING (
           SELECT o.id FROM ticket_steps o JOIN tickets t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id
           WHERE o.tenant_id = $1 AND o.at < $2 AND t.state <> 'waiting' ORDER BY o.at LIMIT ${ROWS_AT_ONCE}
         ) old WHERE s.tenant_id = $1 AND s.id = old.id`,
        [tenantId, before],
      );
      await manager.query(
        `DELETE FROM inbound_messages m USING (
           SELECT connection_id, message_id FROM inbound_messages WHERE tenant_id = $1 AND at < $2 LIMIT ${ROWS_AT_ONCE}
         ) old WHERE m.tenant_id = $1 AND m.connection_id = old.connection_id AND m.message_id = old.message_id`,
        [tenantId, before],
      );
    });
  }
}
