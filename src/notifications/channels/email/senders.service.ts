import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { run } from '../../../paging';
import { TenantDatabase } from '../../../tenancy/tenant-database';

/** What people call the tenant and the endpoint that a mail comes from. */
export interface Sender {
  readonly tenant: string;
  readonly endpoint: string;
}

/** Names for the foot of a mail: without them nobody could tell whom to ask to stop it. */
@Injectable()
export class Senders {
  constructor(private readonly database: TenantDatabase) {}

  /** Null: there is no such endpoint any more. */
  async of(tenantId: string, endpointId: string): Promise<Sender | null> {
    const [sender] = await this.database.inTenant(tenantId, (manager) =>
      run<Sender>(
        manager,
        sql`SELECT t.name AS tenant, e.name AS endpoint FROM endpoints e JOIN tenants t ON t.id = e.tenant_id
            WHERE e.tenant_id = ${tenantId} AND e.id = ${endpointId}`,
      ),
    );
    return sender ?? null;
  }
}
