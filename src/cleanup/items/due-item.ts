import type { PlanGoal, PlanItemRow, PlanMode, PlanState } from './plan-item';

/** An item whose turn it is, with what its plan says about it. */
export interface DueItem extends PlanItemRow {
  /** Turns in a row that ended in an error. */
  failures: number;
  plan_state: PlanState;
  plan_mode: PlanMode;
  plan_goal: PlanGoal;
  plan_dry_run: boolean;
}
