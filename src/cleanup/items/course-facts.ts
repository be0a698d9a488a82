import type { CleanupRules } from '../rules/cleanup-rules';
import type { Course, PlanItemRow } from './plan-item';

/** Whether the quarantine is the boundary on its user or role. */
export const usesBoundary = (course: Course): boolean =>
  course === 'user' || course === 'role' || course === 'observed-key';

/** Whether keys that were left active to be listened to are made inactive before the deletion. */
export const isSilenced = (course: Course): boolean => course === 'user' || course === 'observed-key';

/** Whether that is one of these keys: of an observed key only that one, of a user all of them. */
export const silencesKey = (item: Pick<PlanItemRow, 'course' | 'access_key_id'>, keyId: string): boolean =>
  item.course === 'user' || (item.course === 'observed-key' && keyId === item.access_key_id);

/** How long it is in quarantine before it may be deleted, in days; without the time that its keys are silenced. */
export function graceDaysOf(course: Course, { graceDays }: Pick<CleanupRules, 'graceDays'>): number {
  switch (course) {
    case 'access-key':
    case 'observed-key':
      return graceDays.accessKey;
    case 'password':
      return graceDays.password;
    case 'user':
      return graceDays.user;
    case 'role':
      return graceDays.role;
  }
}
