import type { RunningSimulator } from '../../aws-simulator/server';
import { ExternalIds, type WithExternalId } from '../../src/accounts/external-ids.service';
import { newId } from '../../src/ids';
import { accountTemplate } from '../../src/roles/templates/cloudformation';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import type { Pipeline } from '../harness/pipeline';
import { evaluateTemplate, roleOf, type RoleProperties } from '../deploy/evaluate-template';

export interface CleanUpAccount {
  readonly tenantId: string;
  readonly id: string;
  readonly awsAccountId: string;
}

interface Surroundings {
  readonly simulator: RunningSimulator;
  get<T>(type: new (...dependencies: never[]) => T): T;
}

export const CLEANUP_ROLE = 'mothball-cleanup';
export const RESTORE_ROLE = 'mothball-restore';

let lastAccount = 300_000_000_000;

/** Twelve digits that no other account of this process has. */
export const newAwsAccountId = (): string => String((lastAccount += 7));

/**
 * An account of its own in the simulator, empty but for the three roles exactly as the template that tenants get makes
 * them, and owned by the tenant.
 */
export async function addAccount(
  { simulator, get }: Surroundings,
  tenantId: string,
  { tags = {} }: { tags?: Readonly<Record<string, string>> } = {},
): Promise<CleanUpAccount> {
  const account: CleanUpAccount = { tenantId, id: newId(), awsAccountId: newAwsAccountId() };
  const { id, awsAccountId } = account;
  simulator.control.addAccount({ accountId: awsAccountId, name: `single-${awsAccountId}` });
  const externalIds = get(ExternalIds);
  const arn = (name: string): string => `arn:aws:iam::${awsAccountId}:role/${name}`;
  const row = await get(TenantDatabase).inTenant(tenantId, async (manager): Promise<WithExternalId> => {
    const sealed = await externalIds.sealNew(manager, { tenant_id: tenantId, id }, awsAccountId);
    await manager.query(
      `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, cleanup_role_arn,
         restore_role_arn, external_id_sealed, status, aws_state, tags, created_at, verified_at)
       VALUES ($1, $2, 'aws', $3, $4, 'registered', $5, $6, $7, $8, 'owned', 'ACTIVE', $9, now(), now())`,
      [
        ...[tenantId, id, awsAccountId, `account ${awsAccountId}`],
        ...[arn('mothball-scan'), arn(CLEANUP_ROLE), arn(RESTORE_ROLE), sealed, JSON.stringify(tags)],
      ],
    );
    return { tenant_id: tenantId, id, external_id: null, external_id_sealed: sealed };
  });
  const externalId = await externalIds.of(row);
  for (const role of rolesOf(awsAccountId, externalId, simulator)) deploy(simulator, awsAccountId, role);
  return account;
}

/** Another tenant registers the account, too, and asks for it. Returns the request's id. */
export async function askFor({ rows }: Pipeline, account: CleanUpAccount, byTenantId: string): Promise<string> {
  const [claimed, request] = [newId(), newId()];
  await rows(
    `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status,
       aws_state, tags, created_at)
     SELECT $2, $3, partition, aws_account_id, name, source, role_arn, external_id_sealed, 'pending', aws_state, tags, now()
     FROM accounts WHERE id = $1`,
    [account.id, byTenantId, claimed],
  );
  await rows(
    `INSERT INTO transfer_requests (tenant_id, id, partition, aws_account_id, from_tenant_id, to_tenant_id, to_account_id)
     VALUES ($1, $2, 'aws', $3, $4, $5, $6)`,
    [PLATFORM_TENANT_ID, request, account.awsAccountId, account.tenantId, byTenantId, claimed],
  );
  return request;
}

const ANY_ACCOUNT = '000000000000';
const ANY_PREFIX = 'mothball-000000000000000000000000';
/** The template's roles by the principal they trust: evaluated once, since it takes longer than all the rest. */
const templates = new Map<string, string>();

function rolesOf(awsAccountId: string, externalId: string, { credentials }: RunningSimulator): RoleProperties[] {
  const text = templates.get(credentials.userArn) ?? evaluated(credentials.userArn);
  templates.set(credentials.userArn, text);
  const prefix = externalId.slice(0, -`-${awsAccountId}`.length);
  return JSON.parse(text.replaceAll(ANY_PREFIX, prefix).replaceAll(ANY_ACCOUNT, awsAccountId)) as RoleProperties[];
}

function evaluated(principal: string): string {
  const made = evaluateTemplate(accountTemplate(), {
    accountId: ANY_ACCOUNT,
    parameters: {
      ExternalIdPrefix: ANY_PREFIX,
      MothballPrincipals: principal,
      CreateCleanupRole: 'yes',
      CreateRestoreRole: 'yes',
    },
  });
  return JSON.stringify(['ScanRole', 'CleanupRole', 'RestoreRole'].map((name) => roleOf(made, name)));
}

function deploy({ control }: RunningSimulator, awsAccountId: string, role: RoleProperties): void {
  control.createRole(awsAccountId, {
    name: role.RoleName,
    path: role.Path,
    description: role.Description,
    maxSessionDuration: role.MaxSessionDuration,
    trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
    inlinePolicies: Object.fromEntries(
      role.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, JSON.stringify(PolicyDocument)]),
    ),
  });
}
