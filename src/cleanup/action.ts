import type { Grant } from '../aws/grants';
import type { Course, PlanItemRow } from './items/plan-item';
import type { Observed } from './observed';
import type { IntendedStep, Refusal, Step } from './steps';

/** What an action is told besides what IAM shows. */
export interface ActionContext {
  readonly item: PlanItemRow;
  /** The time to judge idleness by. */
  readonly at: Date;
  /** What was there when the item was first touched; null: it has not been touched yet. */
  readonly snapshot: Observed | null;
  /**
   * All that was ever written down to be sent for it, of the item that it continues, too; without rehearsals. What is
   * missing or in place was done by us only where this says so.
   */
  readonly intended: readonly IntendedStep[];
}

/**
 * One thing that clean-up does to an identity. All of it is pure: the execution reads, asks, writes down what it
 * intends, sends and reads back. Called again after an interruption, `apply` gives what is still left to do.
 */
export interface CleanupAction {
  /** Never changes once released. */
  readonly id: string;
  /** The checks whose findings it puts right; empty for what only brings something back. */
  readonly fixes: readonly string[];
  readonly courses: readonly Course[];
  /** The role in the account that does it: re-creating needs far more than putting away, so it has a role of its own. */
  readonly role: 'cleanup' | 'restore';
  /** Exactly what the role must be allowed for it, fresh reads before and after included. */
  readonly permissions: readonly Grant[];
  /**
   * Why this must not be done to what is there now; null: it may. `seen` null: IAM does not know it (any more). Asked
   * before the first step and again whenever the item is taken up.
   */
  refuse(seen: Observed | null, context: ActionContext): Refusal | null;
  /** The requests still to be sent, in order; none: it is done. */
  apply(seen: Observed | null, context: ActionContext): Step[];
  /** The requests that take it back, in order; none: nothing to take back, or nothing that could be. */
  undo(seen: Observed | null, context: ActionContext): Step[];
}
