import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../clock';
import { Config } from '../config';
import { anchorLine, appendAnchor, postAnchor, type TenantHead } from '../tenancy/audit-log/anchors';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenancy/tenant-database';
import { Handles, type TaskHandler } from './handles';
import type { RunningTask } from './running-task';
import { Schedules } from './schedules.service';
import { defineTask } from './task-definition';

export const anchorAuditLog = defineTask('anchor-audit-log', z.strictObject({}));

/** A line or a request of 150 kB. */
const HEADS_PER_ANCHOR = 1_000;

/** Keeps the heads of all tenants' audit logs outside of the database: from there a cut-off end can be told. */
@Injectable()
@Handles(anchorAuditLog, { attempts: 10 })
export class AnchorAuditLogTask implements TaskHandler {
  /** What this process has anchored: only what has moved on since is anchored again. */
  private readonly anchored = new Map<string, string>();

  constructor(
    private readonly config: Config,
    private readonly everyTenant: CrossTenantDatabase,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask): Promise<void> {
    const { file, url } = this.config.auditAnchor;
    if (file === null && url === null) return;
    const heads = await this.everyTenant.acrossTenants('platform', 'anchor the audit logs', (manager) =>
      manager.query<TenantHead[]>(
        `SELECT tenant_id AS tenant, seq::float8 AS seq, encode(hash, 'hex') AS hash FROM audit_heads WHERE seq > 0
         ORDER BY tenant_id`,
      ),
    );
    const moved = heads.filter(({ tenant, hash }) => this.anchored.get(tenant) !== hash);
    for (let start = 0; start < moved.length; start += HEADS_PER_ANCHOR) {
      const batch = moved.slice(start, start + HEADS_PER_ANCHOR);
      const line = anchorLine(this.clock.now(), batch);
      if (file !== null) await appendAnchor(file, line);
      if (url !== null) await postAnchor(url, line, task.signal);
      for (const { tenant, hash } of batch) this.anchored.set(tenant, hash);
    }
  }
}

/** Has it done at the interval that is configured, or no more. */
@Injectable()
export class AuditAnchorSchedule implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: TenantDatabase,
    private readonly schedules: Schedules,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    const { file, url, everyMinutes } = this.config.auditAnchor;
    const tenantId = PLATFORM_TENANT_ID;
    await this.database.inTenant(tenantId, (manager) =>
      file === null && url === null
        ? this.schedules.remove(manager, tenantId, anchorAuditLog.kind)
        : this.schedules.set(manager, { tenantId, task: anchorAuditLog, payload: {}, cron: cronOf(everyMinutes) }),
    );
  }
}

/** `everyMinutes` divides an hour, or is a number of hours that divides a day. */
const cronOf = (everyMinutes: number): string =>
  everyMinutes < 60 ? `*/${everyMinutes} * * * *` : `0 */${everyMinutes / 60} * * *`;
