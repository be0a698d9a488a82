import { newId } from '../../../src/ids';
import type { Pipeline } from '../../harness/pipeline';

/** What things are in the random tenants, so that filters have something to tell apart. */
export const CHECKS = ['unused-role', 'unused-user', 'unused-access-key'] as const;
export const SEVERITIES = ['low', 'medium', 'high'] as const;
export const OUS = ['/Workloads/Prod', '/Security'] as const;
export const OWNERS = ['payments', 'search'] as const;

export interface FindingSketch {
  readonly check: (typeof CHECKS)[number];
  readonly severity: (typeof SEVERITIES)[number];
  /** Which of the tenant's two accounts. */
  readonly account: 0 | 1;
  readonly owner: (typeof OWNERS)[number] | null;
}

export interface Account {
  readonly id: string;
  readonly awsAccountId: string;
  readonly ouPath: string;
}

/** Something that events are about, and all that a filter may ask of it. */
export interface Subject {
  readonly type: 'finding' | 'account';
  readonly id: string;
  readonly account: Account;
  readonly check: string | null;
  readonly severity: string | null;
  readonly owner: string | null;
  /** As the stages record it with an event. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Subjects {
  readonly accounts: readonly [Account, Account];
  readonly findings: readonly Subject[];
  readonly all: readonly Subject[];
}

let accountNumber = 300_000_000_000;

/** Two accounts, a user for each finding, and the findings, as rows: what is proven here is what comes after them. */
export async function makeSubjects(
  rows: Pipeline['rows'],
  tenantId: string,
  sketches: readonly FindingSketch[],
): Promise<Subjects> {
  const accounts = [await makeAccount(rows, tenantId, OUS[0]), await makeAccount(rows, tenantId, OUS[1])] as const;
  const owners = await makeOwners(rows, tenantId);
  const findings = sketches.map(({ account, check, severity, owner }) => {
    const identityId = newId();
    const of = accounts[account];
    return {
      identityId,
      ownerId: owner === null ? null : (owners.get(owner) ?? null),
      subject: {
        type: 'finding' as const,
        id: newId(),
        account: of,
        check,
        severity,
        owner,
        data: { check, identityId, accountId: of.id },
      },
    };
  });
  await insertIdentities(rows, tenantId, findings);
  await rows(
    `INSERT INTO findings (tenant_id, id, account_id, identity_id, check_id, status, severity, why, policy_name,
       policy_version, first_seen_at, changed_at, owner_id)
     SELECT $1, id, account_id, identity_id, check_id, 'open', severity, 'Nobody has used it.', 'default', 1, now(), now(), owner_id
     FROM jsonb_to_recordset($2::jsonb) AS r
       (id uuid, account_id uuid, identity_id uuid, check_id text, severity text, owner_id uuid)`,
    [
      tenantId,
      JSON.stringify(
        findings.map(({ identityId, ownerId, subject: { id, account, check, severity } }) => ({
          id,
          account_id: account.id,
          identity_id: identityId,
          check_id: check,
          severity,
          owner_id: ownerId,
        })),
      ),
    ],
  );
  const ofAccounts = accounts.map((account) => ({
    type: 'account' as const,
    id: account.id,
    account,
    check: null,
    severity: null,
    owner: null,
    data: {},
  }));
  const subjects = findings.map(({ subject }) => subject);
  return { accounts, findings: subjects, all: [...subjects, ...ofAccounts] };
}

async function makeAccount(rows: Pipeline['rows'], tenantId: string, ouPath: string): Promise<Account> {
  const id = newId();
  const awsAccountId = String((accountNumber += 1));
  await rows(
    `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status,
       ou_path, created_at)
     VALUES ($1, $2, 'aws', $3, $4, 'registered', $5, '\\x00', 'owned', $6, now())`,
    [tenantId, id, awsAccountId, `account ${awsAccountId}`, `arn:aws:iam::${awsAccountId}:role/mothball-scan`, ouPath],
  );
  return { id, awsAccountId, ouPath };
}

async function makeOwners(rows: Pipeline['rows'], tenantId: string): Promise<Map<string, string>> {
  const owners = new Map<string, string>(OWNERS.map((name) => [name, newId()]));
  await rows(
    'INSERT INTO owners (tenant_id, id, name, created_at) SELECT $1, id, name, now() FROM unnest($2::uuid[], $3::text[]) AS r (id, name)',
    [tenantId, [...owners.values()], [...owners.keys()]],
  );
  return owners;
}

async function insertIdentities(
  rows: Pipeline['rows'],
  tenantId: string,
  findings: readonly { readonly identityId: string; readonly subject: Subject }[],
): Promise<void> {
  const identities = findings.map(({ identityId, subject: { account } }, number) => ({
    id: identityId,
    account_id: account.id,
    name: `user-${number}`,
    arn: `arn:aws:iam::${account.awsAccountId}:user/user-${number}`,
  }));
  await rows(
    `INSERT INTO identities (tenant_id, id, account_id, kind, natural_key, unique_id, arn, name, path, active, detail,
       content_hash, first_seen_at, changed_at)
     SELECT $1, id, account_id, 'user', 'user:' || id, 'AIDA' || upper(right(replace(id::text, '-', ''), 16)), arn, name,
       '/', true, '{}', 'test', now(), now()
     FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, account_id uuid, name text, arn text)`,
    [tenantId, JSON.stringify(identities)],
  );
}
