import type { Indistinguishable } from '../../aws-simulator/world/indistinguishable';
import { startPipeline, type Pipeline } from '../harness/pipeline';

/** Seeds × shapes of accounts: the findings must equal what the simulator knows to be unused, by rules of its own. */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const AGES = ['typical', 'young', 'neglected', 'edges'] as const;
const SEEDS = Array.from({ length: SOAK ? 80 : 20 }, (_, index) => index + 1);
const DAYS = 90;

interface Found {
  check_id: string;
  aws_account_id: string;
  arn: string;
  unique_id: string;
  access_key_id: string | null;
  user_name: string | null;
}

jest.setTimeout(SOAK ? 600_000 : 120_000);

describe('findings equal the truth', () => {
  let pipeline: Pipeline;

  afterEach(() => pipeline.stop());

  test.each(SEEDS)('seed %i', async (seed) => {
    pipeline = await startPipeline({
      simulator: {
        seed,
        accounts: 3,
        usersPerAccount: 20 + (seed % 5) * 10,
        rolesPerAccount: 30 + (seed % 3) * 20,
        shape: { ages: AGES[seed % AGES.length] ?? 'typical' },
      },
    });
    const { simulator } = pipeline;
    const tenantId = await pipeline.createTenant();
    const from = new Date();
    await pipeline.connectOrganization();
    await pipeline.assign(tenantId, [...simulator.world.organization.accounts.keys()]);
    await pipeline.settle();

    const found = await pipeline.rows<Found>(
      `SELECT f.check_id, a.aws_account_id, i.arn, i.unique_id, i.access_key_id, i.user_name
       FROM findings f JOIN identities i ON i.id = f.identity_id JOIN accounts a ON a.id = f.account_id
       WHERE f.status = 'open' AND f.check_id <> 'inactive-access-key'`,
    );
    const scanned = await pipeline.rows<{ aws_account_id: string; users_read_at: Date }>(
      `SELECT aws_account_id, users_read_at FROM accounts WHERE last_scan_outcome = 'complete'`,
    );
    expect(scanned.length).toBeGreaterThan(1);

    const expected = new Set<string>();
    const undecidable: Indistinguishable[] = [];
    for (const account of scanned) {
      const at = simulator.world.instantOf(account.users_read_at);
      for (const { items } of simulator.world.truth(account.aws_account_id, DAYS, { at })) {
        for (const item of items) expected.add(nameOf(item.check, item.uniqueId, item.accessKeyId ?? null));
      }
      const window = { from: simulator.world.instantOf(from), to: simulator.world.now() };
      undecidable.push(...simulator.world.indistinguishable(account.aws_account_id, DAYS, window));
    }
    const actual = new Set(found.map((row) => nameOf(row.check_id, row.unique_id, row.access_key_id)));
    const differing = [...symmetricDifference(expected, actual)].filter(
      (name) => !undecidable.some(({ uniqueId }) => name.includes(uniqueId)),
    );
    expect(differing).toEqual([]);
    expect(actual.size).toBeGreaterThan(10);

    // What must never be flagged, whatever the truth's own rules say.
    const reserved = found.filter((row) => /:role\/aws-(service-role|reserved)\//.test(row.arn));
    expect(reserved).toEqual([]);
    const young = await pipeline.rows(
      `SELECT i.arn FROM findings f JOIN identities i ON i.id = f.identity_id
       WHERE f.status = 'open' AND f.check_id LIKE 'unused-%' AND i.last_used_state = 'never' AND i.born_at > now() - interval '${DAYS} days'`,
    );
    expect(young).toEqual([]);
  });
});

/** A key's own checks name the key; `second-active-key` is one finding a user, on the one of its keys that is used less. */
const nameOf = (check: string, uniqueId: string, accessKeyId: string | null): string =>
  check === 'unused-access-key' || check === 'access-key-not-rotated'
    ? `${check} ${uniqueId} ${accessKeyId}`
    : `${check} ${uniqueId}`;

const symmetricDifference = (one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> =>
  new Set([
    ...[...one].filter((name) => !other.has(name)).map((name) => `missing: ${name}`),
    ...[...other].filter((name) => !one.has(name)).map((name) => `wrong: ${name}`),
  ]);
