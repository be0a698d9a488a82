import { Injectable } from '@nestjs/common';
import { Config } from '../../config';
import { notFound } from '../../errors';
import type { Page, PageArgs, Reader } from '../../paging';
import { CrossTenantDatabase } from '../../tenancy/cross-tenant-database';
import type { Principal } from '../../tenancy/principal';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { readIdOf } from '../../api-id';
import { Connection } from './connection';
import { PlatformLooks } from './platform-looks.service';

export interface Listed<Row, Node> {
  page(reader: Reader, args: PageArgs): Promise<Page<Row>>;
  count(reader: Reader): Promise<number>;
  toNode(row: Row): Node;
}

/**
 * As whom a request reads: a tenant's people in their tenant; platform people across all tenants, read-only, or in the
 * one they name.
 */
@Injectable()
export class ReadScope {
  constructor(
    private readonly database: TenantDatabase,
    private readonly everyTenant: CrossTenantDatabase,
    private readonly looks: PlatformLooks,
    private readonly config: Config,
  ) {}

  /** One short transaction. `tenant`: the id that the caller gave. Throws NOT_FOUND for another tenant's. */
  async read<T>(principal: Principal, work: (reader: Reader) => Promise<T>, tenant?: string | null): Promise<T> {
    const named = tenant == null ? null : readIdOf('Tenant', tenant, 'tenant').id;
    if (principal.scope === 'platform') {
      if (named !== null) await this.looks.note(principal, named);
      return this.everyTenant.acrossTenants('platform', `${principal.name} reads`, (manager) =>
        work({ manager, tenantId: named }),
      );
    }
    const { tenantId } = principal;
    if (named !== null && named !== tenantId) throw notFound('tenant: the tenant');
    // Nobody waits for a page longer than this, and one that costs too much must not hold up the others.
    const limits = { statementTimeoutMs: this.config.readTimeoutMs };
    return this.database.inTenant(tenantId, (manager) => work({ manager, tenantId }), limits);
  }

  /** One page of a list: one transaction, and another one for the count when it is asked for. */
  async list<Row, Node>(
    principal: Principal,
    listed: Listed<Row, Node>,
    args: PageArgs,
    tenant?: string | null,
  ): Promise<Connection<Node>> {
    const page = await this.read(principal, (reader) => listed.page(reader, args), tenant);
    const edges = page.rows.map((row, index) => ({ node: listed.toNode(row), cursor: page.cursors[index] ?? '' }));
    return new Connection(edges, page, () => this.read(principal, (reader) => listed.count(reader), tenant));
  }
}
