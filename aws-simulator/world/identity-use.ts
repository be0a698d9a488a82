import type { Instant, LastUse, SimAccessKey, SimAccount, SimRole, SimUser } from './model';
import type { WorldSwitches } from './options';
import type { LastUses } from './last-use';
import type { TimeLine } from './time-line';
import { WorldError } from './world-error';

/**
 * One use, now. Exactly one way in: `roleName`; `accessKeyId` (a user's or root's); `userName` with `password`; or
 * `userName` alone, which uses the user's first active key.
 */
export interface IdentityUse {
  accountId: string;
  userName?: string;
  roleName?: string;
  accessKeyId?: string;
  /** A sign-in to the console. */
  password?: boolean;
  /** Service namespace, `s3`; default `sts`. */
  service?: string;
  /** Default `us-east-1`. */
  region?: string;
  /** When, if not now; in the past. A date that is later already stays. */
  at?: Instant;
  /** The request was refused: it shows in service-last-accessed data, elsewhere only by a switch. */
  denied?: boolean;
}

export interface UseSurroundings {
  time: TimeLine;
  lastUses: LastUses;
  switches: WorldSwitches;
}

/** Services without regions: IAM reports their region as `N/A`. */
const GLOBAL_SERVICES = new Set(['iam', 'organizations', 's3', 'cloudfront', 'route53']);

export const regionShown = (service: string, region: string): string => (GLOBAL_SERVICES.has(service) ? 'N/A' : region);

const missing = (what: string): WorldError => new WorldError('NoSuchEntity', `${what} cannot be found.`);

/** The user of that name, without regard to case. Throws NoSuchEntity. */
export function userNamed(account: SimAccount, name: string): SimUser {
  const user = account.users.get(name.toLowerCase());
  if (user === undefined) throw missing(`The user with name ${name}`);
  return user;
}

/** The role of that name, without regard to case. Throws NoSuchEntity. */
export function roleNamed(account: SimAccount, name: string): SimRole {
  const role = account.roles.get(name.toLowerCase());
  if (role === undefined) throw missing(`The role with name ${name}`);
  return role;
}

/** A key of the account and whose it is; null is root. Throws NoSuchEntity. */
export function keyOf(account: SimAccount, accessKeyId: string): { key: SimAccessKey; user: SimUser | null } {
  for (const user of account.users.values()) {
    const key = user.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
    if (key !== undefined) return { key, user };
  }
  const key = account.root.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (key === undefined) throw missing(`The Access Key with id ${accessKeyId}`);
  return { key, user: null };
}

/** Records a use and says whether anything that AWS shows can have moved. */
export function useIdentity(world: UseSurroundings, account: SimAccount, use: IdentityUse): boolean {
  const service = use.service ?? 'sts';
  const at = use.at ?? world.time.second();
  if (at > world.time.now()) throw new WorldError('InvalidInput', 'A use cannot be in the future: travel first.');
  const made: LastUse = { at, service, region: regionShown(service, use.region ?? 'us-east-1') };
  const counts = use.denied !== true || world.switches.deniedMovesLastUse;
  if (use.roleName !== undefined) {
    const role = roleNamed(account, use.roleName);
    world.lastUses.recordAttempt(role, service, at);
    if (counts && isNewer(made, role.lastUse)) world.lastUses.record(role, made);
    return true;
  }
  if (use.password === true) return signIn(world, account, use, at);
  const { key, user } = keyInUse(account, use);
  if (!key.active && !world.switches.inactiveKeyMovesLastUse) return false;
  if (user !== null) world.lastUses.recordAttempt(user, service, at);
  if (counts && isNewer(made, key.lastUse)) world.lastUses.record(key, made);
  return counts || user !== null;
}

const isNewer = (use: LastUse, known: LastUse | null): boolean => known === null || known.at <= use.at;

function signIn(world: UseSurroundings, account: SimAccount, use: IdentityUse, at: Instant): boolean {
  if (use.userName === undefined) {
    if ((account.root.passwordLastUsedAt ?? at) <= at) world.lastUses.recordSignIn(account.root, at);
    return true;
  }
  const user = userNamed(account, use.userName);
  if (user.password === null) throw missing(`Login Profile for User ${user.name}`);
  if ((user.passwordLastUsedAt ?? at) <= at) world.lastUses.recordSignIn(user, at);
  // What is done after signing in counts for the user, as it does with a key.
  if (use.service !== undefined) world.lastUses.recordAttempt(user, use.service, at);
  return true;
}

function keyInUse(account: SimAccount, use: IdentityUse): { key: SimAccessKey; user: SimUser | null } {
  if (use.accessKeyId !== undefined) return keyOf(account, use.accessKeyId);
  if (use.userName === undefined) {
    throw new WorldError('InvalidInput', 'Say what is used: roleName, accessKeyId, or userName.');
  }
  const user = userNamed(account, use.userName);
  const key = user.accessKeys.find((candidate) => candidate.active);
  if (key === undefined) throw missing(`An active access key of ${user.name}`);
  return { key, user };
}
