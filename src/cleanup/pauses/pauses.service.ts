import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { Events } from '../../tasks/events.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Principal } from '../../tenancy/principal';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { TaskQueue } from '../../tasks/task-queue.service';
import { CleanupDue } from '../execution/cleanup-due.service';
import { takeUpCleanup } from './take-up-cleanup.task';

/** Something was paused or goes on: every process reads anew. */
export const PAUSES_CHANNEL = 'mothball_pauses';

const LONGEST_REASON = 1_000;

export interface PauseInForce {
  /** `platform`: everyone's clean-up. */
  readonly scope: 'tenant' | 'platform';
  readonly reason: string;
  readonly pausedAt: Date;
  /** Null: somebody of the platform, where the tenant looks. */
  readonly pausedBy: string | null;
}

interface Row {
  paused_by: string;
  reason: string;
  paused_at: Date;
}

/** The emergency stop. While it is in force nothing is put away or deleted; looking and giving back go on. */
@Injectable()
export class Pauses {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
    private readonly auditLog: AuditLog,
    private readonly due: CleanupDue,
    private readonly queue: TaskQueue,
  ) {}

  /**
   * Stops the tenant's clean-up, in the platform's tenant everyone's: as soon as the caller commits, no process sends
   * another changing request. Pausing again replaces the reason. Throws BAD_INPUT.
   */
  async pause(manager: EntityManager, tenantId: string, by: Pick<Principal, 'name'>, reason: string): Promise<void> {
    const why = reason.trim();
    if (why === '' || why.length > LONGEST_REASON) {
      throw badInput(`reason: say why, in at most ${LONGEST_REASON.toLocaleString('en')} characters.`);
    }
    const before = await this.own(manager, tenantId, 'FOR UPDATE');
    await manager.query(
      `INSERT INTO cleanup_pauses (tenant_id, paused_by, reason, paused_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id) DO UPDATE SET paused_by = excluded.paused_by, reason = excluded.reason`,
      [tenantId, by.name, why, this.clock.now()],
    );
    await this.tell(manager, tenantId, { action: 'cleanup.paused', by, before, after: { reason: why } });
  }

  /**
   * Lets it go on; where it is not paused nothing happens. What has become due meanwhile is taken up at once, after the
   * platform's pause everyone's.
   */
  async resume(manager: EntityManager, tenantId: string, by: Pick<Principal, 'name'>): Promise<void> {
    const before = await this.own(manager, tenantId, 'FOR UPDATE');
    if (!before) return;
    await manager.query('DELETE FROM cleanup_pauses WHERE tenant_id = $1', [tenantId]);
    await this.tell(manager, tenantId, { action: 'cleanup.resumed', by, before, after: null });
    if (tenantId === PLATFORM_TENANT_ID) {
      await this.queue.enqueue(manager, { tenantId, task: takeUpCleanup, payload: {}, priority: 'urgent' });
    } else {
      await this.due.takeUp(manager, tenantId);
    }
  }

  /** What stops the tenant's clean-up, the platform's pause before its own; null: nothing. */
  async inForce(manager: EntityManager, tenantId: string): Promise<PauseInForce | null> {
    const [platform] = await manager.query<Omit<Row, 'paused_by'>[]>('SELECT * FROM platform_cleanup_pause()');
    if (platform && tenantId !== PLATFORM_TENANT_ID) {
      return { scope: 'platform', reason: platform.reason, pausedAt: platform.paused_at, pausedBy: null };
    }
    return this.own(manager, tenantId);
  }

  /** The tenant's own pause; in the platform's tenant everyone's. */
  async own(manager: EntityManager, tenantId: string, lock: '' | 'FOR UPDATE' = ''): Promise<PauseInForce | null> {
    const [row] = await manager.query<Row[]>(
      `SELECT paused_by, reason, paused_at FROM cleanup_pauses WHERE tenant_id = $1 ${lock}`,
      [tenantId],
    );
    if (!row) return null;
    const scope = tenantId === PLATFORM_TENANT_ID ? 'platform' : 'tenant';
    return { scope, reason: row.reason, pausedAt: row.paused_at, pausedBy: row.paused_by };
  }

  private async tell(
    manager: EntityManager,
    tenantId: string,
    {
      action,
      by,
      before,
      after,
    }: {
      readonly action: 'cleanup.paused' | 'cleanup.resumed';
      readonly by: Pick<Principal, 'name'>;
      readonly before: PauseInForce | null;
      readonly after: { readonly reason: string } | null;
    },
  ): Promise<void> {
    const data = { by: by.name, ...after };
    await this.events.record(manager, tenantId, [{ type: action, objectType: 'tenant', objectId: tenantId, data }]);
    this.auditLog.note(manager, {
      action,
      object: { type: 'tenant', id: tenantId },
      before: before && { reason: before.reason, pausedBy: before.pausedBy },
      after,
    });
    await manager.query(`SELECT pg_notify('${PAUSES_CHANNEL}', '')`);
  }
}
