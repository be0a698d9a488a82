import type { EntityManager } from 'typeorm';

/** What policies, exemptions and owner rules may ask of an account. */
export interface AccountFacts {
  /** Our id. */
  readonly id: string;
  readonly awsAccountId: string;
  readonly partition: string;
  readonly name: string;
  /** As Organizations names it: `/Root/Sandbox`; null for an account that was registered by itself. */
  readonly ouPath: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AccountFactsRow {
  id: string;
  aws_account_id: string;
  partition: string;
  name: string;
  ou_path: string | null;
  tags: Record<string, string>;
}

export const ACCOUNT_FACTS = 'id, aws_account_id, partition, name, ou_path, tags';

export const accountFacts = (row: AccountFactsRow): AccountFacts => ({
  id: row.id,
  awsAccountId: row.aws_account_id,
  partition: row.partition,
  name: row.name,
  ouPath: row.ou_path,
  tags: row.tags,
});

/** All of a tenant's accounts. */
export async function allAccounts(manager: EntityManager, tenantId: string): Promise<AccountFacts[]> {
  const rows = await manager.query<AccountFactsRow[]>(
    `SELECT ${ACCOUNT_FACTS} FROM accounts WHERE tenant_id = $1 ORDER BY id`,
    [tenantId],
  );
  return rows.map(accountFacts);
}

/** All of a tenant's accounts that have an inventory to judge. */
export async function judgedAccounts(manager: EntityManager, tenantId: string): Promise<AccountFacts[]> {
  const rows = await manager.query<AccountFactsRow[]>(
    `SELECT ${ACCOUNT_FACTS} FROM accounts
     WHERE tenant_id = $1 AND (users_read_at IS NOT NULL OR roles_read_at IS NOT NULL) ORDER BY id`,
    [tenantId],
  );
  return rows.map(accountFacts);
}
