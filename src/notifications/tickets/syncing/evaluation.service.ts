import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import type { TicketRow } from '../ticket';
import { titleOf } from '../wanting/ticket-content';
import { hashOf } from '../wanting/ticket-facts';
import { WantedTickets } from '../wanting/wanted-tickets.service';

const AT_ONCE = 100;

/** Works out what marked tickets should be now, many at once; those that are it already are never asked about there. */
@Injectable()
export class TicketEvaluation {
  constructor(
    private readonly database: TenantDatabase,
    private readonly wanted: WantedTickets,
    private readonly clock: Clock,
  ) {}

  /** The next hundred in one short transaction. Returns whether there may be more. */
  async page(task: RunningTask, connection: TicketConnectionRow): Promise<boolean> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      // In the order of subjects, as marking does, so that neither waits for the other in a circle.
      const rows = await manager.query<TicketRow[]>(
        `SELECT * FROM tickets WHERE tenant_id = $1 AND connection_id = $2 AND wanted_version > seen_version
           AND state NOT IN ('followed', 'released') ORDER BY subject COLLATE "C" LIMIT ${AT_ONCE} FOR UPDATE`,
        [connection.tenant_id, connection.id],
      );
      if (rows.length > 0) await this.evaluate(manager, connection, rows);
      return rows.length === AT_ONCE;
    });
  }

  private async evaluate(
    manager: EntityManager,
    connection: TicketConnectionRow,
    rows: readonly TicketRow[],
  ): Promise<void> {
    const ids = rows.map(({ id }) => id);
    const facts = await this.wanted.facts(manager, connection, ids);
    await this.wanted.keepFindings(manager, connection, ids);
    const seen = rows.map((row) => {
      const about = facts.get(row.id);
      const wanted = { wanted_open: about !== undefined, wanted_hash: about === undefined ? null : hashOf(about) };
      return {
        ...{ id: row.id, seen_version: row.wanted_version, ...wanted },
        title: about === undefined ? row.title : titleOf(about),
        findings_count: about?.count ?? 0,
        due: !isSettled(row, wanted),
      };
    });
    await manager.query(
      `UPDATE tickets t SET seen_version = r.seen_version, wanted_open = r.wanted_open, wanted_hash = r.wanted_hash,
         title = r.title, findings_count = r.findings_count,
         next_at = CASE WHEN r.due THEN least(t.next_at, $2) ELSE t.next_at END
       FROM jsonb_to_recordset($3::jsonb) AS r (id uuid, seen_version int, wanted_open boolean, wanted_hash text, title text,
         findings_count int, due boolean)
       WHERE t.tenant_id = $1 AND t.id = r.id`,
      [connection.tenant_id, this.clock.now(), JSON.stringify(seen)],
    );
  }
}

/** Whether nothing is to be done as far as is known here: whatever else there is gets a turn, which finds out. */
function isSettled(row: TicketRow, wanted: { wanted_open: boolean; wanted_hash: string | null }): boolean {
  if (row.closing !== null || (row.exemption_ids ?? []).length > 0) return false;
  // Nobody knows what our last request did.
  if (row.remote_id !== null && row.ours === null) return false;
  if (!wanted.wanted_open) return row.state === 'closed' && row.remote_state !== 'open';
  return (
    row.state === 'open' &&
    row.remote_state === 'open' &&
    row.ours === 'open' &&
    row.written_hash === wanted.wanted_hash
  );
}
