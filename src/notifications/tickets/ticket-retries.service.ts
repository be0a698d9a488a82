import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput, notFound } from '../../errors';
import { AuditLog } from '../../tenancy/audit-log.service';
import { TicketsDue } from './syncing/tickets-due.service';
import type { TicketRow } from './ticket';
import { TicketRecords } from './ticket-records.service';

/** Another try, after people have mended what kept a ticket from what it should be. */
@Injectable()
export class TicketRetries {
  constructor(
    private readonly clock: Clock,
    private readonly records: TicketRecords,
    private readonly due: TicketsDue,
    private readonly auditLog: AuditLog,
  ) {}

  /** One that was deleted there gets a successor. Throws NOT_FOUND, or BAD_INPUT for one that is another's place now. */
  async retry(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    const [known] = await manager.query<{ connection_id: string }[]>(
      'SELECT connection_id FROM tickets WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    // Tasks before tickets, as everybody does.
    if (known) await this.due.enqueue(manager, tenantId, [known.connection_id]);
    const [row] = await manager.query<TicketRow[]>(
      'SELECT * FROM tickets WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [tenantId, id],
    );
    if (!row) throw notFound('The ticket');
    if (row.state === 'followed' || row.state === 'released') {
      throw badInput(
        'id: nothing more is written to this ticket: another one follows it, or its connection was removed.',
      );
    }
    this.auditLog.note(manager, {
      action: 'ticket.retried',
      object: { type: 'ticket', id },
      before: { problem: row.problem },
      after: {},
    });
    if (row.rejected === 'gone')
      await this.records.succeed(manager, row, 'It was deleted there; another ticket follows it.');
    else await this.records.change(manager, row, { rejected: null, problem: null, next_at: this.clock.now() });
  }
}
