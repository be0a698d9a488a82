import { checks } from '../../findings/checks';
import { isCheckId } from '../../findings/checks/index';
import type { CheckId } from '../../findings/policy';
import type { KeySubject, PrincipalToJudge, Subject } from '../../findings/subject';
import type { InventoryAccessKey, InventoryRole, InventoryUser } from '../../scans/inventory';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedKey, ObservedUser } from '../observed';

type Held = Pick<PlanItemRow, 'course' | 'access_key_id' | 'check_ids'>;

/** A subject of judging, and the checks by which it might be spared. */
export interface Spareable {
  readonly subject: Subject;
  readonly checkIds: readonly CheckId[];
}

const NOT_ASKED = { state: 'unknown', reason: 'Not asked: only who it is matters here.' } as const;

/** What was just read as policies and exemptions know it: who it is, not how it was used. */
export function principalToJudge(seen: Observed): PrincipalToJudge {
  const of = {
    arn: seen.arn,
    uniqueId: seen.uniqueId,
    name: seen.name,
    path: seen.path,
    createdAt: seen.createdAt,
    tags: seen.tags,
    boundaryArn: seen.boundaryArn,
    attachedPolicyArns: seen.attachedPolicyArns,
    inlinePolicyNames: Object.keys(seen.inlinePolicies),
  };
  if (seen.kind === 'role') {
    const { instanceProfileArns } = seen;
    const role: InventoryRole = {
      ...of,
      kind: 'role',
      lastUsed: NOT_ASKED,
      instanceProfileArns,
      trustedPrincipals: [],
    };
    return { kind: 'role', ref: seen.uniqueId, role };
  }
  return { kind: 'user', ref: seen.uniqueId, user: userOf(seen, of), passwordRef: null, keys: [] };
}

const userOf = (
  seen: ObservedUser,
  of: Omit<InventoryUser, 'kind' | 'isRoot' | 'groups' | 'credentials' | 'otherCredentials'>,
): InventoryUser => ({
  ...of,
  kind: 'user',
  isRoot: false,
  groups: seen.groups,
  credentials: NOT_ASKED,
  otherCredentials: NOT_ASKED,
});

/**
 * Whatever of it an exemption might spare: the item itself by its checks; and of a user, which goes with all of its
 * credentials, each of these by any check.
 */
export function spareablesOf(item: Held, principal: PrincipalToJudge, seen: Observed): Spareable[] {
  const own = item.check_ids.filter(isCheckId);
  if (principal.kind === 'role' || seen.kind === 'role') {
    return principal.kind === 'role' ? [{ subject: principal, checkIds: own }] : [];
  }
  const { user, ref } = principal;
  const keys = seen.keys.map((key): KeySubject => ({
    kind: 'access-key',
    ref: key.id,
    owner: user,
    ownerRef: ref,
    key: inventoryKey(key),
    sibling: null,
    inactiveSince: null,
  }));
  const password: Subject = {
    kind: 'password',
    ref: `${ref}/password`,
    owner: user,
    ownerRef: ref,
    password: { kind: 'password', lastChangedAt: null, lastUsed: NOT_ASKED, mfaActive: null },
  };
  switch (item.course) {
    case 'access-key':
    case 'observed-key':
      return keys.filter(({ ref: id }) => id === item.access_key_id).map((subject) => ({ subject, checkIds: own }));
    case 'password':
      return [{ subject: password, checkIds: own }];
    default: {
      const credentials = [...keys, ...(seen.password ? [password] : [])];
      return [
        { subject: { kind: 'user', ref, user }, checkIds: own },
        ...credentials.map((subject) => ({ subject, checkIds: checksOf(subject.kind) })),
      ];
    }
  }
}

const checksOf = (kind: Subject['kind']): CheckId[] =>
  checks.flatMap((check) => (check.kind === kind ? [check.id] : []));

const inventoryKey = ({ id, active, createdAt }: ObservedKey): InventoryAccessKey => ({
  kind: 'access-key',
  slot: 1,
  accessKeyId: id,
  active,
  createdAt,
  lastUsed: NOT_ASKED,
});
