import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { badInput } from '../../../errors';
import { TicketsDue } from '../syncing/tickets-due.service';
import { ConnectionPreparation, type PreparedChange, type PreparedConnection } from './connection-preparation.service';
import { ConnectionRemoval } from './connection-removal.service';
import { ConnectionWriting } from './connection-writing.service';
import type { TicketConnectionChange, TicketConnectionRequest } from './ticket-connection-request';

const BEING_CLOSED = 'Its tickets are being closed.';

/**
 * What people decide about connections to ticketing systems. All within the caller's transaction, but for preparing. Tasks
 * before connections, and connections before tickets, as their drivers do: so nobody waits for each other in a circle.
 */
@Injectable()
export class TicketConnections {
  constructor(
    private readonly clock: Clock,
    private readonly preparation: ConnectionPreparation,
    private readonly writing: ConnectionWriting,
    private readonly removal: ConnectionRemoval,
    private readonly due: TicketsDue,
  ) {}

  prepare(tenantId: string, request: TicketConnectionRequest): Promise<PreparedConnection> {
    return this.preparation.prepare(tenantId, request);
  }

  prepareChange(tenantId: string, id: string, change: TicketConnectionChange): Promise<PreparedChange> {
    return this.preparation.prepareChange(tenantId, id, change);
  }

  /** As a draft. `inboundSecret` is null where people give it; else it is shown this once. Throws BAD_INPUT. */
  async create(
    manager: EntityManager,
    tenantId: string,
    prepared: PreparedConnection,
    by: { readonly name: string },
  ): Promise<{ id: string; inboundSecret: string | null }> {
    return this.writing.create(manager, tenantId, prepared, by);
  }

  /** Other settings, or another credential, make it a draft again. Throws NOT_FOUND or BAD_INPUT. */
  async change(manager: EntityManager, tenantId: string, id: string, change: PreparedChange): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    await this.writing.change(manager, tenantId, id, change);
  }

  /** Has a test ticket opened, changed, commented and closed. The result is the connection's `test`. */
  async test(manager: EntityManager, tenantId: string, id: string): Promise<{ taskId: string }> {
    const row = await this.writing.hold(manager, tenantId, id);
    return { taskId: await this.writing.beginTest(manager, row) };
  }

  /**
   * Throws BAD_INPUT unless a test ticket has proven the settings as they are. One that people want gone goes on closing its
   * tickets.
   */
  async activate(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.writing.hold(manager, tenantId, id);
    if (row.state === 'active') return;
    if (row.state === 'removing') throw badInput('id: this connection is being removed.');
    if (row.tested_version !== row.version) {
      throw badInput(
        'id: no test ticket has proven these settings yet. Run "testTicketConnection", and activate it when its test has passed.',
      );
    }
    const now = this.clock.now();
    if (row.removal_at === null) await this.writing.setState(manager, row, 'active', null);
    else await this.writing.setState(manager, row, 'removing', BEING_CLOSED);
    await manager.query(
      `UPDATE ticket_connections SET activated_at = coalesce(activated_at, $3), remark_at = $3, wait_until = NULL, failures = 0,
         refused_since = NULL, trouble_with = NULL
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, now],
    );
    // What was refused or rejected may have been mended.
    await manager.query(
      `UPDATE tickets SET rejected = NULL, problem = NULL, failures = 0, next_at = $3 WHERE tenant_id = $1
         AND connection_id = $2 AND (rejected IS NOT NULL OR failures > 0) AND state NOT IN ('followed', 'released')`,
      [tenantId, id, now],
    );
    await this.due.watch(manager, tenantId);
  }

  /** Nothing is sent until it is resumed. */
  async pause(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    const row = await this.writing.hold(manager, tenantId, id);
    if (row.state === 'paused') return;
    if (row.state !== 'active') throw badInput(`id: only an active connection is paused; this one is ${row.state}.`);
    await this.writing.setState(manager, row, 'paused', 'Paused by people.');
  }

  /** Goes on after a pause, or after the system's refusal was mended: with its removal, if that was going on. */
  async resume(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.writing.hold(manager, tenantId, id);
    if (row.state === 'draft') throw badInput('id: this connection is a draft; test it, and activate it then.');
    await this.activate(manager, tenantId, id);
  }

  /** With a secret of ours, shown this once, or the one that the system made. Throws BAD_INPUT. */
  rotateInboundSecret(
    manager: EntityManager,
    tenantId: string,
    id: string,
    given?: string,
  ): Promise<{ inboundSecret: string | null }> {
    return this.writing.rotateInboundSecret(manager, tenantId, id, given);
  }

  /** Its tickets stay in the other system; with `closeTickets` they are closed first, as far as that can be done. */
  async remove(
    manager: EntityManager,
    tenantId: string,
    id: string,
    { closeTickets }: { readonly closeTickets: boolean },
  ): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.writing.hold(manager, tenantId, id);
    if (!closeTickets || row.activated_at === null || row.state === 'disabled' || row.state === 'draft') {
      await this.removal.now(manager, tenantId, id);
      this.writing.noteRemoved(manager, row, closeTickets);
      return;
    }
    await this.writing.setState(manager, row, 'removing', BEING_CLOSED);
    await manager.query(
      'UPDATE ticket_connections SET remark_at = $3, removal_at = $3 WHERE tenant_id = $1 AND id = $2',
      [tenantId, id, this.clock.now()],
    );
  }
}
