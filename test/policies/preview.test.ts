import fc from 'fast-check';
import { JudgingService } from '../../src/findings/judging.service';
import { Outlook } from '../../src/findings/policies/previews/outlook.service';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { parsePolicyDocument, type PolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { PolicyPreviews } from '../../src/findings/policies/previews/policy-previews.service';
import type { PreviewChange } from '../../src/findings/policies/previews/policy-preview';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { aPolicy, type Pools } from './random-policies';

jest.setTimeout(240_000);

const SEED = Number(process.env['MOTHBALL_TEST_SEED'] ?? Date.now() % 2 ** 31);
const BY = { name: 'test', standsFor: 'test' };

type Statuses = Map<string, string>;

describe(`a preview (seed ${SEED}; MOTHBALL_TEST_SEED repeats it)`, () => {
  let pipeline: Pipeline;
  let tenantId: string;
  let accountIds: string[];
  let pools: Pools;

  beforeAll(async () => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced },
      simulator: { seed: SEED % 1_000, accounts: 3, usersPerAccount: 15, rolesPerAccount: 12 },
    });
    tenantId = await pipeline.createTenant();
    await pipeline.connectOrganization();
    const found = await pipeline.rows<{ aws_account_id: string }>('SELECT aws_account_id FROM accounts');
    await pipeline.assign(
      tenantId,
      found.map((row) => row.aws_account_id),
    );
    await pipeline.settle();
    const accounts = await pipeline.rows<{ id: string; aws_account_id: string; name: string; ou_path: string | null }>(
      'SELECT id, aws_account_id, name, ou_path FROM accounts WHERE users_read_at IS NOT NULL ORDER BY id',
    );
    accountIds = accounts.map(({ id }) => id);
    expect(accountIds.length).toBeGreaterThan(2);
    const identities = await pipeline.rows<{ name: string; path: string }>(
      "SELECT DISTINCT name, path FROM identities WHERE kind IN ('user', 'role') AND NOT is_root ORDER BY name",
    );
    pools = {
      accounts: accounts.flatMap(({ aws_account_id, name }) => [aws_account_id, `${name.slice(0, 4)}*`]),
      organizationalUnits: ['/', ...new Set(accounts.flatMap(({ ou_path }) => ou_path ?? []))],
      identityTags: await pipeline.rows<{ key: string; value: string }>(
        'SELECT DISTINCT key, value FROM identity_tags ORDER BY key, value LIMIT 50',
      ),
      paths: [...new Set(identities.map(({ path }) => path))],
      names: identities.map(({ name }) => name),
    };
  });
  afterAll(() => pipeline.stop());

  /** Afterwards all that policies could ask AWS about has been asked: from then on only policies change findings. */
  test('counts the users of whom AWS must be asked first', async () => {
    const documents = [everybodyAtOnce];
    const asked = { documents, mode: 'REPLACE' as const };
    const toAsk = await pipeline.tenants.inTenant(tenantId, async (manager) => {
      const { after, accounts } = await pipeline.get(Outlook).changed(manager, tenantId, { ...asked, asAgreed: false });
      let sum = 0;
      for (const { id: accountId } of accounts) {
        sum += (await pipeline.get(Outlook).of(manager, { tenantId, accountId }, after)).toAsk;
      }
      return sum;
    });
    expect(toAsk).toBeGreaterThan(0);
    const looked = "SELECT count(*)::int AS n FROM identities WHERE kind = 'user' AND other_credentials_at IS NOT NULL";
    const [before] = await pipeline.rows<{ n: number }>(looked);
    await apply(asked);
    await pipeline.settle();
    const [after] = await pipeline.rows<{ n: number }>(looked);
    expect((after?.n ?? 0) - (before?.n ?? 0)).toBe(toAsk);
    for (const mode of ['never-signed-in-and-no-key', 'idle'] as const) {
      await apply({ documents: [withMode(mode)], mode: 'REPLACE' });
      await pipeline.settle();
    }
  });

  const statuses = async (): Promise<Statuses> => {
    const rows = await pipeline.rows<{ identity_id: string; check_id: string; status: string }>(
      'SELECT identity_id, check_id, status FROM findings',
    );
    return new Map(rows.map((row) => [`${row.identity_id} ${row.check_id}`, row.status]));
  };
  const judgeAll = async (): Promise<void> => {
    for (const accountId of accountIds) {
      await pipeline.tenants.inTenant(tenantId, (manager) =>
        pipeline.get(JudgingService).judge(manager, tenantId, accountId),
      );
    }
  };
  const foreseen = (asked: { documents: PolicyDocument[]; mode: 'REPLACE' | 'MERGE' }): Promise<Statuses> =>
    pipeline.tenants.inTenant(tenantId, async (manager) => {
      const outlook = pipeline.get(Outlook);
      const { after, accounts } = await outlook.changed(manager, tenantId, { ...asked, asAgreed: false });
      const changes: Statuses = new Map();
      for (const { id: accountId } of accounts) {
        const seen = await outlook.of(manager, { tenantId, accountId }, after);
        for (const { identityId, checkId, change } of seen.changes) changes.set(`${identityId} ${checkId}`, change);
      }
      return changes;
    });
  const happened = (before: Statuses, after: Statuses): Statuses => {
    const changes: Statuses = new Map();
    for (const [key, now] of after) {
      const was = before.get(key) ?? null;
      if (was !== now) changes.set(key, changeBetween(was, now));
    }
    return changes;
  };
  const apply = (asked: { documents: PolicyDocument[]; mode: 'REPLACE' | 'MERGE' }): Promise<unknown> =>
    pipeline.tenants.inTenant(tenantId, (manager) => pipeline.get(PoliciesService).apply(manager, tenantId, asked, BY));

  test('says exactly what saving then does, for 200 random sets of policies', async () => {
    const seen: Record<string, number> = {};
    let unchanged = 0;
    const set = fc
      .uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 })
      .chain((numbers) =>
        fc.tuple(
          fc.tuple(...numbers.map((number) => aPolicy(`policy-${number}`, pools))),
          fc.constantFrom('REPLACE' as const, 'MERGE' as const),
        ),
      );
    await fc.assert(
      fc.asyncProperty(set, async ([written, mode]) => {
        const asked = { documents: written.map((one) => parsePolicyDocument(one)), mode };
        const before = await statuses();
        const told = await foreseen(asked);
        expect(await statuses()).toEqual(before);
        await apply(asked);
        await judgeAll();
        const done = happened(before, await statuses());
        expect(told).toEqual(done);
        for (const change of done.values()) seen[change] = (seen[change] ?? 0) + 1;
        if (done.size === 0) unchanged++;
      }),
      { seed: SEED, numRuns: 200, endOnFailure: true },
    );
    // It would prove nothing if hardly anything ever changed.
    expect(Object.keys(seen).sort()).toEqual(['exempted', 'opened', 'reopened', 'resolved']);
    expect(unchanged).toBeLessThan(150);
    await pipeline.settle();
  });

  test('is kept by its task: counts, progress and each change', async () => {
    const documents = [
      parsePolicyDocument({
        ...{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'kept' },
        checks: { 'unused-role': { idleDays: 1 }, 'unused-user': { enabled: false } },
        exclusions: { users: ['*a*'] },
      }),
    ];
    const asked = { documents, mode: 'REPLACE' as const };
    const before = await statuses();
    const id = await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(PolicyPreviews).request(manager, tenantId, { ...asked, asAgreed: false }, 'test'),
    );
    await pipeline.settle();
    const [preview] = await pipeline.rows<Record<string, unknown>>('SELECT * FROM policy_previews WHERE id = $1', [id]);
    const rows = await pipeline.rows<{ identity_id: string; check_id: string; change: PreviewChange }>(
      'SELECT identity_id, check_id, change FROM policy_preview_changes WHERE preview_id = $1',
      [id],
    );
    await apply(asked);
    await pipeline.settle();
    const after = await statuses();
    const done = happened(before, after);
    expect(done.size).toBeGreaterThan(10);
    expect(new Map(rows.map((row) => [`${row.identity_id} ${row.check_id}`, row.change]))).toEqual(done);
    const count = (change: string): number => [...done.values()].filter((one) => one === change).length;
    const standing = [...after].filter(([key, now]) => now !== 'resolved' && before.get(key) === now).length;
    expect(preview).toMatchObject({
      ...{ state: 'finished', accounts: accountIds.length, accounts_done: accountIds.length },
      ...{ opened: count('opened'), resolved: count('resolved'), reopened: count('reopened') },
      ...{ exempted: count('exempted'), unchanged: standing },
    });
  });
});

const withMode = (mode: string) =>
  parsePolicyDocument({
    ...{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'everybody' },
    checks: {
      'unused-access-key': { idleDays: 1 },
      'unused-user': { idleDays: 1, mode },
      'access-key-not-rotated': { idleDays: 1 },
      'inactive-access-key': { idleDays: 1 },
    },
    exclusions: { users: [], roles: [] },
  });
const everybodyAtOnce = withMode('idle');

function changeBetween(was: string | null, now: string): PreviewChange {
  if (now === 'resolved') return 'resolved';
  if (now === 'exempt') return 'exempted';
  return was === 'resolved' ? 'reopened' : 'opened';
}
