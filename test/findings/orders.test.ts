import { FindingQueries } from '../../src/findings/finding-queries';
import { FINDING_ORDERS, type FindingOrder } from '../../src/findings/finding';
import type { PageArgs } from '../../src/paging';
import { type LogDatabase, startLog } from '../audit-log/log-database';

/** A page of a tenant's findings costs a page, in every order and however far down: it is read by an index. */
jest.setTimeout(120_000);

const ACCOUNTS = 50;
const FINDINGS = 20_000;
const PAGE = 50;

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  Plans?: Node[];
}

const queries = new FindingQueries();
let database: LogDatabase;
let tenantId: string;

beforeAll(async () => {
  database = await startLog();
  tenantId = await database.createTenant();
  await database.owner.query(
    `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, created_at)
     SELECT '${tenantId}', gen_random_uuid(), 'aws', (100000000000 + n)::text, 'account ' || n % 40, 'registered', 'arn', 'x',
       'owned', now() FROM generate_series(1, ${ACCOUNTS}) n`,
  );
  await database.owner.query(
    `INSERT INTO identities (tenant_id, id, account_id, kind, natural_key, unique_id, arn, name, path, active, detail,
       content_hash, first_seen_at, changed_at)
     SELECT a.tenant_id, gen_random_uuid(), a.id, 'user', n::text, 'AIDA' || n, 'arn:' || n, 'user ' || n, '/', true, '{}',
       'x', now(), now()
     FROM accounts a, generate_series(1, ${FINDINGS / ACCOUNTS}) n WHERE a.tenant_id = '${tenantId}'`,
  );
  await database.owner.query(
    `INSERT INTO findings (tenant_id, id, account_id, identity_id, check_id, status, severity, why, idle_since,
       idle_at_least, policy_name, policy_version, first_seen_at, changed_at)
     SELECT i.tenant_id, gen_random_uuid(), i.account_id, i.id, 'unused-user', 'open',
       (ARRAY['low', 'medium', 'high', 'critical'])[1 + floor(random() * 4)], 'unused',
       CASE WHEN random() < 0.8 THEN now() - make_interval(days => floor(random() * 400)::int) END, random() < 0.5,
       'default', 1, now() - make_interval(days => floor(random() * 90)::int), now()
     FROM identities i WHERE i.tenant_id = '${tenantId}'`,
  );
  await database.owner.query('ANALYZE accounts, identities, findings');
});
afterAll(() => database.stop());

/** The page, and how many findings the database looked at for it. */
const read = (order: FindingOrder, args: PageArgs) =>
  database.tenants.inTenant(tenantId, async (manager) => {
    const sent = jest.spyOn(manager, 'query');
    const page = await queries.page({ manager, tenantId }, { statuses: ['open'] }, order, args);
    const [text = '', values] = sent.mock.lastCall ?? [];
    sent.mockRestore();
    const [row] = await manager.query<{ 'QUERY PLAN': [{ Plan: Node }] }[]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    if (!row) throw new Error('There is no plan.');
    return { page, looked: findingsRead(row['QUERY PLAN'][0].Plan) };
  });

function findingsRead(node: Node): number {
  const own = node['Relation Name'] === 'findings' ? node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) : 0;
  const below = (node.Plans ?? []).map(findingsRead);
  return below.reduce((sum, n) => sum + n, own * node['Actual Loops']);
}

/** A cursor in the middle of the list. */
async function halfWay(order: FindingOrder): Promise<string> {
  const skipped = await database.tenants.inTenant(tenantId, async (manager) => {
    let after: string | undefined;
    for (let pages = 0; pages < FINDINGS / 2 / 200; pages += 1) {
      const page = await queries.page({ manager, tenantId }, { statuses: ['open'] }, order, { first: 200, after });
      after = page.cursors.at(-1);
    }
    return after;
  });
  if (skipped === undefined) throw new Error('There is no cursor.');
  return skipped;
}

/** By account it may read the findings of the accounts that the page touches, and of those with the same names. */
const ENOUGH: Readonly<Record<FindingOrder, number>> = {
  IDLE_DAYS_DESC: 2 * PAGE,
  SEVERITY_DESC: 2 * PAGE,
  FIRST_SEEN_DESC: 2 * PAGE,
  ACCOUNT_ASC: (6 * FINDINGS) / ACCOUNTS,
};

it.each(FINDING_ORDERS)('in the order %s', async (order) => {
  const after = await halfWay(order);
  for (const args of [{ first: PAGE }, { last: PAGE }, { first: PAGE, after }, { last: PAGE, before: after }]) {
    const { page, looked } = await read(order, args);
    expect(page.rows).toHaveLength(PAGE);
    expect(looked).toBeGreaterThanOrEqual(PAGE);
    expect(looked).toBeLessThanOrEqual(ENOUGH[order]);
  }
});
