import type { FindingStatus } from '../../findings/finding';
import type { CheckId } from '../../findings/policy';
import type { IdentityKind } from '../../scans/inventory';
import type { StoredKey, StoredRole, StoredUser } from '../../scans/stored-inventory';
import type { Course } from '../items/plan-item';

/** A finding that was selected, as far as planning needs it. */
export interface SelectedFinding {
  readonly id: string;
  readonly check_id: CheckId;
  readonly status: FindingStatus;
  readonly account_id: string;
  readonly identity_id: string;
  readonly kind: IdentityKind;
  /** The row of the user or role: the identity itself, or the user that owns it. */
  readonly principal_row: string;
}

export type PrincipalToPlan =
  | { readonly kind: 'user'; readonly accountId: string; readonly stored: StoredUser }
  | { readonly kind: 'role'; readonly accountId: string; readonly stored: StoredRole };

/** What would become one item: several findings of one identity are one, and a user's takes in those of its parts. */
export interface Candidate {
  readonly course: Course;
  readonly identityId: string;
  readonly principal: PrincipalToPlan;
  /** Null: the course is not a key's, or the key could not be read the last time. */
  readonly key: StoredKey | null;
  readonly findings: readonly SelectedFinding[];
}

/**
 * By which courses one user's or role's findings are put right.
 *
 * A user with nothing but a password goes as a user, since signing in cannot be switched off reversibly. `observable`: the
 * policy that decides about the user wants a quarantine that notices use, so where a flagged key is the user's only active
 * credential, the user is quarantined and the key stays active. Where it is not certain that there is no other one, the key
 * is made inactive instead: a boundary would stop the others, too.
 */
export function candidatesOf(
  principal: PrincipalToPlan,
  findings: readonly SelectedFinding[],
  observable: boolean,
): Candidate[] {
  if (principal.kind === 'role') return [whole(principal, 'role', findings)];
  if (findings.some(({ kind }) => kind === 'user')) return [whole(principal, 'user', findings)];
  const { stored } = principal;
  const active = stored.keys.filter(({ key }) => key.active);
  const ofPassword = findings.filter(({ kind }) => kind === 'password');
  if (ofPassword.length > 0 && active.length === 0 && isRead(stored)) return [whole(principal, 'user', findings)];

  const identityIds = [...new Set(findings.map(({ identity_id }) => identity_id))];
  return identityIds.map((identityId) => {
    const own = findings.filter(({ identity_id }) => identity_id === identityId);
    if (own[0]?.kind === 'password') return { course: 'password', identityId, principal, key: null, findings: own };
    const key = stored.keys.find(({ id }) => id === identityId) ?? null;
    const course = observable && key !== null && isOnlyCredential(stored, key) ? 'observed-key' : 'access-key';
    return { course, identityId, principal, key, findings: own };
  });
}

const whole = (principal: PrincipalToPlan, course: Course, findings: readonly SelectedFinding[]): Candidate => ({
  course,
  identityId: principal.stored.id,
  principal,
  key: null,
  findings,
});

const isRead = ({ user }: StoredUser): boolean => user.credentials.state === 'known';

function isOnlyCredential({ user, keys }: StoredUser, key: StoredKey): boolean {
  const { credentials, otherCredentials } = user;
  return (
    key.key.active &&
    keys.every((one) => one === key || !one.key.active) &&
    credentials.state === 'known' &&
    credentials.value.password === null &&
    credentials.value.activeCertificates === 0 &&
    otherCredentials.state === 'known' &&
    otherCredentials.value.activeSshKeys === 0 &&
    otherCredentials.value.activeServiceSpecific === 0
  );
}

/** The user or role as AWS describes it. */
export const describedBy = (principal: PrincipalToPlan) =>
  principal.kind === 'user' ? principal.stored.user : principal.stored.role;
