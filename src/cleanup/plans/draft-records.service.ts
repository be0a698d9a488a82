import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput, notFound } from '../../errors';
import { newId } from '../../ids';
import { AuditLog } from '../../tenancy/audit-log.service';
import { holdItems } from '../decisions/item-stops';
import type { PlanRow } from './plan';
import type { PreparedItem } from './plan-preparation.service';
import { writeItems } from './plan-writer';

type NewPlan = Pick<
  PlanRow,
  | 'tenant_id'
  | 'title'
  | 'mode'
  | 'policy_name'
  | 'policy_version'
  | 'goal'
  | 'dry_run'
  | 'terms'
  | 'selection'
  | 'approvals_needed'
  | 'made_by'
  | 'stands_for'
  | 'note'
>;

/** The rows of drafts, and their notes in the audit log. */
@Injectable()
export class DraftRecords {
  constructor(
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  async write(manager: EntityManager, plan: NewPlan, items: readonly PreparedItem[]): Promise<string> {
    const id = newId();
    const at = this.clock.now();
    await manager.query(
      `INSERT INTO plans (tenant_id, id, title, mode, policy_name, policy_version, goal, dry_run, state, terms, selection,
         approvals_needed, made_by, stands_for, note, created_at, state_changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10, $11, $12, $13, $14, $15, $15)`,
      [
        ...[plan.tenant_id, id, plan.title, plan.mode, plan.policy_name, plan.policy_version, plan.goal, plan.dry_run],
        ...[JSON.stringify(plan.terms), JSON.stringify(plan.selection), plan.approvals_needed],
        ...[plan.made_by, plan.stands_for, plan.note, at],
      ],
    );
    await writeItems(manager, { tenantId: plan.tenant_id, id, at }, items);
    this.auditLog.note(manager, {
      action: 'plan.drafted',
      object: { type: 'plan', id },
      before: null,
      after: {
        ...{ title: plan.title, goal: plan.goal, dryRun: plan.dry_run, mode: plan.mode, selection: plan.selection },
        ...{ items: items.length, refused: items.filter(({ refusal }) => refusal !== null).length },
      },
    });
    return id;
  }

  /** Holds the plan and its items until the commit. Throws NOT_FOUND, and BAD_INPUT unless it is a draft. */
  async hold(manager: EntityManager, tenantId: string, planId: string): Promise<PlanRow> {
    await holdItems(manager, tenantId, planId);
    const [plan] = await manager.query<PlanRow[]>('SELECT * FROM plans WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      tenantId,
      planId,
    ]);
    if (!plan) throw notFound('The plan');
    if (plan.state !== 'draft') throw badInput(`id: this plan is ${plan.state}, and no draft any more.`);
    return plan;
  }

  async discard(manager: EntityManager, tenantId: string, planId: string): Promise<void> {
    const { title, goal } = await this.hold(manager, tenantId, planId);
    await manager.query('DELETE FROM plan_items WHERE tenant_id = $1 AND plan_id = $2', [tenantId, planId]);
    await manager.query('DELETE FROM plans WHERE tenant_id = $1 AND id = $2', [tenantId, planId]);
    this.auditLog.note(manager, {
      ...{ action: 'plan.discarded', object: { type: 'plan', id: planId } },
      ...{ before: { title, goal }, after: null },
    });
  }
}
