import { usesBoundary } from '../items/course-facts';
import type { PlanGoal } from '../items/plan-item';
import type { OtherItem } from './considered';
import type { Candidate } from './courses';

/**
 * Which of the items that other plans have of the same user or role is in the way, and which one this would go on from: one
 * that only quarantined the very same thing, where it is now to be deleted. A user's item goes for all that belongs to it.
 */
export function inTheWay(
  candidate: Candidate,
  others: readonly OtherItem[],
  goal: PlanGoal,
): { readonly other: OtherItem | null; readonly continues: OtherItem | null; readonly candidate: Candidate } {
  const { course, key } = candidate;
  const touching = others.filter((other) => touches({ course, access_key_id: key?.key.accessKeyId ?? null }, other));
  const continued = touching.find((other) => goal === 'deletion' && isSame(candidate, other) && isHeld(other));
  const other = touching.find((one) => one !== continued) ?? null;
  if (other !== null || continued === undefined) return { other, continues: null, candidate };
  // It goes on in the way in which it was begun, whatever the policy says of new ones.
  return { other: null, continues: continued, candidate: { ...candidate, course: continued.course } };
}

const isHeld = ({ plan_goal, stage }: OtherItem): boolean =>
  plan_goal === 'quarantine' && (stage === 'quarantined' || stage === 'announced');

function isSame({ course, key }: Candidate, other: OtherItem): boolean {
  if (isOfKey(course) !== isOfKey(other.course)) return false;
  return isOfKey(course) ? isThisKey(key, other) : course === other.course;
}

/** Whether two items of one user or role cannot be put away by two plans at a time. */
export function touches(one: Touching, other: Touching): boolean {
  if (usesBoundary(one.course) || usesBoundary(other.course)) return true;
  if (one.course === 'password' || other.course === 'password') return one.course === other.course;
  return one.access_key_id !== null && one.access_key_id === other.access_key_id;
}

type Touching = Pick<OtherItem, 'course' | 'access_key_id'>;

const isOfKey = (course: Candidate['course']): boolean => course === 'access-key' || course === 'observed-key';

const isThisKey = (key: Candidate['key'], { access_key_id }: OtherItem): boolean =>
  key !== null && key.key.accessKeyId !== null && key.key.accessKeyId === access_key_id;
