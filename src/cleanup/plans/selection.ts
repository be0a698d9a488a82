import type { EntityManager } from 'typeorm';
import { badInput, notFound } from '../../errors';
import type { FindingFilter, FindingQueries } from '../../findings/finding-queries';
import { MOST_ITEMS, type PlanSelection } from './plan';

/** An identity rarely has more than these; what it takes in beyond is too much for a plan in any case. */
const MOST_FINDINGS = MOST_ITEMS * 5;

/** What a plan is made of: findings, and how they were asked for. */
export interface Selected {
  readonly findingIds: readonly string[];
  /** For people, as the plan keeps it. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/**
 * The open findings that are selected. An empty list, a filter that says nothing and one that matches nothing are errors:
 * in none of them did anybody mean "everything". Throws BAD_INPUT, and NOT_FOUND for what is not the tenant's.
 */
export async function selectFindings(
  manager: EntityManager,
  tenantId: string,
  queries: FindingQueries,
  selection: PlanSelection,
): Promise<Selected> {
  return 'filter' in selection
    ? byFilter(manager, tenantId, queries, selection.filter)
    : byIds(manager, tenantId, selection.findingIds);
}

async function byIds(manager: EntityManager, tenantId: string, ids: readonly string[]): Promise<Selected> {
  const wanted = [...new Set(ids)].sort();
  if (wanted.length === 0) throw badInput('findings: the list is empty: name the findings to put away.');
  mustNotBeTooMany(wanted.length, 'findings');
  const found = await manager.query<{ id: string; status: string; gone: boolean }[]>(
    `SELECT f.id, f.status, i.gone_at IS NOT NULL AS gone
     FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     WHERE f.tenant_id = $1 AND f.id = ANY ($2::uuid[])`,
    [tenantId, wanted],
  );
  if (found.length < wanted.length) throw notFound('findings: a finding');
  const over = found.filter(({ status, gone }) => status !== 'open' || gone);
  if (over.length > 0) {
    const states = [...new Set(over.map(({ status, gone }) => (gone ? 'gone' : status)))].sort().join(' or ');
    throw badInput(
      `findings: ${over.length} of ${found.length} are not open any more (${states}). Leave them out: only open findings can be put right.`,
    );
  }
  return { findingIds: wanted, asked: { findings: wanted.length } };
}

async function byFilter(
  manager: EntityManager,
  tenantId: string,
  queries: FindingQueries,
  filter: FindingFilter,
): Promise<Selected> {
  if (saysNothing(filter)) {
    throw badInput('filter: it says nothing, which would take in every finding there is. Say at least one condition.');
  }
  const { statuses, also, ...rest } = filter;
  if (statuses != null && !statuses.includes('open')) {
    throw badInput('filter.status: only open findings can be put right. Leave the field out, or name OPEN.');
  }
  const ids = await queries.ids({ manager, tenantId }, { ...filter, statuses: ['open'] }, MOST_FINDINGS + 1);
  if (ids.length === 0) throw badInput('filter: no open finding is like this. Look at the query "findings" first.');
  mustNotBeTooMany(ids.length, 'filter');
  return { findingIds: ids.sort(), asked: { filter: written(rest), findings: ids.length } };
}

function mustNotBeTooMany(count: number, field: string): void {
  if (count <= MOST_FINDINGS) return;
  throw badInput(
    `${field}: it takes in over ${MOST_FINDINGS} findings, and a plan at most ${MOST_ITEMS} identities. Make several plans, for example one for each account.`,
  );
}

/** Whether there is no condition in it, at any depth; which ones are open goes without saying. */
export function saysNothing({ statuses: _statuses, ...filter }: FindingFilter): boolean {
  return isEmpty(filter);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  // An empty list is a condition, and an error where it is used.
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Date) return false;
  return Object.values(value).every(isEmpty);
}

/** Without what is not said. */
function written(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => !isEmpty(one))
      .map(([name, one]: [string, unknown]) => [
        name,
        typeof one === 'object' && one !== null && !Array.isArray(one) && !(one instanceof Date) ? written(one) : one,
      ]),
  );
}
