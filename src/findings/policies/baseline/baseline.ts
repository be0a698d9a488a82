import { findCheck } from '../../checks/index';
import {
  type CheckId,
  defaultPolicy,
  type PolicySettings,
  severities,
  type Severity,
  splitPatterns,
} from '../../policy';
import type { Baseline } from './baseline-document';
import { type ActionMode, actionModes, milderOf, type PolicyAction } from '../policy-action';

/** What a baseline binds: a policy's settings, and what it lets be done. A `PolicyDocument` is one. */
export interface Bound {
  readonly settings: PolicySettings;
  readonly action: PolicyAction;
}

/** One field by which a policy is looser than the baseline. */
export interface Violation {
  /** `checks.unused-role.idleDays` */
  readonly path: string;
  /** A sentence with the limit and what to do. */
  readonly message: string;
}

export interface Clamped extends Bound {
  /** What was looser and is now as strict as the baseline; empty: nothing was changed. */
  readonly clamped: readonly Violation[];
}

/** Each field by which the policy is looser than the baseline allows; empty: it only tightens. Pure. */
export const tightens = (baseline: Baseline, policy: Bound): Violation[] => [...clamp(baseline, policy).clamped];

/** The stricter of both, field by field. What it gives always tightens the baseline. Pure. */
export function clamp(baseline: Baseline, { settings, action }: Bound): Clamped {
  const clamped: Violation[] = [];
  const note = (path: string, message: string): void => void clamped.push({ path, message });
  const checks = Object.fromEntries(
    (Object.keys(settings.checks) as CheckId[]).map((id) => [id, clampCheck(baseline, settings, id, note)]),
  ) as PolicySettings['checks'];
  // What is spared by default is never taken for a tenant's own wish.
  const { users: allowedUsers } = baseline.exclusions;
  const allowedRoles = baseline.exclusions.roles && [...baseline.exclusions.roles, ...defaultPolicy.exclusions.roles];
  const whitelist = within(allowedRoles, splitPatterns(settings.rolePatternWhitelist), {
    path: 'rolePatternWhitelist',
    note,
  });
  const exclusions = {
    users: within(allowedUsers, settings.exclusions.users, { path: 'exclusions.users', note }),
    roles: within(allowedRoles, settings.exclusions.roles, { path: 'exclusions.roles', note }),
  };
  const unchanged = whitelist.length === splitPatterns(settings.rolePatternWhitelist).length;
  return {
    settings: {
      checks,
      rolePatternWhitelist: unchanged ? settings.rolePatternWhitelist : whitelist.join('|'),
      exclusions,
    },
    action: clampAction(baseline.maxActionMode, action, note),
    clamped,
  };
}

type Note = (path: string, message: string) => void;

function clampCheck(baseline: Baseline, settings: PolicySettings, id: CheckId, note: Note): object {
  const limits = baseline.checks[id];
  const check: { enabled: boolean; idleDays?: number; severity?: Severity | undefined; mode?: string } = {
    ...settings.checks[id],
  };
  if (limits.required && !check.enabled) {
    note(`checks.${id}.enabled`, 'The platform’s baseline requires this check: leave it on.');
    check.enabled = true;
  }
  const most = limits.maxIdleDays;
  if (most !== null && check.idleDays !== undefined && check.idleDays > most) {
    note(`checks.${id}.idleDays`, `The platform’s baseline allows at most ${most} days, not ${check.idleDays}.`);
    check.idleDays = most;
  }
  const severity = check.severity ?? findCheck(id).severity;
  const least = limits.minSeverity;
  if (least !== null && severities.indexOf(severity) < severities.indexOf(least)) {
    note(`checks.${id}.severity`, `The platform’s baseline asks for at least ${least}, not ${severity}.`);
    check.severity = least;
  }
  if (limits.idleModeOnly && check.mode !== 'idle') {
    note(`checks.${id}.mode`, 'The platform’s baseline allows only idle, since the other mode finds fewer users.');
    check.mode = 'idle';
  }
  return check;
}

function within(
  allowed: readonly string[] | null,
  patterns: readonly string[],
  { path, note }: { path: string; note: Note },
): string[] {
  if (allowed === null) return [...patterns];
  return patterns.filter((pattern) => {
    if (allowed.some((one) => covers(one, pattern))) return true;
    const most = allowed.length > 0 ? `only what lies within ${allowed.join(', ')}` : 'no pattern';
    note(path, `The platform’s baseline allows ${most}: leave out "${pattern}".`);
    return false;
  });
}

function clampAction(most: ActionMode, action: PolicyAction, note: Note): PolicyAction {
  const clampMode = (path: string, mode: ActionMode): ActionMode => {
    if (actionModes.indexOf(mode) <= actionModes.indexOf(most)) return mode;
    note(path, `The platform’s baseline goes no farther than ${most}, not to ${mode}.`);
    return milderOf(mode, most);
  };
  return {
    mode: clampMode('action.mode', action.mode),
    observableQuarantine: action.observableQuarantine,
    perCheck: Object.fromEntries(
      Object.entries(action.perCheck).map(([id, mode]) => [id, clampMode(`action.perCheck.${id}`, mode)]),
    ),
  };
}

/**
 * Whether everything that `pattern` matches, `allowed` matches, too. Errs to no: a few pairs that are equal in meaning
 * only (`?*` and `*?`) are refused. As in `path-pattern.ts` it goes back to the last star only.
 */
export function covers(allowed: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let afterStar = -1;
  let starTook = 0;
  while (inPattern < pattern.length) {
    const wanted = pattern[inPattern];
    if (allowed[at] === '*') {
      afterStar = ++at;
      starTook = inPattern;
    } else if (at < allowed.length && (allowed[at] === '?' ? wanted !== '*' : allowed[at] === wanted)) {
      at++;
      inPattern++;
    } else if (afterStar >= 0) {
      at = afterStar;
      inPattern = ++starTook;
    } else {
      return false;
    }
  }
  while (allowed[at] === '*') at++;
  return at === allowed.length;
}
