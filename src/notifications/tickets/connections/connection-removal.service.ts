import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { TicketConnectionRow } from './ticket-connection';

const LEFT_THERE = 'Its connection was removed; the ticket stays as it is in the other system.';

/** The end of a connection: its tickets stay where they are, and nothing is kept that could be used. */
@Injectable()
export class ConnectionRemoval {
  constructor(private readonly clock: Clock) {}

  /** Ends one that was closing its tickets, once none is open or none can be closed. */
  async finish(manager: EntityManager, row: TicketConnectionRow): Promise<void> {
    const open = await manager.query<unknown[]>(
      `SELECT 1 FROM tickets WHERE tenant_id = $1 AND connection_id = $2 AND state NOT IN ('followed', 'released')
         AND (next_at IS NOT NULL OR wanted_version > seen_version) LIMIT 1`,
      [row.tenant_id, row.id],
    );
    if (open.length === 0) await this.now(manager, row.tenant_id, row.id);
  }

  async now(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    const at = this.clock.now();
    await manager.query(
      `UPDATE ticket_connections SET deleted_at = $3, changed_at = $3, credential_sealed = NULL,
         inbound_secret_sealed = NULL, remark_at = NULL, wait_until = NULL, test = NULL WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, at],
    );
    await manager.query(
      `UPDATE tickets SET state = 'released', state_why = $3, next_at = NULL, look_at = NULL, changed_at = $4
       WHERE tenant_id = $1 AND connection_id = $2 AND state IN ('open', 'waiting')`,
      [tenantId, id, LEFT_THERE, at],
    );
  }
}
