import type { World } from '../../../aws-simulator/world/world';
import { allowedServices } from '../../../aws-simulator/services/iam/allowed-services';
import type { SimAccount, SimPrincipal, SimRole, SimUser } from '../../../aws-simulator/world/model';
import type { Switches } from '../../../aws-simulator/switches';

export interface SeenKey {
  readonly active: boolean;
  /** The later of last use and creation, in milliseconds. */
  readonly idleSince: number;
}

/** What AWS's own data tell of one user or role at one moment; worked out from the simulator's data, not by the service. */
export interface Seen {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly boundaryArn: string | null;
  /** The later of creation and any use that has surfaced, of anything that belongs to it. */
  readonly idleSince: number;
  /** The same by service-last-accessed data, which counts attempts in vain; 0: it lists none. */
  readonly attemptedAt: number;
  readonly keys: ReadonlyMap<string, SeenKey>;
  /** Null: no password. */
  readonly passwordIdleSince: number | null;
}

/** Everything in an account, by unique id. */
export function look(world: World, switches: Switches, accountId: string): Map<string, Seen> {
  const account = world.account(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  const attempted = (identity: SimPrincipal): number => attemptsOf(world, switches, account, identity);
  return new Map([
    ...[...account.users.values()].map((user) => [user.uniqueId, ofUser(world, user, attempted(user))] as const),
    ...[...account.roles.values()].map((role) => [role.uniqueId, ofRole(world, role, attempted(role))] as const),
  ]);
}

function ofUser(world: World, user: SimUser, attemptedAt: number): Seen {
  const keys = new Map(
    user.accessKeys.map((key) => [
      key.accessKeyId,
      { active: key.active, idleSince: Math.max(key.createdAt, world.keyLastUse(key)?.at ?? 0) },
    ]),
  );
  const signedInAt = world.passwordLastUse(user) ?? 0;
  return {
    kind: 'user',
    name: user.name,
    boundaryArn: user.boundaryArn,
    idleSince: Math.max(user.createdAt, signedInAt, ...[...keys.values()].map(({ idleSince }) => idleSince)),
    attemptedAt,
    keys,
    passwordIdleSince: user.password && Math.max(user.password.lastChangedAt, signedInAt),
  };
}

const ofRole = (world: World, role: SimRole, attemptedAt: number): Seen => ({
  kind: 'role',
  name: role.name,
  boundaryArn: role.boundaryArn,
  idleSince: Math.max(role.createdAt, world.roleLastUse(role)?.at ?? 0),
  attemptedAt,
  keys: new Map(),
  passwordIdleSince: null,
});

function attemptsOf(world: World, switches: Switches, account: SimAccount, identity: SimPrincipal): number {
  const listed = new Set(allowedServices(account, identity, switches.inlineDenyAllEmptiesServiceLastAccessed));
  const visible = [...identity.serviceAttempts].filter(
    ([service, at]) => listed.has(service) && at <= world.now() - switches.serviceLastAccessedLagMs,
  );
  return Math.max(0, ...visible.map(([, at]) => at));
}
