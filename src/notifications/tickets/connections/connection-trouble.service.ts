import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, HOUR_MS } from '../../../clock';
import { Events } from '../../../tasks/events.service';
import type { TicketConnectionRow } from './ticket-connection';

const SHORTEST_MS = 5_000;
const LONGEST_MS = 30 * 60_000;
/** Systems and proxies refuse what they should not for a while, in outages and upgrades. */
const REFUSED_FOR_MS = HOUR_MS;
/** Rarely enough that nobody's account is locked. */
const REFUSED_PAUSE_MS = 20 * 60_000;

/** What a connection goes through with its system: it waits where it is asked to, and stands still where it is refused. */
@Injectable()
export class ConnectionTrouble {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /** A refusal is tried again for an hour. After that nothing more is sent until people have looked at it. */
  async refused(manager: EntityManager, row: TicketConnectionRow, why: string): Promise<void> {
    const now = this.clock.now();
    const since = row.refused_since ?? now;
    if (now.getTime() - since.getTime() >= REFUSED_FOR_MS) return this.disable(manager, row, why);
    await manager.query(
      'UPDATE ticket_connections SET refused_since = $3, wait_until = $4 WHERE tenant_id = $1 AND id = $2',
      [row.tenant_id, row.id, since, new Date(now.getTime() + REFUSED_PAUSE_MS)],
    );
  }

  private async disable(manager: EntityManager, row: TicketConnectionRow, why: string): Promise<void> {
    const [, count] = await manager.query<[unknown[], number]>(
      `UPDATE ticket_connections SET state = 'disabled', state_why = $3, state_changed_at = $4, wait_until = NULL
       WHERE tenant_id = $1 AND id = $2 AND state IN ('active', 'removing')`,
      [row.tenant_id, row.id, why, this.clock.now()],
    );
    if (count === 0) return;
    await this.events.record(manager, row.tenant_id, [
      {
        ...{ type: 'ticket-connection.disabled', objectType: 'ticket-connection', objectId: row.id },
        data: { name: row.name, system: row.system, why },
      },
    ]);
  }

  /** Its settings are not what they must be any more. */
  async unusable(manager: EntityManager, tenantId: string, id: string, why: string): Promise<void> {
    const [row] = await manager.query<TicketConnectionRow[]>(
      'SELECT tenant_id, id, name, system FROM ticket_connections WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    if (row) await this.disable(manager, row, why);
  }

  /** Nothing more is sent for as long as the system said, or a while that grows with each failure. Returns until when. */
  async busy(manager: EntityManager, row: TicketConnectionRow, retryAfterMs: number | null): Promise<Date> {
    const grown = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(row.failures, 12));
    const until = new Date(this.clock.now().getTime() + Math.max(retryAfterMs ?? 0, grown));
    await this.waitUntil(manager, row, until);
    await manager.query('UPDATE ticket_connections SET failures = failures + 1 WHERE tenant_id = $1 AND id = $2', [
      row.tenant_id,
      row.id,
    ]);
    return until;
  }

  async waitUntil(manager: EntityManager, row: TicketConnectionRow, until: Date): Promise<void> {
    await manager.query('UPDATE ticket_connections SET wait_until = $3 WHERE tenant_id = $1 AND id = $2', [
      ...[row.tenant_id, row.id, until],
    ]);
  }

  /** It answered as it should. */
  async answered(manager: EntityManager, row: TicketConnectionRow): Promise<void> {
    await manager.query(
      'UPDATE ticket_connections SET failures = 0, refused_since = NULL, wait_until = NULL WHERE tenant_id = $1 AND id = $2',
      [row.tenant_id, row.id],
    );
  }
}
