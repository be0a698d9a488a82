import { bothOpen, isWithinWindows } from './change-windows';
import type { CleanupRules } from './cleanup-rules';

/** One field that is looser than its bound. */
export interface Looser {
  /** `graceDays.role` */
  readonly path: string;
  /** A sentence with the bound. */
  readonly message: string;
}

/** How two values of one field are compared, and what both together come to. */
interface Field {
  readonly path: string;
  readonly isLooser: (bound: CleanupRules, rules: CleanupRules) => boolean;
  readonly limit: (bound: CleanupRules) => string;
  /** `target` gets the stricter of both. */
  readonly tighten: (bound: CleanupRules, target: Mutable<CleanupRules>) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };
type Get<T> = (rules: CleanupRules) => T;
type Set<T> = (rules: Mutable<CleanupRules>, value: T) => void;

/** More is stricter. */
const atLeast = (path: string, get: Get<number>, set: Set<number>): Field => ({
  path,
  isLooser: (bound, rules) => get(rules) < get(bound),
  limit: (bound) => `must be at least ${get(bound)}`,
  tighten: (bound, target) => set(target, Math.max(get(bound), get(target))),
});

/** Less is stricter. */
const atMost = (path: string, get: Get<number>, set: Set<number>): Field => ({
  path,
  isLooser: (bound, rules) => get(rules) > get(bound),
  limit: (bound) => `must be at most ${get(bound)}`,
  tighten: (bound, target) => set(target, Math.min(get(bound), get(target))),
});

/** More of them is stricter: what the bound has is always among them, written or not. */
const allOf = (path: string, get: Get<readonly string[]>, set: Set<string[]>): Field => ({
  path,
  isLooser: () => false,
  limit: () => '',
  tighten: (bound, target) => set(target, [...new Set([...get(bound), ...get(target)])]),
});

const FIELDS: readonly Field[] = [
  atLeast(
    'graceDays.accessKey',
    (r) => r.graceDays.accessKey,
    (r, v) => (r.graceDays.accessKey = v),
  ),
  atLeast(
    'graceDays.password',
    (r) => r.graceDays.password,
    (r, v) => (r.graceDays.password = v),
  ),
  atLeast(
    'graceDays.user',
    (r) => r.graceDays.user,
    (r, v) => (r.graceDays.user = v),
  ),
  atLeast(
    'graceDays.role',
    (r) => r.graceDays.role,
    (r, v) => (r.graceDays.role = v),
  ),
  atLeast(
    'silenceHours',
    (r) => r.silenceHours,
    (r, v) => (r.silenceHours = v),
  ),
  atMost(
    'watchEveryHours',
    (r) => r.watchEveryHours,
    (r, v) => (r.watchEveryHours = v),
  ),
  atMost(
    'automatic.percent',
    (r) => r.automatic.percent,
    (r, v) => (r.automatic.percent = v),
  ),
  atMost(
    'automatic.most',
    (r) => r.automatic.most,
    (r, v) => (r.automatic.most = v),
  ),
  // The same cap over a longer time lets less through.
  atLeast(
    'automatic.days',
    (r) => r.automatic.days,
    (r, v) => (r.automatic.days = v),
  ),
  atMost(
    'approved.perExecution',
    (r) => r.approved.perExecution,
    (r, v) => (r.approved.perExecution = v),
  ),
  atMost(
    'approved.perPlanAndDay',
    (r) => r.approved.perPlanAndDay,
    (r, v) => (r.approved.perPlanAndDay = v),
  ),
  atLeast(
    'approvals.needed',
    (r) => r.approvals.needed,
    (r, v) => (r.approvals.needed = v),
  ),
  {
    path: 'approvals.largeFrom',
    isLooser: (bound, rules) => largeFrom(rules) > largeFrom(bound),
    limit: (bound) => `must be at most ${largeFrom(bound)}`,
    tighten: (bound, target) => {
      const least = Math.min(largeFrom(bound), largeFrom(target));
      target.approvals.largeFrom = least === Infinity ? null : least;
    },
  },
  atLeast(
    'approvals.neededWhenLarge',
    (r) => r.approvals.neededWhenLarge,
    (r, v) => (r.approvals.neededWhenLarge = v),
  ),
  allOf(
    'approvals.productionTags',
    (r) => r.approvals.productionTags,
    (r, v) => (r.approvals.productionTags = v),
  ),
  atLeast(
    'approvals.neededForProduction',
    (r) => r.approvals.neededForProduction,
    (r, v) => (r.approvals.neededForProduction = v),
  ),
  atMost(
    'planLapsesAfterDays',
    (r) => r.planLapsesAfterDays,
    (r, v) => (r.planLapsesAfterDays = v),
  ),
  {
    path: 'changeWindows',
    isLooser: (bound, rules) => !isWithinWindows(rules.changeWindows, bound.changeWindows),
    limit: (bound) =>
      `must lie within ${bound.changeWindows.map(({ weekdays, from, to, timeZone }) => `${weekdays.join(', ')} ${from}–${to} ${timeZone}`).join('; ')}, in the same time zone`,
    tighten: (bound, target) => {
      if (isWithinWindows((target as CleanupRules).changeWindows, bound.changeWindows)) return;
      target.changeWindows = bothOpen((target as CleanupRules).changeWindows, bound.changeWindows);
    },
  },
  allOf(
    'managedAsCode.tags',
    (r) => r.managedAsCode.tags,
    (r, v) => (r.managedAsCode.tags = v),
  ),
  allOf(
    'managedAsCode.patterns',
    (r) => r.managedAsCode.patterns,
    (r, v) => (r.managedAsCode.patterns = v),
  ),
  atLeast(
    'snapshotDays',
    (r) => r.snapshotDays,
    (r, v) => (r.snapshotDays = v),
  ),
  atLeast(
    'exemptAfterLifeDays',
    (r) => r.exemptAfterLifeDays,
    (r, v) => (r.exemptAfterLifeDays = v),
  ),
  atMost(
    'breaker.unexpected',
    (r) => r.breaker.unexpected,
    (r, v) => (r.breaker.unexpected = v),
  ),
  // The same number among more items is reached sooner.
  atLeast(
    'breaker.of',
    (r) => r.breaker.of,
    (r, v) => (r.breaker.of = v),
  ),
];

export const RULE_PATHS: readonly string[] = FIELDS.map(({ path }) => path);

/** Each field of `rules` that is looser than `bound`; none: they only tighten. */
export const looserThan = (bound: CleanupRules, rules: CleanupRules): Looser[] =>
  FIELDS.filter((field) => field.isLooser(bound, rules)).map((field) => ({
    path: field.path,
    message: `${field.limit(bound)}, which is as far as the platform lets this tenant go.`,
  }));

/** The stricter of both, field by field: also where a bound was tightened after something was saved. */
export function clampRules(bound: CleanupRules, rules: CleanupRules): CleanupRules {
  const clamped = structuredClone(rules) as Mutable<CleanupRules>;
  for (const field of FIELDS) field.tighten(bound, clamped);
  return clamped;
}

const largeFrom = (rules: CleanupRules): number => rules.approvals.largeFrom ?? Infinity;
