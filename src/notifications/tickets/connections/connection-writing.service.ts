import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql from 'sql-template-tag';
import { Clock } from '../../../clock';
import { badInput, notFound } from '../../../errors';
import { newId } from '../../../ids';
import { run } from '../../../paging';
import { TaskQueue } from '../../../tasks/task-queue.service';
import { AuditLog } from '../../../tenancy/audit-log.service';
import { testTicketConnection, ticketLane } from '../syncing/sync-tickets.definition';
import type { PreparedChange, PreparedConnection } from './connection-preparation.service';
import { ConnectionSecrets } from './connection-secrets.service';
import { CONNECTION_COLUMNS, type ConnectionTest, type TicketConnectionRow } from './ticket-connection';

const MOST_CONNECTIONS = 20;

/** Writes connections, and what the audit log has of it: never a secret. */
@Injectable()
export class ConnectionWriting {
  constructor(
    private readonly clock: Clock,
    private readonly secrets: ConnectionSecrets,
    private readonly queue: TaskQueue,
    private readonly auditLog: AuditLog,
  ) {}

  /** Holds the row until the commit; its tickets may be written meanwhile. Throws NOT_FOUND. */
  async hold(manager: EntityManager, tenantId: string, id: string): Promise<TicketConnectionRow> {
    const [row] = await run<TicketConnectionRow>(
      manager,
      sql`SELECT ${CONNECTION_COLUMNS} FROM ticket_connections c
          WHERE c.tenant_id = ${tenantId} AND c.id = ${id} AND c.deleted_at IS NULL FOR NO KEY UPDATE`,
    );
    if (!row) throw notFound('The connection');
    return row;
  }

  async create(
    manager: EntityManager,
    tenantId: string,
    given: PreparedConnection,
    by: { readonly name: string },
  ): Promise<{ id: string; inboundSecret: string | null }> {
    await this.mustHaveRoom(manager, tenantId);
    await this.mustBeFree(manager, tenantId, given.name, null);
    const now = this.clock.now();
    const row = { tenant_id: tenantId, id: given.id };
    const inbound = this.secrets.inboundFor(given.system, given.inboundSecret);
    await manager.query(
      `INSERT INTO ticket_connections (tenant_id, id, name, system, state, state_changed_at, settings, credential_sealed,
         inbound_secret_sealed, filter, one_for, new_only, daily_cap, reopens, exemption_days, made_by, created_at, changed_at)
       VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $5, $5)`,
      [
        ...[tenantId, given.id, given.name, given.system, now, JSON.stringify(given.settings)],
        await this.secrets.sealCredential(manager, row, given.credential),
        inbound.secret === null ? null : await this.secrets.sealInbound(manager, row, inbound.secret),
        ...[JSON.stringify(given.filter), given.oneFor, given.newOnly, given.dailyCap, given.reopens],
        ...[given.exemptionDays, by.name],
      ],
    );
    await this.note(manager, 'ticket-connection.created', null, await this.hold(manager, tenantId, given.id));
    return { id: given.id, inboundSecret: inbound.shown };
  }

  async change(manager: EntityManager, tenantId: string, id: string, change: PreparedChange): Promise<void> {
    const before = await this.hold(manager, tenantId, id);
    if (before.state === 'removing') throw badInput('id: this connection is being removed.');
    if (change.name !== undefined) await this.mustBeFree(manager, tenantId, change.name, id);
    const proven = change.settings === undefined && change.credential === undefined;
    const now = this.clock.now();
    const sealed =
      change.credential === undefined
        ? null
        : await this.secrets.sealCredential(manager, { tenant_id: tenantId, id }, change.credential);
    await manager.query(
      `UPDATE ticket_connections SET name = $3, settings = $4, credential_sealed = coalesce($5, credential_sealed),
         filter = $6, one_for = $7, new_only = $8, daily_cap = $9, reopens = $10, exemption_days = $11,
         version = version + $12, changed_at = $13,
         remark_at = CASE WHEN activated_at IS NULL THEN NULL ELSE $13::timestamptz END
       WHERE tenant_id = $1 AND id = $2`,
      [
        ...[tenantId, id, change.name ?? before.name, JSON.stringify(change.settings ?? before.settings), sealed],
        ...[JSON.stringify(change.filter ?? before.filter), change.oneFor ?? before.one_for],
        ...[change.newOnly ?? before.new_only, change.dailyCap ?? before.daily_cap, change.reopens ?? before.reopens],
        ...[change.exemptionDays ?? before.exemption_days, proven ? 0 : 1, now],
      ],
    );
    if (!proven && before.state !== 'draft') {
      await this.setState(
        manager,
        before,
        'draft',
        'Its settings were changed: another test ticket has to prove them.',
      );
    }
    await this.note(manager, 'ticket-connection.changed', before, await this.hold(manager, tenantId, id));
  }

  async setState(
    manager: EntityManager,
    before: TicketConnectionRow,
    state: TicketConnectionRow['state'],
    why: string | null,
  ): Promise<void> {
    await manager.query(
      `UPDATE ticket_connections SET state = $3, state_why = $4, state_changed_at = $5 WHERE tenant_id = $1 AND id = $2`,
      [before.tenant_id, before.id, state, why, this.clock.now()],
    );
    this.auditLog.note(manager, {
      action: `ticket-connection.${state === 'active' ? 'activated' : state}`,
      object: { type: 'ticket-connection', id: before.id },
      before: { state: before.state },
      after: { state },
    });
  }

  async beginTest(manager: EntityManager, { tenant_id: tenantId, id, version }: TicketConnectionRow): Promise<string> {
    const testId = newId();
    const test: ConnectionTest = {
      ...{ version, id: testId, state: 'running', steps: [], reference: null, url: null },
      ...{ startedAt: this.clock.now().toISOString(), endedAt: null },
    };
    await manager.query('UPDATE ticket_connections SET test = $3 WHERE tenant_id = $1 AND id = $2', [
      ...[tenantId, id, JSON.stringify(test)],
    ]);
    return this.queue.enqueue(manager, {
      ...{ tenantId, task: testTicketConnection, payload: { connectionId: id, testId } },
      ...{ lane: ticketLane(id), dedupeKey: testId, priority: 'urgent' as const },
    });
  }

  async rotateInboundSecret(
    manager: EntityManager,
    tenantId: string,
    id: string,
    given: string | undefined,
  ): Promise<{ inboundSecret: string | null }> {
    const row = await this.hold(manager, tenantId, id);
    const inbound = this.secrets.inboundFor(row.system, given);
    if (inbound.secret === null) {
      throw badInput(
        'inboundSecret: give the one that this system made; it shows it when the subscription is created.',
      );
    }
    await manager.query('UPDATE ticket_connections SET inbound_secret_sealed = $3 WHERE tenant_id = $1 AND id = $2', [
      ...[tenantId, id, await this.secrets.sealInbound(manager, row, inbound.secret)],
    ]);
    this.auditLog.note(manager, {
      action: 'ticket-connection.secret-rotated',
      object: { type: 'ticket-connection', id },
    });
    return { inboundSecret: inbound.shown };
  }

  noteRemoved(manager: EntityManager, before: TicketConnectionRow, closeTickets: boolean): void {
    this.auditLog.note(manager, {
      action: 'ticket-connection.removed',
      object: { type: 'ticket-connection', id: before.id },
      before: summary(before),
      after: { closeTickets },
    });
  }

  private async note(
    manager: EntityManager,
    action: string,
    before: TicketConnectionRow | null,
    after: TicketConnectionRow,
  ): Promise<void> {
    this.auditLog.note(manager, {
      ...{ action, object: { type: 'ticket-connection', id: after.id } },
      ...{ before: before && summary(before), after: summary(after) },
    });
  }

  private async mustHaveRoom(manager: EntityManager, tenantId: string): Promise<void> {
    const [row] = await manager.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM ticket_connections WHERE tenant_id = $1 AND deleted_at IS NULL',
      [tenantId],
    );
    if ((row?.count ?? 0) < MOST_CONNECTIONS) return;
    throw badInput(`input: a tenant has ${MOST_CONNECTIONS} connections at most; remove one that is no longer needed.`);
  }

  private async mustBeFree(manager: EntityManager, tenantId: string, name: string, but: string | null): Promise<void> {
    const taken = await manager.query<unknown[]>(
      `SELECT 1 FROM ticket_connections WHERE tenant_id = $1 AND lower(name) = lower($2) AND deleted_at IS NULL
         AND id IS DISTINCT FROM $3`,
      [tenantId, name, but],
    );
    if (taken.length > 0) throw badInput(`name: there is another connection "${name}"; choose another name.`);
  }
}

const summary = (row: TicketConnectionRow) => ({
  ...{ name: row.name, system: row.system, state: row.state, settings: row.settings, filter: row.filter },
  ...{ oneFor: row.one_for, newOnly: row.new_only, dailyCap: row.daily_cap, reopens: row.reopens },
  ...{ exemptionDays: row.exemption_days, version: row.version },
});
