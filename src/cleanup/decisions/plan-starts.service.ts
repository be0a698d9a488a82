import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { CleanupDue } from '../execution/cleanup-due.service';
import { nextOpening } from '../rules/change-windows';
import { accountsOf } from './item-stops';
import { PlanRecords } from './plan-records.service';
import { PlanStates } from './plan-states.service';
import { PlanWatch } from './plan-watch.service';

/** Has a plan begun: once it has its approvals, or at once where it changes nothing. */
@Injectable()
export class PlanStarts {
  constructor(
    private readonly clock: Clock,
    private readonly records: PlanRecords,
    private readonly states: PlanStates,
    private readonly due: CleanupDue,
    private readonly watch: PlanWatch,
  ) {}

  /**
   * From proposed to approved: its items are due from now on. The caller knows that it may. `by`: whose approval was the
   * last one needed. The approval lasts as long as the rules say, and as many days longer as the plan takes at its pace.
   */
  async start(manager: EntityManager, tenantId: string, planId: string, by?: string): Promise<void> {
    const plan = await this.records.hold(manager, tenantId, planId);
    if (plan.state !== 'proposed') throw new Error(`A plan that is ${plan.state} cannot be started.`);
    const now = this.clock.now();
    const { rules, pace } = plan.terms;
    const lapsesAt = new Date(now.getTime() + (rules.planLapsesAfterDays + pace.days) * DAY_MS);
    await manager.query(
      'UPDATE plans SET approved_at = $3, breaker_since = $3, lapses_at = $4 WHERE tenant_id = $1 AND id = $2',
      [tenantId, planId, now, lapsesAt],
    );
    await this.records.move(manager, plan, { what: 'approved', state: 'approved', by });
    await manager.query(
      `UPDATE plan_items SET next_at = $3 WHERE tenant_id = $1 AND plan_id = $2 AND stage = 'waiting'`,
      [tenantId, planId, now],
    );
    await this.records.tellQuarantineDue(manager, plan, nextOpening(rules.changeWindows, now));
    await this.due.enqueue(manager, tenantId, await accountsOf(manager, tenantId, planId));
    await this.watch.watch(manager, { tenantId, planId, lapsesAt });
    await this.states.completeIfOver(manager, tenantId, planId);
  }
}
