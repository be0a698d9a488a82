import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput } from '../../errors';
import { AuditLog } from '../../tenancy/audit-log.service';
import { sortedJson } from '../../tenancy/audit-log/canonical-json';
import { Batches } from '../deliveries/batches/batches.service';
import { DeliveriesDue } from '../deliveries/deliveries-due.service';
import { type EndpointRow, noted } from './endpoint';
import type { PreparedEndpoint } from './endpoint-preparation.service';
import { EndpointRecords } from './endpoint-records.service';
import { EndpointSecrets, type Shown } from './endpoint-secrets.service';

/**
 * What people decide about endpoints, in the caller's transaction; what can only be learnt by asking the network was asked
 * before (`EndpointPreparation`). A driver is called first: everybody locks tasks, then endpoints, then deliveries.
 */
@Injectable()
export class Endpoints {
  constructor(
    private readonly records: EndpointRecords,
    private readonly secrets: EndpointSecrets,
    private readonly due: DeliveriesDue,
    private readonly batches: Batches,
    private readonly auditLog: AuditLog,
  ) {}

  /** It hears of what is published from now on. @throws BAD_INPUT, CONFLICT, NOT_FOUND */
  async create(
    manager: EntityManager,
    tenantId: string,
    prepared: PreparedEndpoint,
    by: { readonly name: string },
  ): Promise<Shown & { id: string }> {
    await this.due.watch(manager, tenantId);
    const row = await this.records.insert(manager, tenantId, prepared, by.name);
    const shown = await this.secrets.set(manager, row, prepared.secret);
    this.note(manager, 'endpoint.created', row, { after: noted(row) });
    return { id: row.id, ...shown };
  }

  /** @throws BAD_INPUT, CONFLICT, NOT_FOUND */
  async change(manager: EntityManager, tenantId: string, id: string, prepared: PreparedEndpoint): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const before = await this.records.held(manager, tenantId, id);
    await this.records.update(manager, before, prepared);
    if (differ(before.settings, prepared.settings)) await this.records.clearFailures(manager, before);
    // What was gathered was asked for; what comes now goes by the new filter.
    const gathersAnew = before.sends !== prepared.sends || differ(before.filter, prepared.filter);
    if (gathersAnew) await this.batches.close(manager, tenantId, id);
    const after = await this.records.held(manager, tenantId, id);
    this.note(manager, 'endpoint.changed', before, { before: noted(before), after: noted(after) });
  }

  /** Its deliveries wait until it is resumed. Of one that is paused already nothing changes. @throws BAD_INPUT, NOT_FOUND */
  async pause(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    const row = await this.records.held(manager, tenantId, id);
    if (row.state === 'paused') return;
    if (row.state === 'disabled') throw badInput('id: this endpoint is disabled, so nothing is sent to it anyway.');
    await this.records.setState(manager, row, 'paused');
    this.note(manager, 'endpoint.paused', row, { before: { state: row.state }, after: { state: 'paused' } });
  }

  /** Sends what waits, from now on; what failed while it was disabled is sent by a replay only. @throws NOT_FOUND */
  async resume(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.records.held(manager, tenantId, id);
    if (row.state === 'active') return;
    await this.records.setState(manager, row, 'active');
    await this.records.clearFailures(manager, row);
    this.note(manager, 'endpoint.resumed', row, { before: { state: row.state }, after: { state: 'active' } });
  }

  /** What still waits is cancelled. @throws NOT_FOUND */
  async remove(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.records.held(manager, tenantId, id);
    await this.records.remove(manager, row);
    this.note(manager, 'endpoint.removed', row, { before: noted(row) });
  }

  /**
   * A new secret, shown this once. A signing secret that it replaces signs as well for a day; an address that was given is
   * replaced at once. `given`: what `EndpointPreparation.prepareRotation` answered. @throws BAD_INPUT, NOT_FOUND
   */
  async rotateSecret(manager: EntityManager, tenantId: string, id: string, given: string | null): Promise<Shown> {
    await this.due.enqueue(manager, tenantId, [id]);
    const row = await this.records.held(manager, tenantId, id);
    const shown = await this.secrets.set(manager, row, given);
    if (given !== null) await this.records.clearFailures(manager, row);
    this.note(manager, 'endpoint.secret-rotated', row, { before: null, after: { name: row.name } });
    return shown;
  }

  private note(
    manager: EntityManager,
    action: string,
    { id }: EndpointRow,
    change: { readonly before?: object | null; readonly after?: object | null },
  ): void {
    this.auditLog.note(manager, { action, object: { type: 'Endpoint', id }, before: null, after: null, ...change });
  }
}

const differ = (one: object, other: object): boolean => sortedJson(one) !== sortedJson(other);
