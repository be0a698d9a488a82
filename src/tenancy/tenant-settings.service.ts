import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { badInput } from '../errors';
import { AuditLog } from './audit-log.service';

/** How cautious clean-up is. */
export interface CleanupSettings {
  readonly enabled: boolean;
  readonly dryRun: boolean;
  /** How many identities are worked on at once. */
  readonly concurrency: number;
}

export interface StoredSettings {
  readonly cleanup: CleanupSettings;
  /** Whether the platform lets the tenant's policies delete by themselves. */
  readonly automaticDeletionLeave: boolean;
  readonly leaveDecidedBy: string | null;
  readonly leaveDecidedAt: Date | null;
}

export const MOST_CONCURRENCY = 256;

const DEFAULTS: StoredSettings = {
  cleanup: { enabled: false, dryRun: true, concurrency: 16 },
  automaticDeletionLeave: false,
  leaveDecidedBy: null,
  leaveDecidedAt: null,
};

interface Row {
  cleanup_enabled: boolean;
  cleanup_dry_run: boolean;
  cleanup_concurrency: number;
  automatic_deletion_leave: boolean;
  leave_decided_by: string | null;
  leave_decided_at: Date | null;
}

/** A tenant's settings that belong to no policy. */
@Injectable()
export class TenantSettings {
  constructor(
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  async current(manager: EntityManager, tenantId: string): Promise<StoredSettings> {
    const [row] = await manager.query<Row[]>(
      `SELECT cleanup_enabled, cleanup_dry_run, cleanup_concurrency, automatic_deletion_leave, leave_decided_by,
         leave_decided_at FROM tenant_settings WHERE tenant_id = $1`,
      [tenantId],
    );
    if (!row) return DEFAULTS;
    return {
      cleanup: { enabled: row.cleanup_enabled, dryRun: row.cleanup_dry_run, concurrency: row.cleanup_concurrency },
      automaticDeletionLeave: row.automatic_deletion_leave,
      leaveDecidedBy: row.leave_decided_by,
      leaveDecidedAt: row.leave_decided_at,
    };
  }

  /** What is left out stays as it is. Throws BAD_INPUT. */
  async setCleanup(manager: EntityManager, tenantId: string, change: Partial<CleanupSettings>): Promise<void> {
    const before = (await this.lock(manager, tenantId)).cleanup;
    const after = { ...before, ...change };
    const { enabled, dryRun, concurrency } = after;
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_CONCURRENCY) {
      throw badInput(`concurrency: must be from 1 to ${MOST_CONCURRENCY}.`);
    }
    await manager.query(
      `UPDATE tenant_settings SET cleanup_enabled = $2, cleanup_dry_run = $3, cleanup_concurrency = $4 WHERE tenant_id = $1`,
      [tenantId, enabled, dryRun, concurrency],
    );
    this.auditLog.note(manager, { action: 'cleanup-settings.saved', object: null, before, after });
  }

  /** The platform's decision, taken in the tenant. */
  async setAutomaticDeletionLeave(
    manager: EntityManager,
    tenantId: string,
    { granted, by }: { granted: boolean; by: string },
  ): Promise<void> {
    const before = await this.lock(manager, tenantId);
    await manager.query(
      `UPDATE tenant_settings SET automatic_deletion_leave = $2, leave_decided_by = $3, leave_decided_at = $4
       WHERE tenant_id = $1`,
      [tenantId, granted, by, this.clock.now()],
    );
    this.auditLog.note(manager, {
      ...{ action: granted ? 'automatic-deletion.allowed' : 'automatic-deletion.forbidden', object: null },
      ...{ before: { granted: before.automaticDeletionLeave }, after: { granted } },
    });
  }

  /** Makes the tenant's row where there is none, and holds it until the commit. */
  private async lock(manager: EntityManager, tenantId: string): Promise<StoredSettings> {
    await manager.query('INSERT INTO tenant_settings (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING', [tenantId]);
    await manager.query('SELECT 1 FROM tenant_settings WHERE tenant_id = $1 FOR UPDATE', [tenantId]);
    return this.current(manager, tenantId);
  }
}
