import { DAY_MS, HOUR_MS } from '../../clock';
import { graceDaysOf } from '../items/course-facts';
import type { Course, PlanItemRow } from '../items/plan-item';
import type { CleanupRules } from '../rules/cleanup-rules';

/** How long before a deletion people are told that it comes. */
export const NOTICE_MS = 2 * DAY_MS;

type Timed = Pick<PlanItemRow, 'stage' | 'deletion_due_at' | 'deletion_announced_at' | 'silenced_at'>;

/** How long it stays in quarantine before it is deleted. Never under a day, whatever the rules say: last use lags. */
export const graceMs = (course: Course, rules: Pick<CleanupRules, 'graceDays'>): number =>
  Math.max(1, graceDaysOf(course, rules)) * DAY_MS;

export const deletionDue = (course: Course, quarantinedAt: Date, rules: Pick<CleanupRules, 'graceDays'>): Date =>
  new Date(quarantinedAt.getTime() + graceMs(course, rules));

/** When it is told that the deletion comes; at once where the grace is shorter than the notice. Null: there is none. */
export const announcementDue = ({ deletion_due_at: due }: Pick<Timed, 'deletion_due_at'>): Date | null =>
  due && new Date(due.getTime() - NOTICE_MS);

/** When something must be done next about what is in quarantine: a look, the announcement, the next stage. */
export function nextListening(
  item: Timed,
  rules: Pick<CleanupRules, 'watchEveryHours' | 'silenceHours'>,
  at: Date,
): Date {
  const look = at.getTime() + rules.watchEveryHours * HOUR_MS;
  const stageEnds = stageEnd(item, rules);
  const announcement = item.deletion_announced_at === null ? announcementDue(item) : null;
  const others = [stageEnds, announcement].flatMap((due) => (due ? [Math.max(due.getTime(), at.getTime())] : []));
  return new Date(Math.min(look, ...others));
}

/** When its present stage may end in the next one on the way to deletion; null: it only stays in quarantine. */
export function stageEnd(item: Timed, { silenceHours }: Pick<CleanupRules, 'silenceHours'>): Date | null {
  switch (item.stage) {
    case 'silenced':
      return item.silenced_at && new Date(item.silenced_at.getTime() + silenceHours * HOUR_MS);
    case 'announced':
    case 'quarantined':
      return item.deletion_due_at;
    default:
      return null;
  }
}

/** How long after an unanswered look the next one follows: soon at first, then less often. */
export function retryAfterUnknown(unknownSince: Date, at: Date): Date {
  const waited = at.getTime() - unknownSince.getTime();
  return new Date(at.getTime() + Math.min(6 * HOUR_MS, Math.max(HOUR_MS / 2, waited)));
}

/** How long a quarantine may go without any answer before people are asked. */
export const UNKNOWN_FOR_MS = 3 * DAY_MS;

type Full = Timed & Pick<PlanItemRow, 'quarantined_at' | 'course'>;

/**
 * From when on what is to be deleted has had its full quarantine; null: something of that is not known, so never. Held
 * against the rules once more: a day at least of each, whatever was written down.
 */
export function fullQuarantineFrom(item: Full, { silenceHours }: Pick<CleanupRules, 'silenceHours'>): Date | null {
  const { quarantined_at: begun, deletion_due_at: due, silenced_at: silenced } = item;
  if (begun === null || due === null || item.deletion_announced_at === null) return null;
  const least = begun.getTime() + DAY_MS;
  const silence = silenced === null ? 0 : silenced.getTime() + Math.max(24, silenceHours) * HOUR_MS;
  return new Date(Math.max(due.getTime(), least, silence));
}
