import type { Simulation } from '../simulation';
import { describeRole, describeUser } from '../world/describe';
import type { SimAccount, SimPrincipal, SimRole } from '../world/model';
import { WorldError } from '../world/world-error';

/** One of the three; names without regard to case. */
export interface IdentityName {
  accountId: string;
  userName?: string;
  roleName?: string;
  uniqueId?: string;
}

/** One identity as a text that is the same as long as nothing but its use changes. Throws NoSuchEntity. */
export function describe(simulation: Simulation, { accountId, ...wanted }: IdentityName): string {
  const account = simulation.world.account(accountId);
  const user = account && find(account.users, wanted.userName, wanted.uniqueId);
  const role = account && find(account.roles, wanted.roleName, wanted.uniqueId);
  if (account && user) return describeUser(account, user);
  if (account && role) return ofRole(simulation, account, role);
  throw new WorldError('NoSuchEntity', `There is no such identity in ${accountId}: ${JSON.stringify(wanted)}.`);
}

/** Every user and role of an account, by unique id. */
export function describeAll(simulation: Simulation, accountId: string): Record<string, string> {
  const account = simulation.world.account(accountId);
  if (!account) throw new WorldError('NoSuchEntity', `There is no account ${accountId}.`);
  return Object.fromEntries([
    ...[...account.users.values()].map((user) => [user.uniqueId, describeUser(account, user)]),
    ...[...account.roles.values()].map((role) => [role.uniqueId, ofRole(simulation, account, role)]),
  ]) as Record<string, string>;
}

const ofRole = ({ trust }: Simulation, account: SimAccount, role: SimRole): string =>
  describeRole(account, role, trust.shown(account, role));

function find<T extends SimPrincipal>(
  held: ReadonlyMap<string, T>,
  name: string | undefined,
  uniqueId: string | undefined,
): T | undefined {
  if (name !== undefined) return held.get(name.toLowerCase());
  if (uniqueId === undefined) return undefined;
  for (const identity of held.values()) if (identity.uniqueId === uniqueId) return identity;
  return undefined;
}
