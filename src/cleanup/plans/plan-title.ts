import { badInput } from '../../errors';
import type { PlanGoal } from '../items/plan-item';
import { KIND_OF, type Share } from './plan';
import type { PreparedItem } from './plan-preparation.service';

const LONGEST_TITLE = 200;
const LONGEST_NOTE = 2_000;

/** Without blanks around it; null: nothing was written. Throws BAD_INPUT for one that is too long. */
export function checkText(text: string | null | undefined, field: 'title' | 'note'): string | null {
  const longest = field === 'title' ? LONGEST_TITLE : LONGEST_NOTE;
  const trimmed = text?.trim() ?? '';
  if (trimmed.length > longest) throw badInput(`${field}: must have at most ${longest} characters.`);
  return trimmed === '' ? null : trimmed;
}

const WORDS: Readonly<Record<Share['kind'], readonly [string, string]>> = {
  'access-key': ['access key', 'access keys'],
  password: ['password', 'passwords'],
  user: ['user', 'users'],
  role: ['role', 'roles'],
};

/** "Delete 3 access keys and 1 role". */
export function titleOf(items: readonly PreparedItem[], goal: PlanGoal): string {
  const verb = goal === 'deletion' ? 'Delete' : 'Quarantine';
  const taken = items.filter(({ refusal }) => refusal === null);
  const parts = (Object.keys(WORDS) as Share['kind'][]).flatMap((kind) => {
    const count = taken.filter(({ course }) => KIND_OF[course] === kind).length;
    return count === 0 ? [] : [`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`];
  });
  const last = parts.pop();
  if (last === undefined) return `${verb} nothing: all of it is refused`;
  return parts.length === 0 ? `${verb} ${last}` : `${verb} ${parts.join(', ')} and ${last}`;
}
