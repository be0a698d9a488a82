import { keyOf, regionShown, roleNamed, userNamed, type UseSurroundings } from './identity-use';
import type { Instant, LastUse, SimAccount, SimUser } from './model';
import { WorldError } from './world-error';

/** Dates to set on one thing: a role, an access key, or a user and its password. What is left out stays. */
export interface DateChanges {
  accountId: string;
  roleName?: string;
  accessKeyId?: string;
  userName?: string;
  createdAt?: Instant;
  /** Of the role or key; null is never. */
  lastUsedAt?: Instant | null;
  service?: string;
  region?: string;
  passwordCreatedAt?: Instant;
  passwordLastChangedAt?: Instant;
  passwordLastUsedAt?: Instant | null;
}

/** Throws NoSuchEntity when the identity, or the password whose dates are set, does not exist. */
export function setDates(world: UseSurroundings, account: SimAccount, changes: DateChanges): void {
  if (changes.accessKeyId !== undefined) setUse(keyOf(account, changes.accessKeyId).key, changes);
  else if (changes.roleName !== undefined) setUse(roleNamed(account, changes.roleName), changes);
  else if (changes.userName !== undefined) setUser(world, userNamed(account, changes.userName), changes);
  else throw new WorldError('InvalidInput', 'Say whose dates to set: roleName, accessKeyId, or userName.');
}

function setUse(identity: { createdAt: Instant; lastUse: LastUse | null }, changes: DateChanges): void {
  if (changes.createdAt !== undefined) identity.createdAt = changes.createdAt;
  if (changes.lastUsedAt === undefined) return;
  const service = changes.service ?? identity.lastUse?.service ?? 'ec2';
  const region = changes.region ?? identity.lastUse?.region ?? 'us-east-1';
  const at = changes.lastUsedAt;
  identity.lastUse = at === null ? null : { at, service, region: regionShown(service, region) };
}

function setUser(world: UseSurroundings, user: SimUser, changes: DateChanges): void {
  if (changes.lastUsedAt !== undefined) {
    throw new WorldError('InvalidInput', 'A user has no last use of its own: name accessKeyId, or passwordLastUsedAt.');
  }
  if (changes.createdAt !== undefined) user.createdAt = changes.createdAt;
  const { passwordCreatedAt, passwordLastChangedAt, passwordLastUsedAt } = changes;
  if (passwordCreatedAt !== undefined || passwordLastChangedAt !== undefined) {
    if (user.password === null) throw new WorldError('NoSuchEntity', `${user.name} has no password.`);
    if (passwordCreatedAt !== undefined) user.password.createdAt = passwordCreatedAt;
    if (passwordLastChangedAt !== undefined) user.password.lastChangedAt = passwordLastChangedAt;
  }
  if (passwordLastUsedAt === undefined) return;
  world.lastUses.forgetSignIns(user);
  user.passwordLastUsedAt = passwordLastUsedAt;
}
