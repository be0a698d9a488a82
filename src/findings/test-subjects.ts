import type { InventoryAccessKey, InventoryPassword, InventoryRole, InventoryUser } from '../scans/inventory';
import { aKey, aPassword, aRole, aUser } from '../scans/test-inventory';
import type { KeySubject, KeyToJudge, PasswordSubject, RoleToJudge, UserSubject, UserToJudge } from './subject';

export * from '../scans/test-inventory';

/** What specs judge. */
export const keySubject = (
  key: Partial<InventoryAccessKey> = {},
  changes: Partial<Omit<KeySubject, 'key'>> = {},
): KeySubject => ({
  kind: 'access-key',
  ref: 'key',
  owner: aUser(),
  ownerRef: 'user',
  key: aKey(key),
  sibling: null,
  inactiveSince: null,
  ...changes,
});

export const passwordSubject = (password: Partial<InventoryPassword> = {}, owner = aUser()): PasswordSubject => ({
  kind: 'password',
  ref: 'password',
  owner,
  ownerRef: 'user',
  password: aPassword(password),
});

export const userSubject = (changes: Partial<InventoryUser> = {}): UserSubject => ({
  kind: 'user',
  ref: 'user',
  user: aUser(changes),
});

export const roleToJudge = (changes: Partial<InventoryRole> = {}): RoleToJudge => {
  const role = aRole(changes);
  return { kind: 'role', ref: role.name, role };
};

/** References are made of the name: `alice`, `alice/password`, `alice/key1`, … (by slot). */
export const userToJudge = (user: InventoryUser, inactiveSince: Date | null = null): UserToJudge => {
  const known = user.credentials.state === 'known' ? user.credentials.value : null;
  const keys = (known?.accessKeys ?? []).map((key): KeyToJudge => ({
    ref: `${user.name}/key${key.slot}`,
    inactiveSince: key.active ? null : inactiveSince,
  }));
  return { kind: 'user', ref: user.name, user, passwordRef: known?.password ? `${user.name}/password` : null, keys };
};
