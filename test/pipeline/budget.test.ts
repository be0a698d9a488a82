import { setTimeout as sleep } from 'node:timers/promises';
import { startPipeline, type Pipeline } from '../harness/pipeline';
import { differences } from './comparison';

/**
 * What reading a large account costs, with the service's own pacing against a limit of 20 requests a second for all of
 * IAM. Few of the young account's users are flagged, so that the run is short; the soak run takes one where most are.
 */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const USERS = 1_000;
const KEYS = 1_500;
const ROLES = 1_000;
const DAYS = 90;
/** What is asked of users about to be flagged, beyond the scan itself. */
const LOOK_UPS = ['ListAccessKeys', 'GetAccessKeyLastUsed', 'ListSSHPublicKeys', 'ListServiceSpecificCredentials'];

jest.setTimeout(SOAK ? 600_000 : 120_000);

interface Version {
  id: string;
  version: string;
}

describe(`an account of ${USERS} users, ${KEYS} keys and ${ROLES} roles at 20 requests a second`, () => {
  let pipeline: Pipeline;
  let tenantId: string;
  let accountId: string;
  const since = new Date();

  beforeAll(async () => {
    pipeline = await startPipeline({
      // The service's own pacing, which must fit the limit without knowing it, and its own leases: a lease that is lost
      // on a busy machine makes the scan begin again.
      config: { leaseMs: 30_000 },
      simulator: {
        seed: 3,
        accounts: 1,
        usersPerAccount: USERS,
        rolesPerAccount: ROLES,
        shape: { ages: SOAK ? 'typical' : 'young' },
        latencyMs: 20,
        pacing: { iamTogether: { rate: 20, burst: 20 } },
      },
    });
    accountId = pipeline.simulator.world.organization.managementAccountId;
    tenantId = await pipeline.createTenant();
    await pipeline.connectOrganization();
    const account = pipeline.simulator.world.account(accountId);
    const keys = [...(account?.users.values() ?? [])].flatMap((user) => user.accessKeys);
    expect([account?.users.size, keys.length]).toEqual([USERS, KEYS]);
    expect(account?.roles.size).toBeGreaterThanOrEqual(ROLES);
    pipeline.simulator.control.resetCounters();
  });
  afterAll(() => pipeline.stop());

  const iamCalls = () =>
    pipeline.simulator.control.log({ service: 'iam', accountId, limit: 10_000 }).map(({ action }) => action);
  const judged = async (): Promise<boolean> =>
    (await pipeline.rows("SELECT 1 FROM tasks WHERE kind = 'judge-account' AND state = 'done'")).length > 0;
  const openFindings = () =>
    pipeline.rows<{ id: string; check_id: string }>(
      `SELECT f.id, f.check_id FROM findings f JOIN identities i ON i.id = f.identity_id
       WHERE f.status = 'open' ORDER BY 1`,
    );
  const eventsOf = (findingIds: readonly string[]) =>
    pipeline.rows("SELECT id FROM events WHERE object_type = 'finding' AND object_id = ANY ($1) ORDER BY id", [
      findingIds,
    ]);
  const versions = (table: 'identities' | 'findings' | 'identity_tags' | 'unknown_verdicts', id: string) =>
    pipeline.rows<Version>(`SELECT ${id} AS id, xmin || ' ' || ctid AS version FROM ${table} ORDER BY 1`);

  test('is judged after at most 6 calls, but for unused-user and the ids of keys', async () => {
    await pipeline.assign(tenantId, [accountId]);
    for (const end = Date.now() + 60_000; !(await judged()); await sleep(10)) expect(Date.now()).toBeLessThan(end);
    const early = await openFindings();
    const calls = iamCalls();
    expect(calls.filter((action) => !LOOK_UPS.includes(action)).length).toBeLessThanOrEqual(6);
    // The findings were there before the first look-up: judging is one transaction, which has not asked anyone.
    const [first] = pipeline.simulator.control
      .log({ service: 'iam', accountId, limit: 10_000 })
      .filter(({ action }) => LOOK_UPS.includes(action));
    const [done] = await pipeline.rows<{ at: Date }>(
      "SELECT min(changed_at) AS at FROM findings WHERE check_id <> 'unused-user'",
    );
    if (first && done) expect(new Date(first.at).getTime()).toBeGreaterThan(done.at.getTime());

    await pipeline.settle({ timeoutMs: SOAK ? 500_000 : 90_000 });
    const late = await openFindings();
    expect(late.filter(({ check_id }) => check_id !== 'unused-user')).toEqual(
      early.filter(({ check_id }) => check_id !== 'unused-user'),
    );
    expect(early.length).toBeGreaterThan(100);
    expect(await differences(pipeline, DAYS, since)).toMatchObject({ accounts: 1, differing: [] });
  });

  test('knows the ids of all flagged keys after at most one more call for each flagged user', async () => {
    const flagged = await pipeline.rows<{ owner_id: string; twins: boolean }>(
      `SELECT k.owner_id, bool_or(EXISTS (
         SELECT 1 FROM identities o WHERE o.owner_id = k.owner_id AND o.id <> k.id AND o.kind = 'access-key'
           AND date_trunc('second', o.born_at) = date_trunc('second', k.born_at))) AS twins
       FROM findings f JOIN identities k ON k.id = f.identity_id
       WHERE k.kind = 'access-key' AND NOT k.is_root AND f.status = 'open' GROUP BY k.owner_id`,
    );
    const counts = countBy(iamCalls());
    expect(flagged.length).toBeGreaterThan(10);
    expect(counts.get('ListAccessKeys') ?? 0).toBeLessThanOrEqual(flagged.length);
    // Of two keys that were made in one second, creation does not tell which is which: these are asked for their use.
    expect(counts.get('GetAccessKeyLastUsed') ?? 0).toBeLessThanOrEqual(
      2 * flagged.filter(({ twins }) => twins).length,
    );
    const nameless = await pipeline.rows(
      `SELECT k.arn, k.key_id_problem FROM findings f JOIN identities k ON k.id = f.identity_id
       WHERE k.kind = 'access-key' AND NOT k.is_root AND f.status = 'open' AND k.access_key_id IS NULL`,
    );
    expect(nameless).toEqual([]);
  });

  test('has under 1 % of its calls throttled', () => {
    const { byAccount } = pipeline.simulator.control.counters();
    const counted = byAccount[accountId];
    expect(counted?.total).toBeGreaterThan(20);
    expect((counted?.throttled ?? 0) / (counted?.total ?? 1)).toBeLessThan(0.01);
  });

  test('costs at most 6 calls to scan again, and no unchanged row is written', async () => {
    const before = {
      identities: await versions('identities', 'id::text'),
      tags: await versions('identity_tags', "identity_id || ' ' || key"),
      findings: await versions('findings', 'id::text'),
      unknown: await versions('unknown_verdicts', "identity_id || ' ' || check_id"),
      events: await eventsOf((await openFindings()).map(({ id }) => id)),
    };
    pipeline.simulator.control.resetCounters();
    await pipeline.sweep(tenantId);
    await pipeline.settle();
    expect(iamCalls().length).toBeLessThanOrEqual(6);
    // Scanning uses the scan role, whose own last use therefore has moved: that row alone may differ.
    const [own] = await pipeline.rows<{ id: string }>("SELECT id FROM identities WHERE name = 'mothball-scan'");
    const but = (rows: Version[]): Version[] => rows.filter(({ id }) => id !== own?.id);
    expect(own).toBeDefined();
    expect(but(await versions('identities', 'id::text'))).toEqual(but(before.identities));
    expect(await versions('identity_tags', "identity_id || ' ' || key")).toEqual(before.tags);
    // In the meantime something may have passed its threshold, which is a new row.
    const known = new Set(before.findings.map(({ id }) => id));
    expect((await versions('findings', 'id::text')).filter(({ id }) => known.has(id))).toEqual(before.findings);
    expect(await differences(pipeline, DAYS, since)).toMatchObject({ differing: [] });
    expect(await versions('unknown_verdicts', "identity_id || ' ' || check_id")).toEqual(before.unknown);
    expect(await eventsOf([...known])).toEqual(before.events);
    const [scan] = await pipeline.rows<{ rows_written: number; aws_call_count: number }>(
      'SELECT rows_written, aws_call_count FROM scans ORDER BY created_at DESC LIMIT 1',
    );
    expect(scan?.rows_written).toBeLessThanOrEqual(1);
    // With AssumeRole, which is STS's.
    expect(scan?.aws_call_count).toBeLessThanOrEqual(7);
  });
});

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
