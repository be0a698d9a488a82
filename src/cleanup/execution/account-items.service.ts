import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from '../decisions/plan-states.service';
import type { DueItem } from '../items/due-item';
import { Items } from '../items/items.service';
import { Manifests } from '../plans/manifest';
import type { PlanTerms } from '../plans/plan';
import type { CleanupRules } from '../rules/cleanup-rules';
import { clampRules } from '../rules/stricter';
import type { Refusal } from '../steps';
import type { ExecutionState } from './execution-state';
import { inGroups } from './sessions/in-groups';
import { acts } from './turns/turns.service';

/** Which of an account's items have their turns in this round, and what is known of their plans. */
@Injectable()
export class AccountItems {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly manifests: Manifests,
    private readonly plans: PlanStates,
    private readonly clock: Clock,
  ) {}

  /** Those that may go on, each proven once to be what was approved. Plans that are not are halted. */
  async round(task: RunningTask, accountId: string, state: ExecutionState, rules: CleanupRules): Promise<DueItem[]> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const of = { tenantId: task.tenantId, accountId };
      await this.items.listenAgain(manager, of, state.stopped);
      const due = await this.items.due(manager, of);
      const taken = due.filter((item) => !(state.stopped && acts(item)));
      const unproven = inGroups(
        taken.filter(({ id }) => !state.proven.has(id)),
        (item) => item.plan_id,
      );
      for (const [planId, items] of unproven) await this.prove(manager, { planId, items, rules }, state);
      return taken.filter((item) => !(acts(item) && state.forged.has(item.plan_id)));
    });
  }

  /** As it is now, if its turn has not been taken from it meanwhile. */
  async stillDue(task: RunningTask, item: DueItem): Promise<DueItem | null> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      const now = await this.items.load(manager, task.tenantId, item.id);
      const isDue = now.next_at !== null && now.next_at <= this.clock.now();
      if (now.stage !== item.stage || !isDue) return null;
      const stopped = now.plan_state !== 'approved' && now.plan_state !== 'cancelled';
      return acts(now) && stopped ? null : now;
    });
  }

  /** Those that something stands in the way of which has nothing to do with any of them. */
  async putOffAll(
    task: RunningTask,
    accountId: string,
    { waitMs, why, ids }: { readonly waitMs: number; readonly why: Refusal; readonly ids: readonly string[] },
  ): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.items.putOffDue(manager, { tenantId: task.tenantId, accountId }, waitMs, why, ids);
    });
  }

  private async prove(
    manager: EntityManager,
    { planId, items, rules }: { planId: string; items: readonly DueItem[]; rules: CleanupRules },
    state: ExecutionState,
  ): Promise<void> {
    const [first] = items;
    if (!first) return;
    const tenantId = first.tenant_id;
    const ids = items.map(({ id }) => id);
    try {
      await this.manifests.mustBeAsApproved(manager, tenantId, planId, ids);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'MANIFEST_CHANGED') throw error;
      const { code, message: reason, remedy = 'Cancel the plan.' } = error;
      state.forged.add(planId);
      await this.plans.halt(manager, tenantId, planId, { code, reason, remedy });
    }
    for (const id of ids) state.proven.add(id);
    if (state.terms.has(planId)) return;
    const [plan] = await manager.query<{ terms: PlanTerms }[]>(
      'SELECT terms FROM plans WHERE tenant_id = $1 AND id = $2',
      [tenantId, planId],
    );
    if (plan) state.terms.set(planId, clampRules(rules, plan.terms.rules));
  }
}
