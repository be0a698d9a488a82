import { defaultRules } from '../../src/cleanup/rules/cleanup-rules';
import { type CleanUpWorld, platformRules } from './clean-up-world';

/** Roles as long as users and a little longer, so that one wait takes both to the eve of their deletion. */
export const shortenGrace = (world: CleanUpWorld): Promise<void> =>
  platformRules(world.pipeline, {
    ...defaultRules,
    graceDays: { accessKey: 7, password: 7, user: 7, role: 9 },
    approved: { perExecution: 1_000, perPlanAndDay: 10_000 },
  });

/**
 * From quarantine to the eve of deletion: two days before it is announced, users fall silent when their grace is over.
 * With the shortened grace everything is due 50 hours later.
 */
export async function waitOut(world: CleanUpWorld, ...tenantIds: string[]): Promise<void> {
  await world.after({ days: 5, hours: 12 }, ...tenantIds);
  await world.after({ days: 2 }, ...tenantIds);
}
