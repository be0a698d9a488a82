import type { EntityManager } from 'typeorm';

/** An account was judged. Nothing is kept of it: it is what clean-up by policies begins from. */
export const ACCOUNT_JUDGED = 'account.judged';

/** Whether any policy in force does more about findings than report them: most tenants' do not. */
export async function somePolicyActs(manager: EntityManager, tenantId: string): Promise<boolean> {
  const [row] = await manager.query<{ yes: boolean }[]>(
    `SELECT EXISTS (
       SELECT 1 FROM policies p JOIN policy_versions v
         ON v.tenant_id = p.tenant_id AND v.name = p.name AND v.version = p.version
       WHERE p.tenant_id = $1 AND p.retired_at IS NULL
         AND (v.action ->> 'mode' <> 'report' OR jsonb_path_exists(v.action, '$.perCheck.* ? (@ <> "report")'))
     ) AS yes`,
    [tenantId],
  );
  return row?.yes ?? false;
}
