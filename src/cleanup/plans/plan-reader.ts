import type { EntityManager } from 'typeorm';
import type { AccountRow } from '../../accounts/account';
import { coverage } from '../../accounts/account';
import { ACCOUNT_FACTS, accountFacts, type AccountFacts, type AccountFactsRow } from '../../findings/account-facts';
import type { InventoryReader } from '../../scans/inventory-reader';
import { AT_WORK } from '../items/plan-item';
import type { AccountState, OtherItem } from './considered';
import type { PrincipalToPlan, SelectedFinding } from './courses';

/** These findings of the tenant's with what they flag, in whatever status; what no longer exists is left out. */
export const readFindings = async (
  manager: EntityManager,
  tenantId: string,
  ids: readonly string[],
): Promise<SelectedFinding[]> =>
  manager.query(
    `SELECT f.id, f.check_id, f.status, f.account_id, f.identity_id, i.kind, coalesce(i.owner_id, i.id) AS principal_row
     FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     WHERE f.tenant_id = $1 AND f.id = ANY ($2::uuid[]) AND i.gone_at IS NULL ORDER BY f.id`,
    [tenantId, ids],
  );

/** The users and roles behind findings, by their rows; each with everything that it owns. */
export async function readPrincipals(
  manager: EntityManager,
  reader: InventoryReader,
  tenantId: string,
  findings: readonly SelectedFinding[],
): Promise<Map<string, PrincipalToPlan>> {
  const accountOf = new Map(findings.map(({ principal_row, account_id }) => [principal_row, account_id]));
  const rowsOf = (roles: boolean): string[] => [
    ...new Set(findings.filter(({ kind }) => (kind === 'role') === roles).map(({ principal_row }) => principal_row)),
  ];
  const users = await reader.usersById(manager, tenantId, rowsOf(false));
  const roles = await reader.rolesById(manager, tenantId, rowsOf(true));
  const of = (id: string): string => accountOf.get(id) ?? '';
  return new Map<string, PrincipalToPlan>([
    ...users.map((stored) => [stored.id, { kind: 'user', accountId: of(stored.id), stored }] as const),
    ...roles.map((stored) => [stored.id, { kind: 'role', accountId: of(stored.id), stored }] as const),
  ]);
}

/** An account as planning and as policies see it. */
export interface AccountToPlan {
  readonly state: AccountState;
  readonly facts: AccountFacts;
  /** When its users and its roles were last read. */
  readonly usersReadAt: Date | null;
  readonly rolesReadAt: Date | null;
}

type Row = AccountFactsRow &
  Pick<
    AccountRow,
    'partition' | 'role_arn' | 'cleanup_role_arn' | 'restore_role_arn' | 'source' | 'status' | 'aws_state' | 'coverage'
  > & { tags_read_at: Date | null; users_read_at: Date | null; roles_read_at: Date | null };

export async function readAccounts(
  manager: EntityManager,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, AccountToPlan>> {
  const covered = coverage;
  const rows = await manager.query<Row[]>(
    `SELECT ${ACCOUNT_FACTS}, role_arn, cleanup_role_arn, restore_role_arn, source, status, aws_state, tags_read_at,
       users_read_at, roles_read_at, ${covered.text} AS coverage
     FROM accounts a WHERE a.tenant_id = $${covered.values.length + 1} AND a.id = ANY ($${covered.values.length + 2}::uuid[])`,
    [...covered.values, tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, toAccount(row)]));
}

const toAccount = (row: Row): AccountToPlan => ({
  facts: accountFacts(row),
  usersReadAt: row.users_read_at,
  rolesReadAt: row.roles_read_at,
  state: {
    id: row.id,
    awsAccountId: row.aws_account_id,
    partition: row.partition,
    name: row.name,
    tags: row.tags,
    source: row.source,
    status: row.status,
    awsState: row.aws_state,
    hasAccess: row.coverage !== 'no_access',
    hasCleanupRole: row.cleanup_role_arn !== null,
    tagsReadAt: row.tags_read_at,
    roleArns: [row.role_arn, row.cleanup_role_arn, row.restore_role_arn].flatMap((arn) => arn ?? []),
  },
});

/**
 * Items of other plans that wait, are at work or are held, by the unique id of their user or role. Dry runs and drafts hold
 * nothing.
 */
export async function readOthers(
  manager: EntityManager,
  tenantId: string,
  principalIds: readonly string[],
  exceptPlanId: string | null,
): Promise<Map<string, OtherItem[]>> {
  const rows = await manager.query<OtherItem[]>(
    `SELECT i.id, i.plan_id, p.title AS plan_title, p.goal AS plan_goal, i.account_id, i.principal_id, i.access_key_id,
       i.course, i.stage
     FROM plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
     WHERE i.tenant_id = $1 AND i.principal_id = ANY ($2::text[]) AND i.plan_id IS DISTINCT FROM $3 AND NOT p.dry_run
       AND (i.stage = ANY ($4::text[]) OR (i.stage = 'waiting' AND p.state IN ('proposed', 'approved', 'halted')))
     ORDER BY i.id`,
    [tenantId, principalIds, exceptPlanId, AT_WORK],
  );
  const byPrincipal = new Map<string, OtherItem[]>();
  for (const row of rows) {
    const same = byPrincipal.get(row.principal_id);
    if (same) same.push(row);
    else byPrincipal.set(row.principal_id, [row]);
  }
  return byPrincipal;
}

/** ARNs of the roles by which Mothball lists organizations, where the tenant holds the management account. */
export async function readListingRoles(manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ arn: string | null }[]>('SELECT arn FROM roles_of_mothball()');
  return rows.flatMap(({ arn }) => arn ?? []);
}
