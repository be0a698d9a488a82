import { defaultPolicy } from '../policy';
import { clamp, type Clamped } from './baseline/baseline';
import type { Baseline } from './baseline/baseline-document';
import { hashOf } from './documents/canonical';
import { type ActionMode, farthestMode, isAutomatic, milderOf, type PolicyAction } from './policy-action';
import { PolicySet } from './policy-set';
import { EVERYTHING } from './documents/scope-fields';
import type { PolicyDecision, PolicyVersion } from './stored-policy';

/** The name of what judges those that no policy takes in; its version is 0. */
export const BUILT_IN = 'default';

/** Any policy that has a place in the order; `current` null: it does not judge yet. */
export interface Placed {
  readonly name: string;
  readonly current: PolicyVersion | null;
}

/** What judges, and never looser than the baseline. Pure: saving and previews ask the same. */
export function policySet(placed: readonly Placed[], baseline: Baseline): PolicySet {
  const policies = placed.flatMap(({ name, current }) => {
    if (!current) return [];
    const { version, scope } = current;
    return [{ name, version, scope, settings: clamp(baseline, current).settings }];
  });
  return new PolicySet(policies, {
    name: BUILT_IN,
    version: 0,
    scope: EVERYTHING,
    settings: builtIn(baseline).settings,
  });
}

const REPORT_ONLY: PolicyAction = { mode: 'report', observableQuarantine: false, perCheck: {} };

export const builtIn = (baseline: Baseline): Clamped =>
  clamp(baseline, { settings: defaultPolicy, action: REPORT_ONLY });

/**
 * What else decides about whom a policy reaches and when: its settings as the baseline leaves them, and the scopes
 * before it, which keep identities from it. An agreement holds while this stays the same.
 */
export function reachOf(placed: readonly Placed[], name: string, baseline: Baseline): string {
  const place = placed.findIndex((one) => one.name === name);
  const { current } = placed[place] ?? {};
  const before = placed.slice(0, Math.max(0, place)).flatMap((one) => (one.current ? hashOf(one.current.scope) : []));
  const settings = current ? clamp(baseline, current).settings : null;
  return hashOf({ settings, before: [...new Set(before)].sort() });
}

export const needsAgreement = (action: PolicyAction): boolean => isAutomatic(farthestMode(action));

export const isAgreed = (version: PolicyVersion, decision: PolicyDecision | null, reach: string): boolean =>
  decision?.decision === 'agreed' &&
  decision.version === version.version &&
  decision.hash === version.hash &&
  decision.reach === reach;

/** The same, or somebody has refused just this. */
export const isDecided = (version: PolicyVersion, decision: PolicyDecision | null, reach: string): boolean =>
  decision !== null && isAgreed(version, { ...decision, decision: 'agreed' }, reach);

/** What may really be done: within the baseline, nothing automatic without agreement, no deletion without leave. */
export function allowedAction(
  version: PolicyVersion,
  given: { readonly baseline: Baseline; readonly agreed: boolean; readonly deletionLeave: boolean },
): PolicyAction {
  const farthest: ActionMode = !given.agreed
    ? 'propose'
    : given.deletionLeave
      ? 'automatic-deletion'
      : 'automatic-quarantine';
  const { action } = clamp(given.baseline, version);
  return {
    ...action,
    mode: milderOf(action.mode, farthest),
    perCheck: Object.fromEntries(
      Object.entries(action.perCheck).map(([check, mode]) => [check, milderOf(mode, farthest)]),
    ),
  };
}
