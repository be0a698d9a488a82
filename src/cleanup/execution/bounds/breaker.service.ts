import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PlanStates } from '../../decisions/plan-states.service';
import type { CleanupRules } from '../../rules/cleanup-rules';
import type { Refusal } from '../../steps';
import { CleanupCounters } from '../cleanup-counters.service';

export interface Turn {
  readonly tenantId: string;
  readonly planId: string;
  readonly rules: CleanupRules['breaker'];
  /** What nobody expected; null: the turn went as turns go. */
  readonly unexpected: Refusal | null;
}

/** Halts a plan at so many unexpected errors among its newest turns, whatever accounts they were in. */
@Injectable()
export class Breaker {
  constructor(
    private readonly states: PlanStates,
    private readonly counters: CleanupCounters,
  ) {}

  /** Counts with the plan's row held, so that of several accounts at once exactly one reaches the threshold. */
  async count(manager: EntityManager, { tenantId, planId, rules, unexpected }: Turn): Promise<boolean> {
    const [plan] = await manager.query<{ since: Date | null; state: string }[]>(
      'SELECT breaker_since AS since, state FROM plans WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [tenantId, planId],
    );
    if (!plan) return false;
    const [row] = await manager.query<{ turns: string }[]>(
      `INSERT INTO plan_breakers AS b (tenant_id, plan_id, since, turns) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, plan_id) DO UPDATE SET since = excluded.since,
         turns = CASE WHEN b.since IS NOT DISTINCT FROM excluded.since THEN right(b.turns || excluded.turns, $5)
           ELSE excluded.turns END
       RETURNING turns`,
      [tenantId, planId, plan.since, unexpected === null ? '.' : 'x', rules.of],
    );
    const errors = [...(row?.turns ?? '')].filter((turn) => turn === 'x').length;
    if (unexpected === null || errors < rules.unexpected || plan.state !== 'approved') return false;
    this.counters.halted();
    return this.states.halt(manager, tenantId, planId, {
      code: 'BREAKER',
      reason: `${errors} of the last ${Math.min(rules.of, row?.turns.length ?? 0)} items met an error that nobody expected, the last one: ${unexpected.reason}`,
      remedy: `${unexpected.remedy} Then resume the plan, or cancel it.`,
    });
  }
}
