import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DomainError, notFound } from '../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../paging';
import { Events } from '../tasks/events.service';
import { AuditLog } from '../tenancy/audit-log.service';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenancy/tenant-database';
import { type Handover, heldAtWork, noteHandovers } from './handovers';

export type TransferState = 'open' | 'accepted' | 'refused';

export interface TransferRow {
  tenant_id: string;
  id: string;
  partition: string;
  aws_account_id: string;
  from_tenant_id: string;
  to_tenant_id: string;
  to_account_id: string;
  state: TransferState;
  created_at: Date;
  decided_at: Date | null;
}

interface AcceptedRow {
  from_tenant_id: string | null;
  from_account_id: string | null;
  to_tenant_id: string;
  to_account_id: string;
  partition: string;
  aws_account_id: string;
  name: string;
}

const COLUMNS: Sql = sql`r.tenant_id, r.id, r.partition, r.aws_account_id, r.from_tenant_id, r.to_tenant_id, r.to_account_id,
  r.state, r.created_at, r.decided_at`;

/** Accounts that one tenant holds and another has proven control of: the platform decides. */
@Injectable()
export class Transfers {
  constructor(
    private readonly database: TenantDatabase,
    private readonly events: Events,
    private readonly auditLog: AuditLog,
  ) {}

  async page(reader: Reader, states: readonly TransferState[], args: PageArgs): Promise<Page<TransferRow>> {
    return fetchPage(reader.manager, listing(reader, states), args);
  }

  async count(reader: Reader, states: readonly TransferState[]): Promise<number> {
    return countOf(reader.manager, listing(reader, states));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<TransferRow> {
    const [row] = await run<TransferRow>(
      reader.manager,
      sql`SELECT ${COLUMNS} FROM transfer_requests r WHERE ${ofTenant(reader, 'r.tenant_id')} AND r.id = ${id}`,
    );
    if (!row) throw notFound('The transfer request');
    return row;
  }

  /** Within the platform's tenant. One that is decided already stays as it is. Throws NOT_FOUND. */
  async decide(manager: EntityManager, id: string, accept: boolean): Promise<TransferRow> {
    const reader = { manager, tenantId: PLATFORM_TENANT_ID };
    const request = await this.byId(reader, id);
    if (request.state !== 'open') return request;
    if (accept) await this.accept(manager, id);
    else {
      await manager.query(
        `UPDATE transfer_requests SET state = 'refused', decided_at = now() WHERE tenant_id = $1 AND id = $2 AND state = 'open'`,
        [PLATFORM_TENANT_ID, id],
      );
    }
    return this.byId(reader, id);
  }

  private async accept(manager: EntityManager, id: string): Promise<void> {
    try {
      const rows = await manager.query<AcceptedRow[]>('SELECT * FROM accept_transfer($1)', [id]);
      noteHandovers(this.auditLog, manager, rows.map(handoverOf));
    } catch (error) {
      if (!(error instanceof Error && error.message === 'the asking account is gone')) throw heldAtWork(error) ?? error;
      throw new DomainError('CONFLICT', 'The tenant that asked has no such account any more: refuse the request.');
    }
  }

  /** Tells the new owner, whose own handlers act on it: the first scan, for one. */
  async announce({ state, to_tenant_id: tenantId, to_account_id: objectId }: TransferRow): Promise<void> {
    if (state !== 'accepted') return;
    await this.database.inTenant(tenantId, (manager) =>
      this.events.record(manager, tenantId, [{ type: 'account.verified', objectType: 'account', objectId }]),
    );
  }
}

const handoverOf = (row: AcceptedRow): Handover => ({
  from:
    row.from_tenant_id !== null && row.from_account_id !== null
      ? { tenantId: row.from_tenant_id, accountId: row.from_account_id }
      : null,
  to: { tenantId: row.to_tenant_id, accountId: row.to_account_id },
  partition: row.partition,
  awsAccountId: row.aws_account_id,
  name: row.name,
});

const listing = (reader: Reader, states: readonly TransferState[]): Listing => ({
  select: COLUMNS,
  from: sql`transfer_requests r`,
  where: [ofTenant(reader, 'r.tenant_id'), sql`r.state = ANY (${states}::text[])`],
  sort: [
    { by: sql`r.created_at`, type: 'timestamptz', descending: true },
    { by: sql`r.id`, type: 'uuid', descending: true },
  ],
});
