import type {
  IdentityKind,
  InventoryAccessKey,
  InventoryPassword,
  InventoryRole,
  InventoryUser,
  Owner,
} from '../scans/inventory';

/**
 * What the caller knows of a key besides the inventory. `ref` is the caller's own name for the identity (a row id in
 * the service, an ARN on the command line); judging only hands it back.
 */
export interface KeyToJudge {
  readonly ref: string;
  /** Since when our own scans have seen the key inactive; null: active, or not seen before. */
  readonly inactiveSince: Date | null;
}

export interface UserToJudge {
  readonly kind: 'user';
  readonly ref: string;
  readonly user: InventoryUser;
  /** Null where the user has no password, or its credentials are unknown. */
  readonly passwordRef: string | null;
  /** In the order of `user.credentials.value.accessKeys`; empty where the credentials are unknown. */
  readonly keys: readonly KeyToJudge[];
}

export interface RoleToJudge {
  readonly kind: 'role';
  readonly ref: string;
  readonly role: InventoryRole;
}

export type PrincipalToJudge = UserToJudge | RoleToJudge;

export interface UserSubject {
  readonly kind: 'user';
  readonly ref: string;
  readonly user: InventoryUser;
}

export type RoleSubject = RoleToJudge;

export interface PasswordSubject {
  readonly kind: 'password';
  readonly ref: string;
  readonly owner: Owner;
  readonly ownerRef: string;
  readonly password: InventoryPassword;
}

export interface KeySubject {
  readonly kind: 'access-key';
  readonly ref: string;
  readonly owner: Owner;
  readonly ownerRef: string;
  readonly key: InventoryAccessKey;
  /** The user's other key: read to compare, never judged or touched together with this one. */
  readonly sibling: InventoryAccessKey | null;
  readonly inactiveSince: Date | null;
}

export type Subject = UserSubject | RoleSubject | PasswordSubject | KeySubject;
export type SubjectOf<K extends IdentityKind> = Extract<Subject, { kind: K }>;

/** One principal as the identities that checks judge: a user, then its password, then each of its keys. */
export function subjectsOf(principal: PrincipalToJudge): Subject[] {
  if (principal.kind === 'role') return [principal];
  const { user, ref } = principal;
  const subjects: Subject[] = [{ kind: 'user', ref, user }];
  if (user.credentials.state === 'unknown') return subjects;

  const { password, accessKeys } = user.credentials.value;
  if (password) {
    if (principal.passwordRef === null) throw new Error(`The password of ${user.arn} came without a reference`);
    subjects.push({ kind: 'password', ref: principal.passwordRef, owner: user, ownerRef: ref, password });
  }
  if (principal.keys.length !== accessKeys.length) {
    throw new Error(`${user.arn} has ${accessKeys.length} access keys but ${principal.keys.length} references`);
  }
  accessKeys.forEach((key, index) => {
    const { ref: keyRef, inactiveSince } = principal.keys[index]!;
    const sibling = accessKeys.find((other) => other !== key) ?? null;
    subjects.push({ kind: 'access-key', ref: keyRef, owner: user, ownerRef: ref, key, sibling, inactiveSince });
  });
  return subjects;
}
