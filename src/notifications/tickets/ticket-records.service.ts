import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { newId } from '../../ids';
import { Events } from '../../tasks/events.service';
import { ticketKey } from './subject';
import type { TicketRow } from './ticket';
import type { RemoteTicket } from './ticket-system';

/** An open ticket is read that often, so that a message that never came in loses nothing. */
const LOOK_EVERY_MS = DAY_MS;

/** Whatever kept it from what it should be. */
const DONE = { failures: 0, failing_since: null, last_error: null, rejected: null, problem: null } as const;

/** The columns that may be set beside each other; what is left out stays. */
export type TicketChange = Partial<
  Omit<TicketRow, 'tenant_id' | 'id' | 'connection_id' | 'subject' | 'generation' | 'key' | 'wanted_version'>
>;

/** Writes tickets, in the caller's transaction; the events that follow from it go along. */
@Injectable()
export class TicketRecords {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /**
   * `row` as it was read: what came in since then and asks for another look is kept, for what we know is older than that.
   */
  async change(
    manager: EntityManager,
    { tenant_id, id, look_at: seen }: Pick<TicketRow, 'tenant_id' | 'id' | 'look_at'>,
    { look_at: lookAt, ...change }: TicketChange,
  ): Promise<void> {
    const columns = Object.entries({ ...change, changed_at: this.clock.now() });
    const values = [tenant_id, id, ...columns.map(([, value]) => value)];
    const set = columns.map(([column], index) => `${column} = $${index + 3}`);
    if (lookAt !== undefined) {
      values.push(seen, lookAt);
      const [was, becomes] = [values.length - 1, values.length];
      set.push(
        `look_at = CASE WHEN look_at IS NOT DISTINCT FROM $${was}::timestamptz THEN $${becomes}::timestamptz ELSE look_at END`,
      );
    }
    await manager.query(`UPDATE tickets SET ${set.join(', ')} WHERE tenant_id = $1 AND id = $2`, values);
  }

  /** What a read, or the answer to a request of ours, says. What is older than what we know already is left aside. */
  async heard(manager: EntityManager, row: TicketRow, remote: RemoteTicket, change: TicketChange = {}): Promise<void> {
    await this.change(manager, row, { ...(isOlder(row, remote) ? {} : columnsOf(remote)), look_at: null, ...change });
  }

  /** It was opened there, now or before an answer was lost. */
  async opened(
    manager: EntityManager,
    row: TicketRow,
    remote: RemoteTicket,
    writtenHash: string | null,
  ): Promise<void> {
    const now = this.clock.now();
    await this.change(manager, row, {
      ...columnsOf(remote),
      ...{ state: 'open', state_why: null, ours: 'open', written_hash: writtenHash },
      ...{ opened_at: row.opened_at ?? now, ...DONE },
    });
    await manager.query(
      `UPDATE ticket_steps SET outcome = 'settled' WHERE tenant_id = $1 AND ticket_id = $2 AND kind = 'create' AND outcome = 'unknown'`,
      [row.tenant_id, row.id],
    );
    await this.tell(manager, row, 'opened', remote.reference);
  }

  /** It is what it should be, or what people made of it. */
  async rest(manager: EntityManager, row: TicketRow, state: 'open' | 'closed', change: TicketChange): Promise<void> {
    const now = this.clock.now();
    const { state: before } = row;
    await this.change(manager, row, {
      ...{ state, next_at: null, ...DONE },
      ...{ closed_at: state === 'closed' ? (row.closed_at ?? now) : null },
      ...change,
    });
    if (before === 'open' && state === 'closed') await this.tell(manager, row, 'closed', row.reference);
    if (before === 'closed' && state === 'open') await this.tell(manager, row, 'reopened', row.reference);
  }

  /**
   * The answer to a close or a reopening was lost. It is read before anything else, and what it is then is nobody's doing but
   * ours: to take it for people's would leave it so for ever.
   */
  async unsure(manager: EntityManager, row: TicketRow, at: Date, change: TicketChange = {}): Promise<TicketRow> {
    const unsure = { ...change, ours: null, look_at: at };
    await this.change(manager, row, unsure);
    return { ...row, ...unsure };
  }

  /** So that one that is refused alone is told from a system that refuses all. What somebody else holds is left out. */
  async lookAtAnother(manager: EntityManager, { tenant_id, id, connection_id }: TicketRow): Promise<void> {
    await manager.query(
      `UPDATE tickets SET look_at = $4 WHERE tenant_id = $1 AND id = (
         SELECT id FROM tickets WHERE tenant_id = $1 AND connection_id = $2 AND id <> $3 AND state = 'open' AND failures = 0
           AND rejected IS NULL ORDER BY look_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [tenant_id, connection_id, id, this.clock.now()],
    );
  }

  /** Stands still until its content, or its connection, changes, or somebody asks for another try. */
  async standStill(manager: EntityManager, row: TicketRow, rejected: string, problem: string): Promise<void> {
    await this.change(manager, row, { rejected, problem, next_at: null, look_at: null });
    if (row.rejected !== rejected) await this.tell(manager, row, 'rejected', row.reference, { why: problem });
  }

  /** Never opened, and not wanted any more: there is nothing to keep. */
  async forget(manager: EntityManager, { tenant_id, id }: TicketRow): Promise<void> {
    await manager.query('DELETE FROM tickets WHERE tenant_id = $1 AND id = $2', [tenant_id, id]);
  }

  /** The ticket that follows one that cannot be opened again. */
  async succeed(manager: EntityManager, row: TicketRow, why: string): Promise<void> {
    const { tenant_id: tenantId, id, connection_id: connectionId, subject, generation } = row;
    const now = this.clock.now();
    await this.change(manager, row, { state: 'followed', state_why: why, next_at: null, look_at: null, problem: null });
    const next = newId();
    await manager.query(
      `INSERT INTO tickets (tenant_id, id, connection_id, subject, generation, key, one_for, owner_id, check_id, finding_id,
         account_id, created_at, changed_at, next_at)
       SELECT tenant_id, $3, connection_id, subject, generation + 1, $4, one_for, owner_id, check_id, finding_id, account_id,
         $5, $5, $5 FROM tickets WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, next, ticketKey(tenantId, connectionId, subject, generation + 1), now],
    );
    await manager.query('UPDATE ticket_findings SET ticket_id = $3 WHERE tenant_id = $1 AND ticket_id = $2', [
      tenantId,
      id,
      next,
    ]);
  }

  /** The ticket before this one, that could not be opened again. */
  async followedBy(manager: EntityManager, row: TicketRow): Promise<{ reference: string; url: string | null } | null> {
    if (row.generation === 1) return null;
    const [former] = await manager.query<{ reference: string | null; url: string | null }[]>(
      `SELECT reference, url FROM tickets WHERE tenant_id = $1 AND connection_id = $2 AND subject = $3 AND generation = $4`,
      [row.tenant_id, row.connection_id, row.subject, row.generation - 1],
    );
    return former && former.reference !== null ? { reference: former.reference, url: former.url } : null;
  }

  /** When it is read the next time, even if nothing comes in. */
  nextLook(): Date {
    return new Date(this.clock.now().getTime() + LOOK_EVERY_MS);
  }

  private async tell(
    manager: EntityManager,
    row: TicketRow,
    what: 'opened' | 'closed' | 'reopened' | 'rejected',
    reference: string | null,
    data: object = {},
  ): Promise<void> {
    await this.events.record(manager, row.tenant_id, [
      {
        ...{ type: `ticket.${what}`, objectType: 'ticket', objectId: row.id },
        data: { connectionId: row.connection_id, reference, ...data },
      },
    ]);
  }
}

const columnsOf = (remote: RemoteTicket): TicketChange => ({
  remote_id: remote.id,
  reference: remote.reference,
  url: remote.url,
  remote_state: remote.state,
  remote_closed_as: remote.closedAs,
  remote_version: remote.version === null ? null : String(remote.version),
  remote_changed_at: remote.changedAt,
});

/** Versions only grow; where the system has none, the time of its last change says it. */
function isOlder(
  row: Pick<TicketRow, 'remote_version' | 'remote_changed_at'>,
  remote: Pick<RemoteTicket, 'version' | 'changedAt'>,
): boolean {
  if (remote.version !== null && row.remote_version !== null) return remote.version < Number(row.remote_version);
  if (remote.changedAt !== null && row.remote_changed_at !== null) return remote.changedAt < row.remote_changed_at;
  return false;
}
