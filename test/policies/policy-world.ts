import { aKey, aRole, aUser, AT, credentials, daysAgo, used } from '../../src/scans/test-inventory';
import { type BuiltAccount, type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

export let app: TestApp;
export let build: Builders;
export let platform: string;

/** Call it once in a test file: the application with a worker, for policies that are judged by. */
export function startsWithWorker(): void {
  beforeAll(async () => {
    app = await startTestApp({ config: { role: 'all' } });
    build = builders(app.app);
    platform = await build.platformToken();
  });
  afterAll(() => app.stop());
}

export const policy = (name: string, rest: object = {}) => ({
  apiVersion: 'mothball/v1',
  kind: 'Policy',
  name,
  ...rest,
});
export const APPLY = `mutation ($documents: JSON!, $mode: PolicyApplyMode, $hash: String, $dryRun: Boolean, $key: String) {
  policyApply(documents: $documents, mode: $mode, expectedHash: $hash, dryRun: $dryRun, idempotencyKey: $key) {
    hash accounts changes { name change version waits } } }`;
export const POLICIES = `{ policiesHash policies { totalCount nodes { id name position version agreement allowedAction clamped settings yaml: inForce { yaml }
  proposal { by version { version hash } } decision { agreed by } } } }`;

export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly version: number;
  readonly agreement: string;
  readonly allowedAction: { mode: string };
  readonly clamped: string[];
  readonly settings: { checks: Record<string, { idleDays: number; enabled: boolean }> };
  readonly proposal: { by: string; version: { version: number; hash: string } } | null;
}

export const shown = async (token: string): Promise<Shown[]> =>
  (await app.get<{ policies: { nodes: Shown[] } }>(token, POLICIES)).policies.nodes;
export const named = async (token: string, name: string): Promise<Shown> => {
  const found = (await shown(token)).find((one) => one.name === name);
  if (!found) throw new Error(`There is no policy ${name}.`);
  return found;
};
export interface AppliedAnswer {
  readonly hash: string;
  readonly accounts: number;
  readonly changes: { name: string; change: string; version: number | null; waits: boolean }[];
}
export const apply = async (token: string, documents: unknown, more: object = {}): Promise<AppliedAnswer> =>
  (await app.get<{ policyApply: AppliedAnswer }>(token, APPLY, { documents, ...more })).policyApply;
export const refused = async (token: string, query: string, variables: object): Promise<[unknown, string]> => {
  const { errors } = await app.ask(token, query, variables);
  expect(errors).toHaveLength(1);
  return [errors[0]?.extensions?.['code'], errors[0]?.message ?? ''];
};
/** Until the tasks that a change made are done. */
export const settled = async (): Promise<void> => {
  for (let round = 0; round < 200; round++) {
    const { tasks } = await app.get<{ tasks: { totalCount: number } }>(
      platform,
      '{ tasks(filter: { state: [WAITING, ADMITTED, RUNNING] }) { totalCount } }',
    );
    if (tasks.totalCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Tasks do not come to an end.');
};

export const idleRole = (name: string, tags: Record<string, string> = {}, path = '/') =>
  aRole({ name, path, tags, uniqueId: `AROA${name}`, arn: `arn:aws:iam::1:role${path}${name}`, lastUsed: used(120) });

export interface World {
  readonly tenant: BuiltTenant;
  readonly accounts: readonly BuiltAccount[];
}

/** Two accounts with the same four roles, idle for 120 days. */
export const world = async (): Promise<World> => {
  const tenant = await build.tenant();
  const accounts = [
    await build.account(tenant.id, { name: 'prod-1', ouPath: '/Workloads/Prod', tags: { stage: 'prod' } }),
    await build.account(tenant.id, { name: 'sandbox-1', ouPath: '/Sandbox' }),
  ];
  for (const account of accounts) {
    await build.inventory(account, {
      at: AT,
      roles: [
        idleRole('app'),
        idleRole('ci-deploy'),
        idleRole('tagged', { team: 'payments' }),
        idleRole('data', {}, '/teams/data/'),
      ],
      users: [
        aUser({
          name: 'ci-user',
          uniqueId: 'AIDACI',
          arn: 'arn:aws:iam::1:user/ci-user',
          credentials: credentials({ accessKeys: [aKey({ createdAt: daysAgo(200), lastUsed: used(120) })] }),
        }),
      ],
    });
  }
  return { tenant, accounts };
};

export const findings = async (token: string) => {
  const answer = await app.get<{
    findings: {
      nodes: {
        status: string;
        check: { id: string };
        identity: { name: string };
        account: { name: string };
        policy: { name: string; version: number };
      }[];
    };
  }>(
    token,
    '{ findings(first: 200) { nodes { status check { id } identity { name } account { name } policy { name version } } } }',
  );
  return new Map(
    answer.findings.nodes.map(({ status, check, identity, account, policy: by }) => [
      `${account.name} ${identity.name} ${check.id}`,
      `${status} ${by.name} ${by.version}`,
    ]),
  );
};
