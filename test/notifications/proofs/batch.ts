import { happen, resume } from './happen';
import type { NotifiedWorld } from './notified-world';
import { brokenPromises } from './promises';
import type { RandomTenant } from './random-tenant';
import { RunningTenant } from './running-tenant';
import { whatIsThere } from './what-is-there';

const A_DAY_MINUTES = 26 * 60;
/** Each try has its turn, and some more. */
const MOST_DAYS = 25;

export interface BatchResult {
  /** One line for each broken promise, with the number of its tenant. */
  readonly violations: string[];
  /** How many deliveries ended in each state, and how many requests arrived. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Several random tenants, side by side on one time line, with one receiver on which each endpoint has its own manners. */
export async function runBatch(world: NotifiedWorld, specs: readonly RandomTenant[]): Promise<BatchResult> {
  const tenants = await Promise.all(specs.map((spec) => RunningTenant.begin(world, spec)));
  const steps = Math.max(...specs.map((spec) => spec.steps.length));
  for (let number = 0; number < steps; number += 1) await playStep(world, tenants, number);
  await playEnd(world, tenants);
  return result(tenants);
}

/** Time is one for all: as long as most of them want. */
async function playStep(world: NotifiedWorld, tenants: readonly RunningTenant[], number: number): Promise<void> {
  const minutes = tenants.map(({ spec }) => spec.steps[number]?.minutes ?? 0).sort((a, b) => a - b);
  world.pass(minutes[Math.floor(minutes.length / 2)] ?? 0);
  await Promise.all(
    tenants.map(async (tenant) => {
      for (const sketch of tenant.spec.endpoints) if (sketch.madeAt === number) await tenant.makeEndpoint(sketch);
      for (const happening of tenant.spec.steps[number]?.happenings ?? []) await happen(tenant, happening);
    }),
  );
  await world.turn();
}

/** Everybody is well-behaved and nobody is stopped, until nothing waits. */
async function playEnd(world: NotifiedWorld, tenants: readonly RunningTenant[]): Promise<void> {
  for (const tenant of tenants) {
    for (const endpoint of tenant.endpoints) {
      endpoint.calm = true;
      await resume(tenant, endpoint);
    }
  }
  for (let days = 0; days < MOST_DAYS; days += 1) {
    world.pass(A_DAY_MINUTES);
    await world.turn();
    const [left] = await world.pipeline.rows<{ waiting: number }>(
      "SELECT count(*)::int AS waiting FROM deliveries WHERE state IN ('gathering', 'waiting')",
    );
    if (left?.waiting === 0) return;
  }
}

async function result(tenants: readonly RunningTenant[]): Promise<BatchResult> {
  const violations: string[] = [];
  const ends: Record<string, number> = {};
  const count = (name: string, more = 1): void => void (ends[name] = (ends[name] ?? 0) + more);
  for (const [number, tenant] of tenants.entries()) {
    const there = await whatIsThere(tenant);
    for (const { state } of there.deliveries) count(state);
    count('attempts', there.attempts.length);
    violations.push(
      ...[...tenant.violations, ...brokenPromises(tenant, there)].map((text) => `tenant ${number}: ${text}`),
    );
  }
  return { violations, ends };
}
