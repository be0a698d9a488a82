import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql from 'sql-template-tag';
import { DomainError, notFound } from '../../../errors';
import { run } from '../../../paging';
import type { RunningTask } from '../../../tasks/running-task';
import { bindingOf, TICKET_CREDENTIAL } from '../../../tenancy/secrets/sealed-columns';
import { Secrets } from '../../../tenancy/secrets/secrets.service';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { TicketSystems } from '../systems/index';
import type { OpenConnection, TicketSystem } from '../ticket-system';
import { ConnectionTrouble } from './connection-trouble.service';
import { CONNECTION_COLUMNS, type TicketConnectionRow } from './ticket-connection';

/** A connection that can be talked over, with its credential open: for as long as a run takes, and never kept. */
export interface OpenedConnection {
  readonly row: TicketConnectionRow;
  readonly system: TicketSystem;
  readonly open: OpenConnection;
}

interface SealedRow extends TicketConnectionRow {
  credential_sealed: Buffer | null;
}

@Injectable()
export class OpenConnections {
  constructor(
    private readonly database: TenantDatabase,
    private readonly secrets: Secrets,
    private readonly systems: TicketSystems,
    private readonly trouble: ConnectionTrouble,
  ) {}

  /** Null: there is none, or it was removed. Throws CONNECTION_UNUSABLE for settings that no longer are what they must be. */
  async of(tenantId: string, id: string): Promise<OpenedConnection | null> {
    const row = await this.database.inTenant(tenantId, (manager) => find(manager, tenantId, id));
    if (!row || row.credential_sealed === null) return null;
    const { credential_sealed: sealed, ...plain } = row;
    const credential = await this.credential(row, sealed);
    const system = this.systems.of(row.system);
    const settings = system.settings.safeParse(row.settings);
    const known = system.credential.safeParse(credential);
    if (!settings.success || !known.success) {
      throw new DomainError('CONNECTION_UNUSABLE', 'The settings of this connection are not complete any more.', {
        remedy: 'Change the connection, try it with a test ticket, and activate it again.',
      });
    }
    return { row: plain, system, open: { tenantId, id, settings: settings.data, credential: known.data } };
  }

  /** The same in a task; one that cannot be used any more is disabled, and none. */
  async inTask(task: RunningTask, id: string): Promise<OpenedConnection | null> {
    try {
      return await this.of(task.tenantId, id);
    } catch (error) {
      if (!(error instanceof DomainError) || error.retryable) throw error;
      const why = [error.message, error.remedy ?? ''].join(' ').trim();
      await this.database.inTenant(task.tenantId, async (manager) => {
        await task.guard(manager);
        await this.trouble.unusable(manager, task.tenantId, id, why);
      });
      return null;
    }
  }

  /** As it was given. Throws NOT_FOUND. */
  async credentialOf(tenantId: string, id: string): Promise<Record<string, unknown>> {
    const row = await this.database.inTenant(tenantId, (manager) => find(manager, tenantId, id));
    if (!row || row.credential_sealed === null) throw notFound('The connection');
    return this.credential(row, row.credential_sealed);
  }

  private async credential(row: SealedRow, sealed: Buffer): Promise<Record<string, unknown>> {
    const text = await this.secrets.open(bindingOf(TICKET_CREDENTIAL, row), sealed);
    return JSON.parse(text) as Record<string, unknown>;
  }
}

async function find(manager: EntityManager, tenantId: string, id: string): Promise<SealedRow | undefined> {
  const [row] = await run<SealedRow>(
    manager,
    sql`SELECT ${CONNECTION_COLUMNS}, c.credential_sealed FROM ticket_connections c
        WHERE c.tenant_id = ${tenantId} AND c.id = ${id} AND c.deleted_at IS NULL`,
  );
  return row;
}
