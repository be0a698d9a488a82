import type { DueItem } from '../items/due-item';
import type { CleanupRules } from '../rules/cleanup-rules';
import type { Refusal } from '../steps';

/** How an item's turn ended, besides what it wrote: `unexpected` counts towards the circuit breaker. */
export type TurnEnd = { readonly unexpected: Refusal | null };

export const AS_EXPECTED: TurnEnd = { unexpected: null };

/** So often one item may have its turn in one stage in one run: more would mean that it goes round in circles. */
const MOST_TURNS = 3;

/** What one run over an account remembers. */
export class ExecutionState {
  /** Nothing more is put away in this run. */
  stopped = false;
  /** Whether clean-up is paused could not be learnt: asked again at once. */
  unsure = false;
  /** By plan: the stricter of what holds now and what was proposed. */
  readonly terms = new Map<string, CleanupRules>();
  /** Items that were compared with what was approved. */
  readonly proven = new Set<string>();
  /** Plans that are not what was approved. */
  readonly forged = new Set<string>();
  /** Whose items had turns. */
  readonly plans = new Set<string>();
  private readonly turns = new Map<string, number>();

  /** False: it had enough of them. */
  mayTakeTurn(item: Pick<DueItem, 'id' | 'plan_id' | 'stage'>): boolean {
    this.plans.add(item.plan_id);
    const key = `${item.id} ${item.stage}`;
    const taken = (this.turns.get(key) ?? 0) + 1;
    this.turns.set(key, taken);
    return taken <= MOST_TURNS;
  }
}
