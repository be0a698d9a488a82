import fc from 'fast-check';
import { type CleanUpWorld, startWorld } from '../clean-up-world';
import { runBatch } from './batch';
import { type Circumstances, circumstances, randomWorld } from './random-world';

const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const WORLDS_AT_ONCE = 25;
/** Then everything starts anew, so that long runs do not slow down by what the earlier ones have left. */
const BATCHES_OF_ONE_SERVICE = 20;
const given = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
};

/** Of both kinds of quarantine together 200, and 5,000 in the long runs. */
const RUNS = given('MODEL_RUNS') ?? (SOAK ? 2_500 : 100);
const SEED = given('MODEL_SEED');

/** Each of more than twenty worlds in a hundred. */
const USUAL_ENDS = ['deleted', 'restored', 'refused'];

/**
 * No identity in use is ever lost: random organizations, usage, policies, approvals, exemptions, clocks and misfortunes,
 * against a model that knows what AWS could have told. A run is one account of one tenant, from its first scan to the
 * end of its plan; several share a time line and AWS's unsure habits. A failure prints the seed of its batch, which
 * `MODEL_SEED` brings back.
 *
 * `ends`: stages in which some of the items of a long run must end, or else it would say nothing about them.
 */
export function nothingInUseIsLost(kind: Pick<Circumstances, 'shortGrace'>, ends: readonly string[]): void {
  let world: CleanUpWorld;
  jest.setTimeout(SOAK ? 4 * 3_600_000 : 300_000);

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  test('no identity in use is ever lost', async () => {
    const stages: Record<string, number> = {};
    const batches = Math.ceil(RUNS / WORLDS_AT_ONCE);
    const first = SEED ?? Math.floor(Math.random() * 2 ** 31);
    let deletions = 0;
    for (let number = 0; number < batches; number += 1) {
      const seed = first + number;
      if (number > 0 && number % BATCHES_OF_ONE_SERVICE === 0) {
        await world.stop();
        world = await startWorld();
      }
      const result = await runBatch(world, ...batchOf(kind, seed));
      deletions += result.deletions;
      for (const [stage, items] of Object.entries(result.stages)) stages[stage] = (stages[stage] ?? 0) + items;
      expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
    }
    if (SOAK) process.stderr.write(`${RUNS} worlds from ${first} on: ${JSON.stringify({ deletions, ...stages })}\n`);
    if (batches < 2) return;
    expect(deletions).toBeGreaterThan(0);
    // Of few worlds not each kind of end is to be expected, and of very few not even the usual ones.
    if (RUNS < 100) return;
    for (const stage of RUNS < 1_000 ? USUAL_ENDS : ends) expect(stages).toHaveProperty(stage);
    expect(deletions).toBeGreaterThan(RUNS / 10);
  });
}

/** The same for the same seed. */
function batchOf(kind: Pick<Circumstances, 'shortGrace'>, seed: number) {
  const worlds = fc.array(randomWorld(kind), { minLength: WORLDS_AT_ONCE, maxLength: WORLDS_AT_ONCE });
  const [batch] = fc.sample(fc.tuple(circumstances(kind), worlds), { numRuns: 1, seed });
  if (!batch) throw new Error('Nothing was made up.');
  return batch;
}
