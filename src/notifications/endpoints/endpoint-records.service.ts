import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { Config } from '../../config';
import { badInput, DomainError, notFound } from '../../errors';
import { newId } from '../../ids';
import { run } from '../../paging';
import { DigestSchedules } from '../publishing/digests/digest-schedules.service';
import { ENDPOINT_COLUMNS, type EndpointRow, type EndpointState } from './endpoint';
import type { PreparedEndpoint } from './endpoint-preparation.service';

/** The rows of endpoints, within the caller's transaction. */
@Injectable()
export class EndpointRecords {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly digests: DigestSchedules,
  ) {}

  /** Throws BAD_INPUT where the tenant has as many as it may, CONFLICT for a name that is taken. */
  async insert(
    manager: EntityManager,
    tenantId: string,
    prepared: PreparedEndpoint,
    madeBy: string,
  ): Promise<EndpointRow> {
    // Holds the tenant's publishing for this transaction: whatever is published later finds the endpoint, and two that
    // are made at once are counted one after the other.
    const [publishing] = await manager.query<{ last_seq: string }[]>(
      `INSERT INTO publishing (tenant_id, last_seq) VALUES ($1, 0)
       ON CONFLICT (tenant_id) DO UPDATE SET last_seq = publishing.last_seq RETURNING last_seq`,
      [tenantId],
    );
    await this.mustHaveRoom(manager, tenantId);
    await mustBeOurs(manager, tenantId, prepared);
    const now = this.clock.now();
    const id = newId();
    await mustBeFree(manager, tenantId, prepared.name, id);
    await manager.query(
      `INSERT INTO endpoints (tenant_id, id, name, channel, state, state_changed_at, payload_version, sends, filter, settings,
         per_minute, concurrency, after_seq, made_by, created_at, changed_at)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9, $10, $11, $12, $13, $5, $5)`,
      [
        ...[tenantId, id, prepared.name, prepared.channel, now, prepared.payloadVersion, prepared.sends],
        ...[JSON.stringify(prepared.filter), JSON.stringify(prepared.settings)],
        ...[prepared.perMinute, prepared.concurrency, publishing?.last_seq ?? 0, madeBy],
      ],
    );
    await this.digests.adjust(manager, tenantId);
    return this.held(manager, tenantId, id);
  }

  async update(
    manager: EntityManager,
    { tenant_id: tenantId, id }: EndpointRow,
    prepared: PreparedEndpoint,
  ): Promise<void> {
    await mustBeFree(manager, tenantId, prepared.name, id);
    await mustBeOurs(manager, tenantId, prepared);
    await manager.query(
      `UPDATE endpoints SET name = $3, settings = $4, filter = $5, sends = $6, per_minute = $7, concurrency = $8,
         payload_version = $9, changed_at = $10 WHERE tenant_id = $1 AND id = $2`,
      [
        ...[tenantId, id, prepared.name, JSON.stringify(prepared.settings), JSON.stringify(prepared.filter)],
        ...[prepared.sends, prepared.perMinute, prepared.concurrency, prepared.payloadVersion, this.clock.now()],
      ],
    );
    await this.digests.adjust(manager, tenantId);
  }

  /** What it did before does not count any more: it is tried at once. */
  async clearFailures(manager: EntityManager, { tenant_id: tenantId, id }: EndpointRow): Promise<void> {
    await manager.query(
      `UPDATE endpoints SET failing_since = NULL, failures = 0, last_failure_at = NULL, wait_until = NULL
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id],
    );
  }

  /** Though it failed, and would be left alone for a while. */
  async tryNow(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    await manager.query('UPDATE endpoints SET wait_until = NULL WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
  }

  async setState(
    manager: EntityManager,
    { tenant_id: tenantId, id }: EndpointRow,
    state: EndpointState,
  ): Promise<void> {
    await manager.query(
      'UPDATE endpoints SET state = $3, state_why = NULL, state_changed_at = $4 WHERE tenant_id = $1 AND id = $2',
      [tenantId, id, state, this.clock.now()],
    );
  }

  /** It stays as long as there are deliveries of it; its secrets do not. */
  async remove(manager: EntityManager, { tenant_id: tenantId, id }: EndpointRow): Promise<void> {
    await manager.query(
      `UPDATE endpoints SET deleted_at = $3, secret_sealed = NULL, previous_secret_sealed = NULL,
         previous_secret_until = NULL WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, this.clock.now()],
    );
    await this.digests.adjust(manager, tenantId);
  }

  /** The row, held until the commit. @throws NOT_FOUND */
  async held(manager: EntityManager, tenantId: string, id: string): Promise<EndpointRow> {
    const [row] = await run<EndpointRow>(
      manager,
      sql`SELECT ${ENDPOINT_COLUMNS} FROM endpoints e
          WHERE e.tenant_id = ${tenantId} AND e.id = ${id} AND e.deleted_at IS NULL FOR NO KEY UPDATE`,
    );
    if (!row) throw notFound('The endpoint');
    return row;
  }

  private async mustHaveRoom(manager: EntityManager, tenantId: string): Promise<void> {
    const most = this.config.notifications.endpointsPerTenant;
    const [row] = await manager.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM endpoints WHERE tenant_id = $1 AND deleted_at IS NULL',
      [tenantId],
    );
    if ((row?.count ?? 0) < most) return;
    throw badInput(`name: there are ${most} endpoints already, as many as a tenant may have. Remove one first.`);
  }
}

async function mustBeFree(manager: EntityManager, tenantId: string, name: string, id: string): Promise<void> {
  const taken = await manager.query<unknown[]>(
    'SELECT 1 FROM endpoints WHERE tenant_id = $1 AND lower(name) = lower($2) AND id <> $3 AND deleted_at IS NULL',
    [tenantId, name, id],
  );
  if (taken.length > 0)
    throw new DomainError('CONFLICT', `name: there is an endpoint "${name}" already. Choose another name.`);
}

/** Another tenant's account is one that does not exist. */
async function mustBeOurs(manager: EntityManager, tenantId: string, { filter }: PreparedEndpoint): Promise<void> {
  const wanted = [...new Set(filter.accountIds ?? [])];
  if (wanted.length === 0) return;
  const [row] = await manager.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM accounts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tenantId, wanted],
  );
  if (row?.count !== wanted.length) throw notFound('filter.accounts: the account');
}
