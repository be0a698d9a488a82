import { graceDaysOf, isSilenced } from '../items/course-facts';
import type { Course, PlanGoal } from '../items/plan-item';
import type { CleanupRules } from '../rules/cleanup-rules';
import { taggedBy } from './managed-as-code';
import type { Pace, PlanTerms } from './plan';

/** What of an item counts towards approvals and bounds. */
export interface CountedItem {
  readonly account_id: string;
  readonly aws_account_id: string;
  readonly course: Course;
  readonly name: string;
  readonly approved: { readonly tags: Readonly<Record<string, string>> };
}

/** How many people have to approve, and why it is more than usual. `tagsOf`: of an account, by its id. */
export function approvalsOf(
  items: readonly CountedItem[],
  tagsOf: (accountId: string) => Readonly<Record<string, string>>,
  { needed, largeFrom, neededWhenLarge, productionTags, neededForProduction }: CleanupRules['approvals'],
): PlanTerms['approvals'] {
  const because: string[] = [];
  const asked = [needed];
  if (largeFrom !== null && items.length >= largeFrom) {
    asked.push(neededWhenLarge);
    if (neededWhenLarge > needed) because.push(`${items.length} items; from ${largeFrom} on: ${neededWhenLarge}.`);
  }
  const production = productionTags.length === 0 ? null : firstInProduction(items, tagsOf, productionTags);
  if (production !== null) {
    asked.push(neededForProduction);
    if (neededForProduction > needed) because.push(`${production}, which is production's: ${neededForProduction}.`);
  }
  return { needed: Math.max(...asked), because };
}

/** As many as these rules may ask for of any plan. */
export const mostApprovals = ({
  needed,
  largeFrom,
  neededWhenLarge,
  productionTags,
  neededForProduction,
}: CleanupRules['approvals']): number =>
  Math.max(needed, largeFrom === null ? 0 : neededWhenLarge, productionTags.length === 0 ? 0 : neededForProduction);

function firstInProduction(
  items: readonly CountedItem[],
  tagsOf: (accountId: string) => Readonly<Record<string, string>>,
  markers: readonly string[],
): string | null {
  for (const { account_id, aws_account_id, name, approved } of items) {
    const ofAccount = taggedBy(markers, tagsOf(account_id));
    if (ofAccount !== null) return `The account ${aws_account_id} has the tag ${ofAccount}`;
    const own = taggedBy(markers, approved.tags);
    if (own !== null) return `${name} has the tag ${own}`;
  }
  return null;
}

/** Days from its quarantine until it may be deleted. */
const daysHeld = (course: Course, rules: CleanupRules): number =>
  graceDaysOf(course, rules) + (isSilenced(course) ? Math.ceil(rules.silenceHours / 24) : 0);

/** How long the items take under the bounds of what people approve, if nothing stops them. */
export function paceOf(items: readonly CountedItem[], goal: PlanGoal, rules: CleanupRules): Pace {
  const { perExecution, perPlanAndDay } = rules.approved;
  const perAccount = new Map<string, number>();
  for (const { account_id } of items) perAccount.set(account_id, (perAccount.get(account_id) ?? 0) + 1);
  const days = Math.ceil(items.length / perPlanAndDay);
  const held = goal === 'quarantine' ? [] : items.map(({ course }) => daysHeld(course, rules));
  return {
    days,
    perDay: perPlanAndDay,
    perExecution,
    executions: Math.ceil(Math.max(0, ...perAccount.values()) / perExecution),
    daysToTheEnd: days + held.reduce((longest, one) => Math.max(longest, one), 0),
  };
}
