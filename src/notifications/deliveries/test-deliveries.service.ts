import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { encodeId } from '../../api-id';
import { Clock } from '../../clock';
import { Config } from '../../config';
import { badInput } from '../../errors';
import { newId } from '../../ids';
import { AuditLog } from '../../tenancy/audit-log.service';
import { sortedJson } from '../../tenancy/audit-log/canonical-json';
import { endpointTest } from '../catalogue/other-messages';
import { linkTo } from '../catalogue/payload';
import type { EndpointRow } from '../endpoints/endpoint';
import { EndpointRecords } from '../endpoints/endpoint-records.service';
import { DeliveriesDue } from './deliveries-due.service';
import type { Content } from './delivery';
import { messageIdOf } from './message-id';

/** Messages by which people see whether an endpoint works; of whatever it is set to, just this one. */
@Injectable()
export class TestDeliveries {
  constructor(
    private readonly endpoints: EndpointRecords,
    private readonly due: DeliveriesDue,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Also to one that fails and is left alone for a while. @throws BAD_INPUT, NOT_FOUND */
  async send(manager: EntityManager, tenantId: string, endpointId: string): Promise<{ deliveryId: string }> {
    await this.due.enqueue(manager, tenantId, [endpointId]);
    const endpoint = await this.endpoints.held(manager, tenantId, endpointId);
    if (endpoint.state !== 'active') {
      throw badInput(`id: the endpoint is ${endpoint.state}, so nothing is sent to it. Resume it first.`);
    }
    const id = newId();
    const now = this.clock.now();
    await this.endpoints.tryNow(manager, tenantId, endpointId);
    await manager.query(
      `INSERT INTO deliveries (tenant_id, id, endpoint_id, kind, type, payload, state, next_at, created_at)
       VALUES ($1, $2, $3, 'test', $4, $5, 'waiting', $6, $6)`,
      [tenantId, id, endpointId, endpointTest.type, JSON.stringify(this.contentOf(endpoint, id, now)), now],
    );
    const after = { name: endpoint.name };
    this.auditLog.note(manager, { action: 'endpoint.tested', object: { type: 'Endpoint', id: endpointId }, after });
    return { deliveryId: id };
  }

  private contentOf(
    { tenant_id, id, name, channel, payload_version }: EndpointRow,
    deliveryId: string,
    at: Date,
  ): Content {
    const link = linkTo(this.config.publicUrl);
    const endpoint = { id: encodeId('Endpoint', tenant_id, id), name, channel };
    const body = sortedJson({
      type: endpointTest.type,
      timestamp: at.toISOString(),
      data: endpointTest.data.parse({ endpoint }),
      id: messageIdOf({ tenant_id, id: deliveryId, event_id: null }),
      version: payload_version,
      tenant: encodeId('Tenant', tenant_id, tenant_id),
      link,
    });
    const text = 'This is a test that somebody asked for. Nothing has happened.';
    return { body, words: { title: `A test of the endpoint ${name}`, text, facts: [], link } };
  }
}
