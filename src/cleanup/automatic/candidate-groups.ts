import { type ActionMode, actionModeFor } from '../../findings/policies/policy-action';
import type { ShownPolicy } from '../../findings/policies/policy-queries';
import type { PlanGoal } from '../items/plan-item';
import type { Candidate } from './automatic-candidates';

type Mode = Exclude<ActionMode, 'report'>;

/** What one policy may do in the account in one way. */
export interface Group {
  readonly policyName: string;
  readonly policyVersion: number;
  readonly mode: Mode;
  readonly goal: PlanGoal;
  readonly candidates: readonly Candidate[];
}

/** In the order of the candidates, and so of the policies' first ones. */
export function groupsOf(candidates: readonly Candidate[], policies: readonly ShownPolicy[]): Group[] {
  const groups = new Map<string, Group & { candidates: Candidate[] }>();
  for (const candidate of candidates) {
    const { policy_name: policyName, policy_version: policyVersion } = candidate;
    // Judged by a version that is not in force any more: it is judged again before long.
    const allowed = policies.find(
      ({ policy }) => policy.name === policyName && policy.current?.version === policyVersion,
    )?.allowed;
    const mode = allowed ? actionModeFor(allowed, candidate.check_id) : 'report';
    if (mode === 'report') continue;
    // A policy that may delete goes on with what it has only quarantined so far; that it is there is news to nobody else.
    if (candidate.quarantined_by_policy && mode !== 'automatic-deletion') continue;
    const key = JSON.stringify([policyName, mode]);
    const goal = mode === 'automatic-quarantine' ? ('quarantine' as const) : ('deletion' as const);
    const group = groups.get(key) ?? { policyName, policyVersion, mode, goal, candidates: [] };
    group.candidates.push(candidate);
    groups.set(key, group);
  }
  return [...groups.values()];
}
