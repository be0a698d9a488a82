import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { newId } from '../../ids';
import { Schedules } from '../../tasks/schedules.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Baseline } from './baseline/baseline-document';
import type { Placed } from './policies-in-force';
import type { PolicySchedule } from './documents/policy-document';
import { placedBy, type PolicyPlan } from './policy-plan';
import { type PolicyRow, rowOf, type SavedBy, stillWaits } from './policy-rows';
import type { PolicyDecision, StoredPolicy } from './stored-policy';
import { sweepPolicy } from './sweep-policy.definition';

/** Writes what a plan says, with what hangs on it: proposals, schedules, the audit log. */
@Injectable()
export class PolicyWriter {
  constructor(
    private readonly schedules: Schedules,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  async write(
    manager: EntityManager,
    tenantId: string,
    plan: PolicyPlan,
    { baseline, by }: { baseline: Baseline; by: SavedBy },
  ): Promise<void> {
    const at = this.clock.now();
    await this.addVersions(manager, tenantId, plan, { by, at });
    const placed = placedBy(plan);
    const before = standingBefore(plan);
    const rows = plan.policies.map((policy, index) =>
      rowOf(policy, { position: index + 1, before, placed, baseline, by, at }),
    );
    await manager.query(
      `INSERT INTO policies (tenant_id, id, name, position, version, proposed_version, proposed_by, proposed_by_stands_for,
         proposed_at, widened_by, created_at)
       SELECT $1, id, name, position, version, proposed_version, proposed_by, proposed_by_stands_for, proposed_at,
         widened_by, $3
       FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, name text, position int, version int, proposed_version int,
         proposed_by text, proposed_by_stands_for text, proposed_at timestamptz(3), widened_by text[])
       ON CONFLICT (tenant_id, name) DO UPDATE SET position = excluded.position, version = excluded.version,
         proposed_version = excluded.proposed_version, proposed_by = excluded.proposed_by,
         proposed_by_stands_for = excluded.proposed_by_stands_for, proposed_at = excluded.proposed_at,
         widened_by = excluded.widened_by, retired_at = NULL`,
      [tenantId, JSON.stringify(rows), at],
    );
    await manager.query(
      `UPDATE policies SET retired_at = $3, proposed_version = NULL, proposed_by = NULL, proposed_by_stands_for = NULL,
         proposed_at = NULL, widened_by = '{}' WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
      [tenantId, plan.retired.map(({ id }) => id), at],
    );
    for (const { name, added, waits } of plan.policies) {
      if (added && !waits) await this.schedule(manager, tenantId, name, added.schedule);
    }
    for (const { name } of plan.retired) await this.schedule(manager, tenantId, name, null);
    this.note(manager, plan, rows);
  }

  /** When the accounts in a policy's scope are scanned by themselves; null: only with all the others. */
  async schedule(
    manager: EntityManager,
    tenantId: string,
    name: string,
    schedule: PolicySchedule | null,
  ): Promise<void> {
    if (!schedule) {
      await this.schedules.remove(manager, tenantId, sweepPolicy.kind, name);
      return;
    }
    const { cron, timeZone: timezone } = schedule;
    await this.schedules.set(manager, {
      tenantId,
      task: sweepPolicy,
      payload: { policy: name },
      subject: name,
      cron,
      timezone,
    });
  }

  /**
   * After something else has changed what policies reach (an agreement, a newer baseline): versions in force that act by
   * themselves wait for agreement again where they now reach others than were agreed to. `before`: what judged until then;
   * null: with another baseline.
   */
  async settle(
    manager: EntityManager,
    tenantId: string,
    standing: readonly StoredPolicy[],
    around: {
      readonly before: readonly Placed[] | null;
      readonly placed: readonly Placed[];
      readonly baseline: Baseline;
      readonly by: SavedBy;
    },
  ): Promise<void> {
    const at = this.clock.now();
    const rows = standing.map((stored) => ({ id: stored.id, ...stillWaits(stored, { ...around, at }) }));
    await manager.query(
      `UPDATE policies p SET proposed_version = r.proposed_version, proposed_by = r.proposed_by,
         proposed_by_stands_for = r.proposed_by_stands_for, proposed_at = r.proposed_at, widened_by = r.widened_by
       FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, proposed_version int, proposed_by text,
         proposed_by_stands_for text, proposed_at timestamptz(3), widened_by text[])
       WHERE p.tenant_id = $1 AND p.id = r.id
         AND (p.proposed_version, p.widened_by) IS DISTINCT FROM (r.proposed_version, r.widened_by)`,
      [tenantId, JSON.stringify(rows)],
    );
  }

  /** Keeps what somebody decided about a proposal; nothing waits any more. Refused, a policy without a version in force ends. */
  async decide(
    manager: EntityManager,
    policy: StoredPolicy,
    { version, hash, reach, decision }: Pick<PolicyDecision, 'version' | 'hash' | 'reach' | 'decision'>,
    by: SavedBy,
  ): Promise<void> {
    const { tenantId, id, name, current } = policy;
    const at = this.clock.now();
    await manager.query(
      `INSERT INTO policy_decisions (tenant_id, id, name, version, hash, reach, decision, decided_by, decided_by_stands_for,
         note, decided_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [tenantId, newId(), name, version, hash, reach, decision, by.name, by.standsFor, by.note ?? null, at],
    );
    await manager.query(
      `UPDATE policies SET proposed_version = NULL, proposed_by = NULL, proposed_by_stands_for = NULL, proposed_at = NULL,
         retired_at = $3, widened_by = CASE WHEN $4 THEN '{}' ELSE widened_by END WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, decision === 'refused' && current === null ? at : null, decision === 'agreed'],
    );
    this.auditLog.note(manager, {
      action: `policy.${decision}`,
      object: { type: 'policy', id },
      before: current && { version: current.version, hash: current.hash },
      after: { version, hash, note: by.note ?? null },
    });
  }

  private async addVersions(
    manager: EntityManager,
    tenantId: string,
    plan: PolicyPlan,
    { by, at }: { by: SavedBy; at: Date },
  ): Promise<void> {
    const rows = plan.policies.flatMap(({ name, added }) => (added ? [{ id: newId(), name, ...added }] : []));
    if (rows.length === 0) return;
    await manager.query(
      `INSERT INTO policy_versions (tenant_id, id, name, version, source, scope, settings, action, schedule, hash,
         saved_by, saved_by_stands_for, note, created_at)
       SELECT $1, id, name, version, source, scope, settings, action, nullif(schedule, 'null'), hash, $3, $4, $5, $6
       FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, name text, version int, source jsonb, scope jsonb, settings jsonb,
         action jsonb, schedule jsonb, hash text)`,
      [tenantId, JSON.stringify(rows), by.name, by.standsFor, by.note ?? null, at],
    );
  }

  private note(manager: EntityManager, plan: PolicyPlan, rows: readonly PolicyRow[]): void {
    const idOf = new Map(rows.map(({ name, id }) => [name, id]));
    for (const { name, stored, added, waits, withdraws, change } of plan.policies) {
      const object = { type: 'policy', id: idOf.get(name) ?? '' };
      const before = stored?.current && { version: stored.current.version, document: stored.current.source };
      if (added) {
        const after = { version: added.version, hash: added.hash, document: added.source };
        this.auditLog.note(manager, { action: waits ? 'policy.proposed' : 'policy.saved', object, before, after });
      } else if (withdraws) {
        this.auditLog.note(manager, {
          action: 'policy.withdrawn',
          object,
          before: versionOf(stored?.proposal),
          after: null,
        });
      }
      if (change === 'moved') {
        const position = plan.policies.findIndex((one) => one.name === name) + 1;
        this.auditLog.note(manager, {
          ...{ action: 'policy.moved', object },
          ...{ before: { position: stored?.position }, after: { position } },
        });
      }
    }
    for (const { id, current } of plan.retired) {
      const before = current && { version: current.version, document: current.source };
      this.auditLog.note(manager, { action: 'policy.retired', object: { type: 'policy', id }, before, after: null });
    }
  }
}

/** What stood before the plan, in its order. */
const standingBefore = ({ policies, retired }: PolicyPlan): StoredPolicy[] =>
  [...policies.flatMap(({ stored }) => (stored?.retiredAt === null ? stored : [])), ...retired].sort(
    (one, other) => one.position - other.position,
  );

const versionOf = (proposal: StoredPolicy['proposal'] | undefined) => proposal && { version: proposal.version.version };
