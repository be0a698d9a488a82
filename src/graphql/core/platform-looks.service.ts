import { Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../clock';
import { newId } from '../../ids';
import { actingAs } from '../../tenancy/actor';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Principal } from '../../tenancy/principal';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';
import { currentOrigin } from './request-origin';

const ACTION = 'platform.looked';
/** More pairs of people and tenants than anybody looks at in an hour. */
const REMEMBERED = 10_000;

/** Tells a tenant that the platform's people have looked into it: once an hour for each of them. */
@Injectable()
export class PlatformLooks {
  /** Principal and tenant → until when this process knows that it was told. */
  private readonly told = new Map<string, number>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
  ) {}

  async note(principal: Principal, tenantId: string): Promise<void> {
    if (tenantId === PLATFORM_TENANT_ID) return;
    const key = `${principal.id} ${tenantId}`;
    if ((this.told.get(key) ?? 0) > performance.now()) return;
    const { kind, id, name, role, standsFor } = principal;
    const origin = currentOrigin() ?? { requestId: newId(), sourceAddress: null };
    const actor = { kind, id, name, tenantId: principal.tenantId, role, standsFor, ...origin };
    await actingAs(actor, () => this.database.inTenant(tenantId, (manager) => this.once(manager, id, tenantId)));
    if (this.told.size >= REMEMBERED) this.told.clear();
    this.told.set(key, performance.now() + HOUR_MS / 4);
  }

  private async once(manager: Parameters<AuditLog['note']>[0], actorId: string, tenantId: string): Promise<void> {
    // Two processes that are asked at the same moment tell it once.
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${ACTION} ${actorId} ${tenantId}`]);
    const rows = await manager.query<{ told: boolean; exists: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM tenants WHERE id = $1) AS "exists",
              EXISTS (SELECT 1 FROM audit_entries WHERE tenant_id = $1 AND actor_id = $2 AND action = $3
                      AND at > now() - interval '1 hour') AS told`,
      [tenantId, actorId, ACTION],
    );
    if (rows[0]?.exists && !rows[0].told) this.auditLog.note(manager, { action: ACTION, object: null });
  }
}
