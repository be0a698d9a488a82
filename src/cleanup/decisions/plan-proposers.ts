import type { EntityManager } from 'typeorm';
import type { PlanRow } from '../plans/plan';

/**
 * Who cannot be a plan's second person. Of a policy's plan that is whoever saved the policy's version: one that only
 * proposes is agreed to by nobody, so its author would else put things away alone.
 */
export async function proposersOf(
  manager: EntityManager,
  { tenant_id: tenantId, mode, stands_for, policy_name: name, policy_version: version }: PlanRow,
): Promise<string[]> {
  if (mode === 'by-hand') return [stands_for];
  const rows = await manager.query<{ by: string | null }[]>(
    'SELECT saved_by_stands_for AS by FROM policy_versions WHERE tenant_id = $1 AND name = $2 AND version = $3',
    [tenantId, name, version],
  );
  return rows.flatMap(({ by }) => by ?? []);
}
