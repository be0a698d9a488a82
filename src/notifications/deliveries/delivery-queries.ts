import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
import { notFound } from '../../errors';
import { countOf, fetchPage, type Listing, ofTenant, type Page, type PageArgs, type Reader, run } from '../../paging';
import { type AttemptRow, DELIVERY_COLUMNS, type DeliveryKind, type DeliveryRow, type DeliveryState } from './delivery';

export interface DeliveryFilter {
  readonly endpointIds?: readonly string[] | null;
  readonly states?: readonly DeliveryState[] | null;
  readonly kinds?: readonly DeliveryKind[] | null;
  readonly types?: readonly string[] | null;
  readonly eventId?: string | null;
  /** Made from this moment on … */
  readonly from?: Date | null;
  /** … and before this one. */
  readonly to?: Date | null;
}

/** Reading deliveries, for a tenant or (platform people) across tenants. */
@Injectable()
export class DeliveryQueries {
  /** The newest first. */
  async page(reader: Reader, filter: DeliveryFilter, args: PageArgs): Promise<Page<DeliveryRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: DeliveryFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<DeliveryRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${DELIVERY_COLUMNS} FROM deliveries d
          WHERE ${ofTenant(reader, 'd.tenant_id')} AND d.id = ANY (${ids}::uuid[])`,
    );
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<DeliveryRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The delivery');
    return row;
  }

  /** Of all of these in one statement, the oldest first; at most some dozens of each, as many as there were. */
  async attempts(reader: Reader, deliveryIds: readonly string[]): Promise<AttemptRow[]> {
    return run(
      reader.manager,
      sql`SELECT a.tenant_id, a.id, a.delivery_id, a.endpoint_id, a.at, a.outcome, a.status, a.latency_ms, a.answer, a.why
          FROM delivery_attempts a
          WHERE ${ofTenant(reader, 'a.tenant_id')} AND a.delivery_id = ANY (${deliveryIds}::uuid[])
          ORDER BY a.delivery_id, a.id`,
    );
  }
}

function listing(reader: Reader, filter: DeliveryFilter): Listing {
  const where: Sql[] = [ofTenant(reader, 'd.tenant_id')];
  if (filter.endpointIds != null) {
    where.push(sql`d.endpoint_id = ANY (${nonEmpty(filter.endpointIds, 'endpoints')}::uuid[])`);
  }
  if (filter.states != null) where.push(sql`d.state = ANY (${nonEmpty(filter.states, 'states')}::text[])`);
  if (filter.kinds != null) where.push(sql`d.kind = ANY (${nonEmpty(filter.kinds, 'kinds')}::text[])`);
  if (filter.types != null) where.push(sql`d.type = ANY (${nonEmpty(filter.types, 'types')}::text[])`);
  if (filter.eventId != null) where.push(sql`d.event_id = ${filter.eventId}`);
  if (filter.from != null) where.push(sql`d.created_at >= ${filter.from}`);
  if (filter.to != null) where.push(sql`d.created_at < ${filter.to}`);
  return {
    select: DELIVERY_COLUMNS,
    from: sql`deliveries d`,
    where,
    sort: [
      { by: sql`d.created_at`, type: 'timestamptz', descending: true },
      { by: sql`d.id`, type: 'uuid', descending: true },
    ],
  };
}
