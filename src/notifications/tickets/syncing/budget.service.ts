import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS, HOUR_MS } from '../../../clock';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import type { TicketSystem } from '../ticket-system';

const MINUTE_MS = 60_000;

/**
 * How many requests a connection may still send. Counted from the requests that were written down before they went out,
 * so that neither a restart nor a crash forgets any.
 */
@Injectable()
export class TicketBudget {
  constructor(private readonly clock: Clock) {}

  /** Null: now. Else when the next request that creates something may be sent, as the system's documented limits say. */
  async nextRequestAt(
    manager: EntityManager,
    { tenant_id: tenantId, id }: TicketConnectionRow,
    { perMinute, perHour }: TicketSystem['limits'],
  ): Promise<Date | null> {
    const now = this.clock.now().getTime();
    const sent = await manager.query<{ at: Date }[]>(
      `SELECT at FROM ticket_steps WHERE tenant_id = $1 AND connection_id = $2 AND at > $3
         AND kind IN ('create', 'update', 'comment', 'close', 'reopen') ORDER BY at DESC LIMIT $4`,
      [tenantId, id, new Date(now - HOUR_MS), perHour],
    );
    const waits = [freeAgain(sent, perMinute, MINUTE_MS), freeAgain(sent, perHour, HOUR_MS)];
    const latest = Math.max(...waits);
    return latest > now ? new Date(latest) : null;
  }

  /**
   * Null: now. Else when the next ticket may be opened, as the connection's daily cap says: of any 24 hours. `but`: a
   * ticket that was sent already, and of which nobody knows whether it was opened, counts itself once only.
   */
  async nextTicketAt(
    manager: EntityManager,
    { tenant_id: tenantId, id, daily_cap: cap }: Pick<TicketConnectionRow, 'tenant_id' | 'id' | 'daily_cap'>,
    but: string | null = null,
  ): Promise<Date | null> {
    const now = this.clock.now().getTime();
    const opened = await manager.query<{ at: Date }[]>(
      `SELECT max(at) AS at FROM ticket_steps
       WHERE tenant_id = $1 AND connection_id = $2 AND at > $3 AND kind = 'create'
         AND outcome IN ('sending', 'done', 'unknown', 'settled') AND ticket_id IS DISTINCT FROM $5 GROUP BY ticket_id ORDER BY 1 DESC LIMIT $4`,
      [tenantId, id, new Date(now - DAY_MS), cap, but],
    );
    const free = freeAgain(opened, cap, DAY_MS);
    return free > now ? new Date(free) : null;
  }
}

/** When fewer than `most` will have been within the last `spanMs`; `sent`: the newest first. */
function freeAgain(sent: readonly { readonly at: Date }[], most: number, spanMs: number): number {
  const oldest = sent[most - 1];
  return oldest ? oldest.at.getTime() + spanMs : 0;
}
