import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { notFound } from '../../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../../paging';
import type { TenantRow } from '../../tenancy/tenants.service';
import type { TokenRow } from '../../tenancy/tokens.service';
import type { Batch } from '../core/request-context';

const TENANT: Sql = sql`t.id, t.name, t.kind, t.created_at`;
const TOKEN: Sql = sql`k.tenant_id, k.id, k.name, k.prefix, k.role, k.created_at, k.expires_at, k.revoked_at,
  k.created_by_name, k.last_used_at`;

/** Reading tenants and their tokens; the platform's people see all. */
@Injectable()
export class TenantQueries implements Batch<string, TenantRow | null> {
  async page(reader: Reader, args: PageArgs): Promise<Page<TenantRow>> {
    return fetchPage(reader.manager, tenants(reader), args);
  }

  async count(reader: Reader): Promise<number> {
    return countOf(reader.manager, tenants(reader));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<TenantRow> {
    const [row] = await this.load(reader, [id]);
    if (!row) throw notFound('The tenant');
    return row;
  }

  async load(reader: Reader, ids: readonly string[]): Promise<(TenantRow | null)[]> {
    const rows = await run<TenantRow>(
      reader.manager,
      sql`SELECT ${TENANT} FROM tenants t WHERE ${ofTenant(reader, 't.id')} AND t.id = ANY (${ids}::uuid[])`,
    );
    return ids.map((id) => rows.find((row) => row.id === id) ?? null);
  }

  async tokens(reader: Reader, args: PageArgs): Promise<Page<TokenRow & { tenant_id: string }>> {
    return fetchPage(reader.manager, tokens(reader), args);
  }

  async countTokens(reader: Reader): Promise<number> {
    return countOf(reader.manager, tokens(reader));
  }

  /** @throws NOT_FOUND */
  async token(reader: Reader, id: string): Promise<TokenRow & { tenant_id: string }> {
    const [row] = await run<TokenRow & { tenant_id: string }>(
      reader.manager,
      sql`SELECT ${TOKEN} FROM api_tokens k WHERE ${ofTenant(reader, 'k.tenant_id')} AND k.id = ${id}`,
    );
    if (!row) throw notFound('The token');
    return row;
  }
}

const tenants = (reader: Reader): Listing => ({
  select: TENANT,
  from: sql`tenants t`,
  where: [ofTenant(reader, 't.id')],
  sort: [
    { by: sql`t.name`, type: 'text', descending: false },
    { by: sql`t.id`, type: 'uuid', descending: false },
  ],
});

const tokens = (reader: Reader): Listing => ({
  select: TOKEN,
  from: sql`api_tokens k`,
  where: [ofTenant(reader, 'k.tenant_id')],
  sort: [
    { by: sql`k.created_at`, type: 'timestamptz', descending: true },
    { by: sql`k.id`, type: 'uuid', descending: true },
  ],
});
