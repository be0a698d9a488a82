import { aKey, aPassword, aRole, aUser, AT, credentials, daysAgo, never, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

/** The questions that people ask most, as written; see the README. */
const WORST = `query Worst {
  findings(first: 20, filter: { status: OPEN }, orderBy: IDLE_DAYS_DESC) {
    totalCount
    nodes { id severity idleDays why url check { id title risk standards } account { awsAccountId name } identity { __typename name arn ... on AccessKey { accessKeyId user { name } } } }
  }
}`;
const UNUSED_KEYS_BY_USER = `query UnusedKeysByUser {
  identityGroups(
    by: USER
    filter: { kind: ACCESS_KEY, active: true, lastUsed: { olderThanDays: 90, includeNeverUsed: true }, user: { name: { notIn: ["jenkins", "ci"] } } }
  ) { totalMatched totalUnmatched nodes { key label count } }
}`;
const BLIND = `query Blind { accounts(first: 50, filter: { coverage: [FAILED, PARTIAL, STALE, PENDING] }) { nodes { awsAccountId name coverage lastScan { finishedAt outcome reason remedy } } } }`;
const LOOKUP = `query Lookup { lookup(text: "AKIAIOSFODNN7EXAMPLE") { __typename ... on AccessKey { accessKeyId active createdAt user { name arn } lastUsed { state at region service } findings { id status } } } }`;
const FINDING = `query Finding($id: ID!) { finding(id: $id) { why status firstSeenAt lastSeenAt idleDays remediation { console cli } policy { name version } history { at what } } }`;

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

const person = (name: string, keys: Parameters<typeof aKey>[0][]) =>
  aUser({
    name,
    arn: `arn:aws:iam::111122223333:user/${name}`,
    uniqueId: `AIDA${name.toUpperCase()}`,
    credentials: credentials({
      password: aPassword({ lastUsed: used(1) }),
      accessKeys: keys.map((key, index) =>
        aKey({ slot: index + 1, accessKeyId: null, createdAt: daysAgo(500 - index), ...key }),
      ),
    }),
  });

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
  const account = await build.account(tenant.id, { awsAccountId: '111122223333', name: 'Production' });
  await build.inventory(account, {
    at: AT,
    users: [
      person('alice', [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', lastUsed: used(200) }, { lastUsed: never }]),
      person('bob', [{ lastUsed: never }]),
      person('carol', [{ lastUsed: used(3) }]),
      person('young', [{ lastUsed: never, createdAt: daysAgo(10) }]),
      person('jenkins', [{ lastUsed: used(300) }]),
      person('inactive', [{ lastUsed: used(300), active: false }]),
    ],
    roles: [aRole({ name: 'old', uniqueId: 'AROAOLD', lastUsed: used(150) })],
  });
  await build.account(tenant.id, { name: 'Not scanned' });
});
afterAll(() => app.stop());

describe('the questions people ask most run as they are written', () => {
  it('What is worst right now?', async () => {
    const { findings } = await app.get<{ findings: { totalCount: number; nodes: Record<string, unknown>[] } }>(
      tenant.token,
      WORST,
    );
    expect(findings.totalCount).toBe(findings.nodes.length);
    const idle = findings.nodes.map((node) => node['idleDays']).filter((days) => days !== null) as number[];
    expect(idle.length).toBeGreaterThan(3);
    expect(idle).toEqual([...idle].sort((a, b) => b - a));
    const flagged = findings.nodes.find(
      (node) => (node['identity'] as { accessKeyId?: string }).accessKeyId === 'AKIAIOSFODNN7EXAMPLE',
    );
    expect(flagged).toMatchObject({
      account: { awsAccountId: '111122223333', name: 'Production' },
      identity: { __typename: 'AccessKey', user: { name: 'alice' } },
      url: 'https://console.aws.amazon.com/iam/home#/users/details/alice?section=security_credentials',
    });
  });

  it('Access keys not used for 90 days, whose user is not jenkins or ci, by user', async () => {
    const { identityGroups } = await app.get<{ identityGroups: object }>(tenant.token, UNUSED_KEYS_BY_USER);
    expect(identityGroups).toEqual({
      totalMatched: 3,
      totalUnmatched: 0,
      nodes: [
        { key: 'arn:aws:iam::111122223333:user/alice', label: 'alice', count: 2 },
        { key: 'arn:aws:iam::111122223333:user/bob', label: 'bob', count: 1 },
      ],
    });
  });

  it('Which accounts do we not see properly?', async () => {
    const { accounts } = await app.get<{ accounts: { nodes: { name: string; coverage: string }[] } }>(
      tenant.token,
      BLIND,
    );
    expect(accounts.nodes.map(({ name, coverage }) => [name, coverage])).toContainEqual(['Not scanned', 'PENDING']);
  });

  it('What is this AKIA that I found in a log?', async () => {
    const { lookup } = await app.get<{ lookup: object[] }>(tenant.token, LOOKUP);
    expect(lookup).toEqual([
      {
        __typename: 'AccessKey',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        active: true,
        createdAt: daysAgo(500).toISOString(),
        user: { name: 'alice', arn: 'arn:aws:iam::111122223333:user/alice' },
        lastUsed: { state: 'AT', at: daysAgo(200).toISOString(), region: 'eu-west-1', service: 's3' },
        findings: expect.arrayContaining([{ id: expect.any(String) as string, status: 'OPEN' }]) as unknown,
      },
    ]);
  });

  it('All about one finding, and how to mend it', async () => {
    const { findings } = await app.get<{ findings: { nodes: { id: string }[] } }>(
      tenant.token,
      '{ findings(filter: { check: "unused-role" }) { nodes { id } } }',
    );
    const { finding } = await app.get<{ finding: object }>(tenant.token, FINDING, { id: findings.nodes[0]?.id });
    expect(finding).toMatchObject({
      status: 'OPEN',
      why: expect.stringContaining('idle for 90 days or more') as string,
      idleDays: 150,
      lastSeenAt: AT.toISOString(),
      policy: { name: 'default', version: 0 },
      remediation: { cli: expect.arrayContaining([expect.stringContaining("--role-name 'old'")]) as unknown },
      history: [{ what: 'finding.opened' }],
    });
  });
});
