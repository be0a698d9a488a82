import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { ConnectionTrouble } from '../connections/connection-trouble.service';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import { TicketBudget } from './budget.service';
import { TicketsDue } from './tickets-due.service';

const AT_ONCE = 20;

/** Of tickets `t`: not those that the daily cap holds back. One that may have been opened is looked for at any time. */
const NOT_CAPPED = `(t.remote_id IS NOT NULL OR NOT t.wanted_open OR EXISTS (
  SELECT 1 FROM ticket_steps s WHERE s.tenant_id = t.tenant_id AND s.ticket_id = t.id AND s.kind = 'create'
    AND s.outcome IN ('sending', 'unknown')))`;

interface Times {
  state: TicketConnectionRow['state'];
  wait_until: Date | null;
  remark_at: Date | null;
  unseen: boolean;
  next_at: Date | null;
  opening_at: Date | null;
}

/** Which tickets have their turn, and when the next one has. */
@Injectable()
export class DueTickets {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly budget: TicketBudget,
    private readonly due: TicketsDue,
    private readonly trouble: ConnectionTrouble,
  ) {}

  /** Whether its system has asked to be left alone. */
  async mustWait(task: RunningTask, id: string): Promise<boolean> {
    const rows = await this.database.inTenant(task.tenantId, (manager) =>
      manager.query<{ wait_until: Date | null }[]>(
        'SELECT wait_until FROM ticket_connections WHERE tenant_id = $1 AND id = $2',
        [task.tenantId, id],
      ),
    );
    const until = rows[0]?.wait_until ?? null;
    return until !== null && until > this.clock.now();
  }

  /** Those that are due, the longest due first; without those that wait to be opened while the daily cap is reached. */
  async next(manager: EntityManager, connection: TicketConnectionRow): Promise<string[]> {
    const mayOpen = (await this.budget.nextTicketAt(manager, connection)) === null;
    const rows = await manager.query<{ id: string }[]>(
      `SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.connection_id = $2 AND (t.next_at <= $3 OR t.look_at <= $3)
         AND t.state NOT IN ('followed', 'released') AND ($4 OR ${NOT_CAPPED})
       ORDER BY least(t.next_at, t.look_at), t.id LIMIT ${AT_ONCE}`,
      [connection.tenant_id, connection.id, this.clock.now(), mayOpen],
    );
    return rows.map(({ id }) => id);
  }

  /** Has the connection's driver called for the next one, after a rest: a system that is slow leaves its place to others. */
  async enqueueNext(manager: EntityManager, row: TicketConnectionRow, restMs: number): Promise<void> {
    const { tenant_id: tenantId, id: connectionId } = row;
    if (restMs > 0) await this.trouble.waitUntil(manager, row, new Date(this.clock.now().getTime() + restMs));
    const [times] = await manager.query<Times[]>(
      `SELECT c.state, c.wait_until, c.remark_at,
         EXISTS (SELECT 1 FROM tickets t WHERE t.tenant_id = $1 AND t.connection_id = $2
                 AND t.wanted_version > t.seen_version AND t.state NOT IN ('followed', 'released')) AS unseen,
         (SELECT min(least(t.next_at, t.look_at)) FROM tickets t WHERE t.tenant_id = $1 AND t.connection_id = $2
          AND (t.next_at IS NOT NULL OR t.look_at IS NOT NULL) AND ${NOT_CAPPED}) AS next_at,
         (SELECT min(t.next_at) FROM tickets t WHERE t.tenant_id = $1 AND t.connection_id = $2
          AND t.next_at IS NOT NULL AND NOT ${NOT_CAPPED}) AS opening_at
       FROM ticket_connections c WHERE c.tenant_id = $1 AND c.id = $2 AND c.deleted_at IS NULL
         AND c.state IN ('active', 'removing')`,
      [tenantId, connectionId],
    );
    if (!times) return;
    const at = earliest([
      times.unseen ? this.clock.now() : null,
      times.next_at,
      await this.openingAt(manager, tenantId, connectionId, times.opening_at),
      times.remark_at,
    ]);
    if (at === null) return;
    const until = times.wait_until;
    await this.due.enqueueAt(manager, tenantId, connectionId, until !== null && until > at ? until : at);
  }

  private async openingAt(manager: EntityManager, tenantId: string, id: string, at: Date | null): Promise<Date | null> {
    if (at === null) return null;
    const [row] = await manager.query<TicketConnectionRow[]>(
      'SELECT tenant_id, id, daily_cap FROM ticket_connections WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    const free = row ? await this.budget.nextTicketAt(manager, row) : null;
    return free !== null && free > at ? free : at;
  }
}

function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((least, date) => (date !== null && (least === null || date < least) ? date : least), null);
}
