import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CheckId } from '../../findings/policy';
import { actionModeFor, actionModes, farthestMode, type PolicyAction } from '../../findings/policies/policy-action';
import { PolicyQueries, type ShownPolicy } from '../../findings/policies/policy-queries';
import { PlanStates } from '../decisions/plan-states.service';
import type { PlanMode } from '../items/plan-item';
import type { Refusal } from '../steps';

/** By what a plan was made. */
export interface MadeBy {
  readonly mode: PlanMode;
  readonly policy_name: string | null;
  readonly policy_version: number | null;
}

/** Who agreed that a version of a policy acts by itself. */
export interface Agreement {
  readonly by: string;
  readonly standsFor: string;
}

/** Whether the policies that have made plans by themselves still may. */
@Injectable()
export class AutomaticAgreements {
  constructor(
    private readonly policies: PolicyQueries,
    private readonly states: PlanStates,
  ) {}

  /**
   * Whether the version that made an automatic plan is still in force, agreed to, and allowed to go as far as the plan
   * does. Asked again before each of its items is begun. Of plans that people approve: true.
   */
  async holds(manager: EntityManager, tenantId: string, plan: MadeBy): Promise<boolean> {
    if (!isAutomatic(plan.mode)) return true;
    const { policies } = await this.policies.all({ manager, tenantId }, tenantId);
    return isCovered(policies, plan);
  }

  /**
   * Why what an automatic plan has in quarantine for these checks goes no farther: people have taken that from the policy
   * that made it, whichever of its versions is in force. Null: it may. Of plans that people approve: null.
   */
  async withdrawn(
    manager: EntityManager,
    tenantId: string,
    plan: MadeBy,
    checkIds: readonly string[],
  ): Promise<Refusal | null> {
    if (!isAutomatic(plan.mode)) return null;
    const { policies } = await this.policies.all({ manager, tenantId }, tenantId);
    const shown = policies.find(({ policy }) => policy.name === plan.policy_name);
    if (reaches(shown?.allowed, plan.mode, checkIds)) return null;
    const lacksLeave =
      plan.mode === 'automatic-deletion' &&
      reaches(shown?.allowed, 'automatic-quarantine', checkIds) &&
      reaches(shown?.effective?.action, 'automatic-deletion', checkIds);
    return lacksLeave ? leaveTakenBack() : policyTakenBack(plan);
  }

  /** What waits of automatic plans whose policy has changed since, or has lost its agreement, is not begun any more. */
  async lapseOthers(manager: EntityManager, tenantId: string): Promise<void> {
    const plans = await manager.query<(MadeBy & { id: string })[]>(
      `SELECT p.id, p.mode, p.policy_name, p.policy_version FROM plans p
       WHERE p.tenant_id = $1 AND p.state IN ('proposed', 'approved', 'halted')
         AND p.mode IN ('automatic-quarantine', 'automatic-deletion')
         AND EXISTS (SELECT 1 FROM plan_items i WHERE i.tenant_id = p.tenant_id AND i.plan_id = p.id AND i.stage = 'waiting')
       ORDER BY p.id`,
      [tenantId],
    );
    if (plans.length === 0) return;
    const { policies } = await this.policies.all({ manager, tenantId }, tenantId);
    for (const plan of plans.filter((one) => !isCovered(policies, one))) {
      await this.states.lapse(manager, tenantId, plan.id, {
        code: 'POLICY_CHANGED',
        reason: `Version ${plan.policy_version} of the policy "${plan.policy_name}", which made the plan, is no longer in force or no longer agreed to.`,
        remedy: 'Nothing needs to be done: the policy makes a new plan where it still may.',
      });
    }
  }

  /** Who agreed last to a version. Null: nobody. */
  async of(manager: EntityManager, tenantId: string, name: string, version: number): Promise<Agreement | null> {
    const [row] = await manager.query<{ decided_by: string; decided_by_stands_for: string; decision: string }[]>(
      `SELECT decided_by, decided_by_stands_for, decision FROM policy_decisions
       WHERE tenant_id = $1 AND name = $2 AND version = $3 ORDER BY id DESC LIMIT 1`,
      [tenantId, name, version],
    );
    return row?.decision === 'agreed' ? { by: row.decided_by, standsFor: row.decided_by_stands_for } : null;
  }
}

export const isAutomatic = (mode: PlanMode): mode is 'automatic-quarantine' | 'automatic-deletion' =>
  mode === 'automatic-quarantine' || mode === 'automatic-deletion';

const isCovered = (policies: readonly ShownPolicy[], { mode, policy_name, policy_version }: MadeBy): boolean =>
  policies.some(
    ({ policy, allowed }) =>
      policy.name === policy_name &&
      policy.current?.version === policy_version &&
      allowed !== null &&
      mode !== 'by-hand' &&
      actionModes.indexOf(farthestMode(allowed)) >= actionModes.indexOf(mode),
  );

/** Whether an action goes as far as `mode` for each of these checks. */
const reaches = (
  action: PolicyAction | null | undefined,
  mode: 'automatic-quarantine' | 'automatic-deletion',
  checkIds: readonly string[],
): boolean =>
  action != null &&
  checkIds.every((id) => actionModes.indexOf(actionModeFor(action, id as CheckId)) >= actionModes.indexOf(mode));

/** Codes of what `withdrawn` says. */
export const WITHDRAWN: ReadonlySet<string> = new Set(['NO_LEAVE', 'POLICY_WITHDRAWN']);

const leaveTakenBack = (): Refusal => ({
  code: 'NO_LEAVE',
  reason: 'The platform has taken back its leave for automatic deletion in this tenant, so it stays in quarantine.',
  remedy: 'Have it restored, or cancel its plan; with leave given again it goes on, and is announced anew.',
});

const policyTakenBack = ({ policy_name: name }: MadeBy): Refusal => ({
  code: 'POLICY_WITHDRAWN',
  reason: `The policy "${name}", which made its plan, may not go so far by itself any more, so it stays as it is.`,
  remedy: 'Have it restored, or cancel its plan; agreed to again, the policy goes on with it.',
});
