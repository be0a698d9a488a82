import { TenantDatabase } from '../../src/tenancy/tenant-database';
import { aKey, aPassword, aUser, AT, credentials, daysAgo, never, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

const EVERYTHING = `query ($first: Int!) {
  findings(first: $first, filter: { status: OPEN }) {
    totalCount
    nodes {
      id url history { at } remediation { cli } check { title }
      account { name tenant { name } lastScan { outcome } organization { name } }
      identity {
        name lastUsed { at } tags { key } findings { status } account { name }
        ... on AccessKey { accessKeyId user { name accessKeys { active } password { mfaActive } } }
      }
    }
  }
}`;

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
  for (const part of [1, 2, 3]) {
    await build.inventory(await build.account(tenant.id), {
      at: AT,
      users: Array.from({ length: 40 }, (_, index) =>
        aUser({
          name: `user-${part}-${index}`,
          uniqueId: `AIDA${part}X${index}`,
          tags: { team: 'a' },
          credentials: credentials({
            password: aPassword({ lastUsed: used(1) }),
            accessKeys: [aKey({ createdAt: daysAgo(400), lastUsed: never, accessKeyId: `AKIA${part}X${index}` })],
          }),
        }),
      ),
    });
  }
});
afterAll(() => app.stop());

/** Statements other than those that open and close transactions. */
async function statements(first: number): Promise<{ count: number; transactions: number; findings: number }> {
  let findings = 0;
  const all = await app.app.get(TenantDatabase, { strict: false }).counter.during(async () => {
    const data = await app.get<{ findings: { nodes: object[] } }>(tenant.token, EVERYTHING, { first });
    findings = data.findings.nodes.length;
  });
  const own = all.filter((statement) => !/^(START|COMMIT)|set_config|note_use/.test(statement));
  return { count: own.length, transactions: all.filter((statement) => statement.startsWith('START')).length, findings };
}

describe('findings with everything that hangs on them', () => {
  it('cost the same number of statements for 100 findings as for 5, and not many', async () => {
    const few = await statements(5);
    const many = await statements(100);
    expect([few.findings, many.findings]).toEqual([5, 100]);
    expect(many).toEqual({ ...few, findings: 100 });
    expect(many.count).toBeLessThanOrEqual(20);
    expect(many.transactions).toBeLessThanOrEqual(16);
  });

  it('are not counted unless that is asked for', async () => {
    const { counter } = app.app.get(TenantDatabase, { strict: false });
    const counted = (query: string) =>
      counter
        .during(() => app.get(tenant.token, query))
        .then((all) => all.filter((statement) => /SELECT count\(\*\) FROM findings/.test(statement)).length);
    expect(await counted('{ findings { nodes { id } } }')).toBe(0);
    expect(await counted('{ findings { totalCount } }')).toBe(1);
  });
});
