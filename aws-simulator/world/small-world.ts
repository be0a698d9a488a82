import type { Instant, SimAccount } from './model';
import type { WorldOptions } from './options';
import { World } from './world';

/** Noon, whole seconds: ages in specs are easy to count from it. */
export const START: Instant = Date.UTC(2026, 10, 22, 12);

export interface SmallWorld {
  world: World;
  account: SimAccount;
  accountId: string;
  /** The real clock, set by hand. */
  clock: { now: Instant };
}

/** A world of one empty account with a clock that stands still, for specs that put in what they need. */
export function smallWorld(options: Partial<WorldOptions> = {}): SmallWorld {
  const clock = { now: START };
  const world = new World({
    seed: 1,
    accounts: 1,
    usersPerAccount: 0,
    rolesPerAccount: 0,
    clock: () => clock.now,
    ...options,
  });
  const accountId = world.organization.managementAccountId;
  const account = world.account(accountId);
  if (account === undefined) throw new Error('The management account is missing.');
  account.root.accessKeys = [];
  return { world, account, accountId, clock };
}
