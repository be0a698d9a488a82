import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { notFound } from '../../errors';
import { Events } from '../../tasks/events.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import { idsOf } from '../items/item-ids';
import type { PlanItemRow, PlanState } from '../items/plan-item';
import type { PlanRow } from '../plans/plan';
import type { Refusal } from '../steps';
import { holdItems } from './item-stops';

export interface PlanChange {
  /** In the past tense: `halted`. */
  readonly what: string;
  readonly state: PlanState;
  /** Why it is in that state, and what to do about it; none: nothing is to be said. */
  readonly why?: Refusal | null;
  /** The person who decided; absent: the service itself. */
  readonly by?: string | undefined;
  /** Besides, for the event and the audit log; ids, numbers, what people wrote. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The rows of plans, as decisions change them: one state after the other, each with its event and its note. */
@Injectable()
export class PlanRecords {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * Holds the plan and its items until the commit, for decisions that change both. The items first, as executions lock
   * them: of two that decide at once the later one waits, and neither holds what the other one needs. Throws NOT_FOUND.
   */
  async holdWithItems(manager: EntityManager, tenantId: string, planId: string): Promise<PlanRow> {
    await holdItems(manager, tenantId, planId);
    return this.hold(manager, tenantId, planId);
  }

  /**
   * Holds the plan's row until the commit, so that those who decide at once do it one after the other. Whoever changes
   * items as well holds them before: `holdWithItems`. Throws NOT_FOUND.
   */
  async hold(manager: EntityManager, tenantId: string, planId: string): Promise<PlanRow> {
    const [row] = await manager.query<PlanRow[]>('SELECT * FROM plans WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      planId,
    ]);
    if (!row) throw notFound('The plan');
    return row;
  }

  /** To another state. The caller holds the row and has looked at its state. */
  async move(manager: EntityManager, plan: PlanRow, change: PlanChange): Promise<void> {
    const { state, why = null } = change;
    await manager.query(
      `UPDATE plans SET state = $3, reason = $4, remedy = $5, state_changed_at = $6 WHERE tenant_id = $1 AND id = $2`,
      [plan.tenant_id, plan.id, state, why?.reason ?? null, why?.remedy ?? null, this.clock.now()],
    );
    await this.tell(manager, plan, change);
  }

  /**
   * Tells, of each item that waits for its quarantine, that it is due. `dueAt`: not before then; null: no change window
   * opens within a year. A dry run puts nothing into quarantine.
   */
  async tellQuarantineDue(manager: EntityManager, plan: PlanRow, dueAt: Date | null): Promise<void> {
    if (plan.dry_run) return;
    const items = await manager.query<PlanItemRow[]>(
      `SELECT id, plan_id, account_id, identity_id, course FROM plan_items
       WHERE tenant_id = $1 AND plan_id = $2 AND stage = 'waiting' AND continues_item_id IS NULL ORDER BY position`,
      [plan.tenant_id, plan.id],
    );
    await this.events.record(
      manager,
      plan.tenant_id,
      items.map((item) => ({
        type: 'identity.quarantine-due',
        objectType: 'identity',
        objectId: item.identity_id,
        data: { ...idsOf(item), dueAt: dueAt?.toISOString() ?? null },
      })),
    );
  }

  /** What has happened to it, for whoever follows events and for the audit log. */
  async tell(manager: EntityManager, plan: PlanRow, { what, state, why = null, by, data }: PlanChange): Promise<void> {
    const said = {
      ...(why === null ? {} : { code: why.code, reason: why.reason }),
      ...(by === undefined ? {} : { by }),
      ...data,
    };
    const type = `plan.${what}`;
    await this.events.record(manager, plan.tenant_id, [
      { type, objectType: 'plan', objectId: plan.id, data: { planId: plan.id, ...said } },
    ]);
    this.auditLog.note(manager, {
      action: type,
      object: { type: 'plan', id: plan.id },
      before: { state: plan.state },
      after: { state, title: plan.title, manifestHash: plan.manifest_hash, ...said },
    });
  }
}
