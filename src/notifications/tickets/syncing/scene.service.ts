import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../../clock';
import type { OpenedConnection } from '../connections/open-connections.service';
import type { TicketRow } from '../ticket';
import { hashOf, type TicketFacts } from '../wanting/ticket-facts';
import { WantedTickets } from '../wanting/wanted-tickets.service';
import { ExemptionRequests } from './exemption-requests.service';
import type { Known, Wanted } from './next-step';
import { TicketRechecks } from './rechecks.service';
import { StepRunner } from './step-runner.service';

/** A search may not show for so long what was made just before. */
export const FIND_AGAIN_MS = 60_000;

/** What a ticket is about now, and what is known of it: all that its next step is decided by. */
export interface Scene {
  readonly row: TicketRow;
  /** Undefined: nothing is left of it. */
  readonly facts: TicketFacts | undefined;
  readonly wanted: Wanted;
  readonly known: Known;
  /** When it was looked for last. */
  readonly lookedAt: Date | null;
}

interface Looks {
  unsure: boolean;
  looks: number;
  looked_at: Date | null;
}

/** Reads the scene of a ticket, in the caller's transaction. */
@Injectable()
export class Scenes {
  constructor(
    private readonly clock: Clock,
    private readonly wanted: WantedTickets,
    private readonly runner: StepRunner,
    private readonly rechecks: TicketRechecks,
    private readonly exemptions: ExemptionRequests,
  ) {}

  /** Null: the ticket is gone, or is another's place now. */
  async of(manager: EntityManager, opened: OpenedConnection, ticketId: string, isGone: boolean): Promise<Scene | null> {
    const connection = opened.row;
    const [found] = await manager.query<TicketRow[]>(
      `SELECT * FROM tickets WHERE tenant_id = $1 AND id = $2 AND state NOT IN ('followed', 'released') FOR UPDATE`,
      [connection.tenant_id, ticketId],
    );
    if (!found) return null;
    const row = await this.runner.giveUpOn(manager, found);
    const facts = (await this.wanted.facts(manager, connection, [row.id])).get(row.id);
    const looks = row.remote_id === null ? await this.looks(manager, row) : null;
    const answering = row.closing === 'done' || row.closing === 'wont-do';
    const wanted: Wanted = {
      open: facts !== undefined,
      hash: facts === undefined ? 'nothing' : hashOf(facts),
      fresh: answering && facts !== undefined && (await this.wanted.hasFresh(manager, connection, row.id)),
    };
    const known: Known = {
      remote: remoteOf(row, isGone),
      unsure: looks?.unsure ?? false,
      looks: looks?.looks ?? 0,
      lookDue: looks === null || looks.looked_at === null || this.isAgo(looks.looked_at, FIND_AGAIN_MS),
      createsOnce: opened.system.createsOnce,
      canRead: opened.system.canRead(opened.open),
      ours: row.ours,
      writtenHash: row.written_hash,
      closing: row.closing,
      reaction: row.reaction,
      rechecked: row.reaction === 'rechecking' && (await this.rechecks.areOver(manager, row)),
      pending: await this.exemptions.arePending(manager, row),
      rejected: row.rejected,
      reopens: connection.reopens,
      reopenings: await this.reopenings(manager, row),
    };
    return { row, facts, wanted, known, lookedAt: looks?.looked_at ?? null };
  }

  private isAgo(at: Date, ms: number): boolean {
    return this.clock.now().getTime() - at.getTime() >= ms;
  }

  /** Within a day; of those before it in its place, too. */
  private async reopenings(manager: EntityManager, row: TicketRow): Promise<number> {
    if (row.remote_state !== 'closed') return 0;
    const [counted] = await manager.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM tickets t
       JOIN ticket_steps s ON s.tenant_id = t.tenant_id AND s.ticket_id = t.id AND s.kind = 'reopen' AND s.at > $4
       WHERE t.tenant_id = $1 AND t.connection_id = $2 AND t.subject = $3`,
      [row.tenant_id, row.connection_id, row.subject, new Date(this.clock.now().getTime() - DAY_MS)],
    );
    return counted?.count ?? 0;
  }

  /** What was sent to open it, and how often it was looked for since. */
  private async looks(manager: EntityManager, { tenant_id: tenantId, id }: TicketRow): Promise<Looks> {
    const [row] = await manager.query<Looks[]>(
      `WITH created AS (
         SELECT max(id::text) AS id, bool_or(outcome = 'unknown') AS unsure FROM ticket_steps
         WHERE tenant_id = $1 AND ticket_id = $2 AND kind = 'create'
       )
       SELECT coalesce(c.unsure, false) AS unsure, count(s.id)::int AS looks, max(s.at) AS looked_at
       FROM created c LEFT JOIN ticket_steps s ON s.tenant_id = $1 AND s.ticket_id = $2 AND s.kind = 'find'
         AND s.outcome = 'nothing' AND (c.id IS NULL OR NOT c.unsure OR s.id::text > c.id)
       GROUP BY c.unsure`,
      [tenantId, id],
    );
    return row ?? { unsure: false, looks: 0, looked_at: null };
  }
}

function remoteOf({ remote_id, remote_state, remote_closed_as }: TicketRow, isGone: boolean): Known['remote'] {
  if (remote_id === null) return 'none';
  if (isGone) return 'gone';
  return { state: remote_state ?? 'open', closedAs: remote_closed_as };
}
