import type { RoleDetail, UserDetail } from '@aws-sdk/client-iam';
import type { InventoryRole, InventoryUser } from '../inventory';
import { dateOrNull, roleLastUsed } from './tracking';
import { trustedPrincipals } from './trust-policy';

/** A user as authorization details show it: everything but credentials. */
export type UserWithoutCredentials = Omit<InventoryUser, 'credentials' | 'otherCredentials'>;

type Detail = Pick<
  UserDetail & RoleDetail,
  'Arn' | 'Path' | 'CreateDate' | 'Tags' | 'PermissionsBoundary' | 'AttachedManagedPolicies'
>;

interface Naming {
  readonly name: string | undefined;
  readonly uniqueId: string | undefined;
  readonly inline: readonly { PolicyName?: string | undefined }[] | undefined;
}

/** Sorted, so that the order in which AWS lists them changes nothing. */
export const sorted = (texts: readonly (string | undefined)[]): string[] =>
  texts.filter((text) => text !== undefined).sort();

export const tagsOf = (
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> =>
  Object.fromEntries(
    (tags ?? [])
      .map((tag): [string, string] => [tag.Key ?? '', tag.Value ?? ''])
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );

/** Null when AWS left out what an identity cannot be without. */
function principalOf(detail: Detail, { name, uniqueId, inline }: Naming) {
  const createdAt = dateOrNull(detail.CreateDate);
  if (!detail.Arn || !uniqueId || !name || !createdAt) return null;
  return {
    arn: detail.Arn,
    uniqueId,
    name,
    path: detail.Path ?? '/',
    createdAt,
    tags: tagsOf(detail.Tags),
    boundaryArn: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    attachedPolicyArns: sorted((detail.AttachedManagedPolicies ?? []).map((policy) => policy.PolicyArn)),
    inlinePolicyNames: sorted((inline ?? []).map((policy) => policy.PolicyName)),
  };
}

export function userOf(detail: UserDetail): UserWithoutCredentials | null {
  const naming = { name: detail.UserName, uniqueId: detail.UserId, inline: detail.UserPolicyList };
  const principal = principalOf(detail, naming);
  return principal && { ...principal, kind: 'user', isRoot: false, groups: sorted(detail.GroupList ?? []) };
}

export interface RoleReading {
  readonly role: InventoryRole;
  /** False: the principals are missing, not absent. */
  readonly trustRead: boolean;
}

export function roleOf(detail: RoleDetail, at: Date): RoleReading | null {
  const naming = { name: detail.RoleName, uniqueId: detail.RoleId, inline: detail.RolePolicyList };
  const principal = principalOf(detail, naming);
  if (!principal) return null;
  const trusted = trustedPrincipals(detail.AssumeRolePolicyDocument);
  return {
    trustRead: trusted !== null,
    role: {
      ...principal,
      kind: 'role',
      lastUsed: roleLastUsed(detail.RoleLastUsed, principal.createdAt, at),
      instanceProfileArns: sorted((detail.InstanceProfileList ?? []).map((profile) => profile.Arn)),
      trustedPrincipals: sorted(trusted ?? []),
    },
  };
}
