import { z } from 'zod';
import type { Facets } from '../catalogue/event-type';
import { severities } from '../../findings/policy';

const some = <T extends z.ZodType>(one: T, most: number, what: string) =>
  z.array(one).min(1, `must name at least one, or be left out for all ${what}`).max(most, `may name ${most} at most`);

const text = (most: number) =>
  z.string().trim().min(1, 'must not be empty').max(most, `must have ${most} characters at most`);

/**
 * Which events an endpoint asks for: each part that is given must fit. What an event does not have fits no part that asks
 * for it: a plan has no check, so a filter that names checks takes no events of plans.
 */
export const eventFilter = z.strictObject({
  /** `finding.opened`, or `finding.*` for all that begin so. */
  types: some(
    z
      .string()
      .regex(/^[a-z]+(-[a-z]+)*\.(\*|[a-z]+(-[a-z]+)*)$/, 'must be a type like "finding.opened", or "finding.*"'),
    100,
    'types',
  ).optional(),
  checks: some(text(100), 100, 'checks').optional(),
  severities: some(z.enum(severities), severities.length, 'severities').optional(),
  accountIds: some(z.uuid(), 1_000, 'accounts').optional(),
  /** Paths in the organization; with everything below them. */
  ous: some(
    text(2_000).regex(/^\//, 'must begin with "/", for example "/Workloads/Prod"'),
    100,
    'organizational units',
  ).optional(),
  /** As findings name them; the case of letters does not matter. */
  owners: some(text(500), 500, 'owners').optional(),
});

export type EventFilter = z.infer<typeof eventFilter>;

/** What a filter looks at. */
export interface Filterable {
  readonly type: string;
  readonly facets: Facets;
}

/** Whether the filter asks for this event. Pure. */
export function matches(filter: EventFilter, { type, facets }: Filterable): boolean {
  return (
    fits(filter.types, type, (wanted, given) => wanted === given || isFamily(wanted, given)) &&
    fits(filter.checks, facets.checkId) &&
    fits(filter.severities, facets.severity) &&
    fits(filter.accountIds, facets.accountId) &&
    fits(filter.ous, facets.ouPath, isUnder) &&
    fits(filter.owners, facets.owner, (wanted, given) => wanted.toLowerCase() === given.toLowerCase())
  );
}

function fits(
  wanted: readonly string[] | undefined,
  given: string | undefined,
  same: (wanted: string, given: string) => boolean = (one, other) => one === other,
): boolean {
  if (wanted === undefined) return true;
  return given !== undefined && wanted.some((one) => same(one, given));
}

const isFamily = (wanted: string, type: string): boolean =>
  wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1));

function isUnder(unit: string, path: string): boolean {
  const trimmed = unit.replace(/\/+$/, '');
  return trimmed === '' || path === trimmed || path.startsWith(`${trimmed}/`);
}
