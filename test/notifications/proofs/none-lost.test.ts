import fc from 'fast-check';
import { wentElsewhere } from '../receiver';
import { runBatch } from './batch';
import { type NotifiedWorld, startNotifiedWorld } from './notified-world';
import { randomTenant, type RandomTenant } from './random-tenant';

const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const TENANTS_AT_ONCE = 12;
/** Then everything starts anew, so that long runs do not slow down by what the earlier ones have left. */
const BATCHES_OF_ONE_SERVICE = 20;

const given = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
};

/** Of tenants, each with up to three endpoints: 12, and 1,200 in the long runs. */
const RUNS = given('DELIVERY_RUNS') ?? (SOAK ? 1_200 : 12);
const SEED = given('DELIVERY_SEED');

jest.setTimeout(SOAK ? 4 * 3_600_000 : 120_000);

let world: NotifiedWorld;

beforeAll(async () => {
  world = await startNotifiedWorld();
});
afterAll(() => world.stop());

/** The same for the same seed. */
const batchOf = (seed: number): RandomTenant[] =>
  fc.sample(randomTenant, { numRuns: Math.min(RUNS, TENANTS_AT_ONCE), seed });

/**
 * Random events of random objects, to endpoints with random filters, whose receiver drops, delays, resets, lies, redirects,
 * asks for patience and wants nothing any more, while people pause, resume, rotate secrets and have things sent again. A
 * failure prints the seed of its batch, which `DELIVERY_SEED` brings back.
 */
test('every event that was asked for is delivered, superseded or visibly failed; none is lost, none invented', async () => {
  const first = SEED ?? Math.floor(Math.random() * 2 ** 31);
  const ends: Record<string, number> = {};
  for (let number = 0; number < Math.ceil(RUNS / TENANTS_AT_ONCE); number += 1) {
    if (number > 0 && number % BATCHES_OF_ONE_SERVICE === 0) {
      await world.stop();
      world = await startNotifiedWorld();
    }
    const seed = first + number;
    const result = await runBatch(world, batchOf(seed));
    for (const [end, count] of Object.entries(result.ends)) ends[end] = (ends[end] ?? 0) + count;
    expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
    expect(wentElsewhere(world.receiver)).toBe(false);
  }
  if (SOAK) process.stderr.write(`${RUNS} tenants from ${first} on: ${JSON.stringify(ends)}\n`);
  expect(ends['delivered']).toBeGreaterThan(0);
  expect(ends['attempts']).toBeGreaterThan(ends['delivered'] ?? 0);
});
