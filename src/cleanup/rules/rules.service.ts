import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { AuditLog } from '../../tenancy/audit-log.service';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import type { CleanupRules } from './cleanup-rules';
import { type RulesSetBy, type ShownRules, shownRules } from './shown-rules';
import { looserThan } from './stricter';
import { overlay, parseWrittenRules, type WrittenRules } from './written-rules';

/**
 * The bounds of clean-up: the defaults, over them what the platform has said for everyone, over that what it has said for
 * this tenant; and the tenant's own, which may only be stricter.
 */
@Injectable()
export class RulesService {
  constructor(
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /** What holds in the tenant of the transaction, now. */
  async effective(manager: EntityManager, tenantId: string): Promise<CleanupRules> {
    return (await shownRules(manager, tenantId)).effective;
  }

  async shown(manager: EntityManager, tenantId: string): Promise<ShownRules> {
    return shownRules(manager, tenantId);
  }

  /**
   * Saves a whole document: what it leaves out follows the level above, and an empty one takes the rules away. `setBy`
   * 'platform' is the platform's decision: in its own tenant for everyone, else for that tenant. The caller has checked
   * who may. Throws BAD_INPUT naming each bad field, and of a tenant's each that is looser than its bound.
   */
  async save(
    manager: EntityManager,
    tenantId: string,
    setBy: RulesSetBy,
    { rules, by }: { readonly rules: unknown; readonly by: string },
  ): Promise<CleanupRules> {
    if (setBy === 'tenant' && tenantId === PLATFORM_TENANT_ID) {
      throw badInput('The platform’s own tenant cleans nothing up: save what holds for everyone as the platform.');
    }
    const written = parseWrittenRules(rules);
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('clean-up rules ' || $1::text, 0))`, [tenantId]);
    const { bound, own, grant } = await shownRules(manager, tenantId);
    if (setBy === 'tenant') {
      const looser = looserThan(bound, overlay(bound, written));
      if (looser.length > 0) throw badInput(looser.map(({ path, message }) => `${path}: ${message}`).join(' '));
    }
    await this.write(manager, tenantId, setBy, { written, by });
    this.auditLog.note(manager, {
      action: 'cleanup-rules.saved',
      object: { type: 'cleanup-rules', id: setBy },
      before: (setBy === 'tenant' ? own : grant)?.rules ?? null,
      after: written,
    });
    return this.effective(manager, tenantId);
  }

  private async write(
    manager: EntityManager,
    tenantId: string,
    setBy: RulesSetBy,
    { written, by }: { readonly written: WrittenRules; readonly by: string },
  ): Promise<void> {
    if (Object.keys(written).length === 0) {
      await manager.query('DELETE FROM cleanup_rules WHERE tenant_id = $1 AND set_by = $2', [tenantId, setBy]);
      return;
    }
    await manager.query(
      `INSERT INTO cleanup_rules (tenant_id, set_by, rules, saved_by, saved_at) VALUES ($1, $2, $3::jsonb, $4, $5)
       ON CONFLICT (tenant_id, set_by) DO UPDATE SET rules = excluded.rules, saved_by = excluded.saved_by,
         saved_at = excluded.saved_at`,
      [tenantId, setBy, JSON.stringify(written), by, this.clock.now()],
    );
  }
}
