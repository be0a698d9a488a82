import type { Indistinguishable } from '../../aws-simulator/world/indistinguishable';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { differences, findingsOf } from './comparison';

/** Seeds × shapes of accounts: the findings must equal what the simulator knows to be unused, by rules of its own. */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const AGES = ['typical', 'young', 'neglected', 'edges'] as const;
const SEEDS = Array.from({ length: SOAK ? 80 : 20 }, (_, index) => index + 1);
const DAYS = 90;

jest.setTimeout(SOAK ? 600_000 : 120_000);

describe('findings equal the truth', () => {
  let pipeline: Pipeline;

  afterEach(() => pipeline.stop());

  test.each(SEEDS)('seed %i', async (seed) => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced },
      simulator: {
        seed,
        accounts: 3,
        usersPerAccount: 20 + (seed % 5) * 10,
        rolesPerAccount: 30 + (seed % 3) * 20,
        shape: { ages: AGES[seed % AGES.length] ?? 'typical' },
        // A report that is there at once; how it is waited for has tests of its own.
        switches: { report: { pendingPolls: 0 } },
      },
    });
    const { simulator } = pipeline;
    const tenantId = await pipeline.createTenant();
    const from = new Date();
    await pipeline.connectOrganization();
    await pipeline.assign(tenantId, [...simulator.world.organization.accounts.keys()]);
    await pipeline.settle();

    const compared = await differences(pipeline, DAYS, from);
    expect(compared.accounts).toBe(3);
    if (compared.differing.length > 0) {
      throw new Error(
        `Seed ${seed}:\n${compared.differing.join('\n')}\nTolerated as indistinguishable: ${describeAll(compared.tolerated)}`,
      );
    }
    const found = await findingsOf(pipeline);
    expect(found.length).toBeGreaterThan(10);

    // What must never be flagged, whatever the truth's own rules say.
    const reserved = found.filter((row) => /:role\/aws-(service-role|reserved)\//.test(row.arn));
    expect(reserved).toEqual([]);
    const young = await pipeline.rows(
      `SELECT i.arn FROM findings f JOIN identities i ON i.id = f.identity_id JOIN accounts a ON a.id = f.account_id
       WHERE f.status = 'open' AND f.check_id LIKE 'unused-%' AND i.last_used_state = 'never' AND i.born_at > a.users_read_at - interval '${DAYS} days'`,
    );
    expect(young).toEqual([]);
    // Never used and old: always, by each identity's own check.
    const old = await pipeline.rows<{ arn: string }>(
      `SELECT i.arn FROM identities i JOIN accounts a ON a.id = i.account_id
       WHERE i.gone_at IS NULL AND i.active AND NOT i.is_root AND i.last_used_state = 'never'
         AND i.born_at < a.users_read_at - interval '${DAYS} days' AND i.path !~ '^/aws-(service-role|reserved)/'
         AND i.name <> 'OrganizationAccountAccessRole'
         AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.identity_id = i.id AND f.status = 'open' AND f.check_id LIKE 'unused-%')`,
    );
    expect(old).toEqual([]);
  });
});

const describeAll = (tolerated: readonly Indistinguishable[]): string =>
  tolerated.map(({ name, reason, check }) => `${name} (${check ?? 'any check'}: ${reason})`).join(', ') || 'none';
