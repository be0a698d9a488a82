import {
  attachedPolicies,
  boundaryElement,
  groupElement,
  inlinePolicies,
  instanceProfileElement,
  managedPolicyElement,
  roleElement,
  roleLastUsedElement,
  tagsElement,
  userElement,
} from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { paged } from './paging';
import { parseIamArn } from '../../arns';
import { awsManagedPolicy, isAwsManaged } from '../../authorization/aws-managed-policies';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import type { SimAccount, SimGroup, SimManagedPolicy, SimPrincipal, SimRole, SimUser } from '../../world/model';

const FILTERS = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const;
type Filter = (typeof FILTERS)[number];

type Entity =
  | { kind: 'User'; key: string; user: SimUser }
  | { kind: 'Group'; key: string; group: SimGroup }
  | { kind: 'Role'; key: string; role: SimRole }
  | { kind: 'LocalManagedPolicy' | 'AWSManagedPolicy'; key: string; policy: SimManagedPolicy };

export const accountDetailOperations: Record<string, IamOperation> = {
  /** `MaxItems` counts entities of all kinds together. */
  GetAccountAuthorizationDetails: (call) => {
    const asked = call.parameters.listOf('Filter', FILTERS);
    const wanted = new Set<Filter>(asked.length === 0 ? FILTERS : asked);
    const { items, answer } = paged(call, entities(call.account, wanted), ({ key }) => key);
    const counts = attachmentCounts(call.account);
    const of = (entity: Entity): XmlObject => detail(call, entity, counts);
    const kind = (...kinds: Entity['kind'][]): XmlObject[] => items.filter((item) => kinds.includes(item.kind)).map(of);
    return {
      UserDetailList: members(kind('User')),
      GroupDetailList: members(kind('Group')),
      RoleDetailList: members(kind('Role')),
      Policies: members(kind('LocalManagedPolicy', 'AWSManagedPolicy')),
      ...answer,
    };
  },

  GetAccountSummary: ({ account }) => {
    const users = [...account.users.values()];
    const roles = [...account.roles.values()];
    const numbers: Record<string, number> = {
      Users: users.length,
      UsersQuota: 5_000,
      Groups: account.groups.size,
      GroupsQuota: 300,
      Roles: roles.length,
      RolesQuota: 5_000,
      Policies: account.policies.size,
      PoliciesQuota: 1_500,
      InstanceProfiles: account.instanceProfiles.size,
      InstanceProfilesQuota: 1_000,
      AccessKeysPerUserQuota: 2,
      GroupsPerUserQuota: 10,
      SigningCertificatesPerUserQuota: 2,
      AttachedPoliciesPerUserQuota: 10,
      AttachedPoliciesPerRoleQuota: 10,
      MFADevices: users.reduce((sum, user) => sum + user.mfaDevices.length, 0) + (account.root.mfaActive ? 1 : 0),
      AccountMFAEnabled: account.root.mfaActive ? 1 : 0,
      AccountAccessKeysPresent: account.root.accessKeys.length > 0 ? 1 : 0,
      AccountSigningCertificatesPresent: 0,
      AccountPasswordPresent: 1,
    };
    return { SummaryMap: { entry: Object.entries(numbers).map(([key, value]) => ({ key, value })) } };
  },

  ListAccountAliases: (call) => {
    const aliases = call.account.alias === null ? [] : [call.account.alias];
    const { items, answer } = paged(call, aliases, (alias) => alias);
    return { AccountAliases: members(items), ...answer };
  },
};

function entities(account: SimAccount, wanted: ReadonlySet<Filter>): Entity[] {
  const found: Entity[] = [];
  if (wanted.has('User')) {
    for (const user of account.users.values()) found.push({ kind: 'User', key: `1 ${user.name.toLowerCase()}`, user });
  }
  if (wanted.has('Group')) {
    for (const group of account.groups.values())
      found.push({ kind: 'Group', key: `2 ${group.name.toLowerCase()}`, group });
  }
  if (wanted.has('Role')) {
    for (const role of account.roles.values()) found.push({ kind: 'Role', key: `3 ${role.name.toLowerCase()}`, role });
  }
  if (wanted.has('LocalManagedPolicy')) {
    for (const policy of account.policies.values())
      found.push({ kind: 'LocalManagedPolicy', key: `4 ${policy.arn}`, policy });
  }
  if (wanted.has('AWSManagedPolicy')) {
    for (const arn of attachmentCounts(account).keys()) {
      if (isAwsManaged(arn)) found.push({ kind: 'AWSManagedPolicy', key: `5 ${arn}`, policy: awsPolicy(arn) });
    }
  }
  return found;
}

/** How many users, roles and groups have each policy attached. */
export function attachmentCounts(account: SimAccount): Map<string, number> {
  const counts = new Map<string, number>();
  for (const holder of [...account.users.values(), ...account.roles.values(), ...account.groups.values()]) {
    for (const arn of holder.attachedPolicyArns) counts.set(arn, (counts.get(arn) ?? 0) + 1);
  }
  return counts;
}

const EMPTY = JSON.stringify({ Version: '2012-10-17', Statement: [] });

/** An AWS managed policy as the account sees it. */
export function awsPolicy(arn: string): SimManagedPolicy {
  const { path = '/', name = arn } = parseIamArn(arn) ?? {};
  return {
    arn,
    name,
    path,
    policyId: `ANPA${Buffer.from(name).toString('hex').toUpperCase().padEnd(17, '0').slice(0, 17)}`,
    document: awsManagedPolicy(arn) ?? EMPTY,
    createdAt: Date.UTC(2015, 1, 6, 18, 39, 46),
  };
}

function detail(call: IamCall, entity: Entity, counts: ReadonlyMap<string, number>): XmlObject {
  switch (entity.kind) {
    case 'User':
      return {
        ...userElement(call, entity.user),
        PasswordLastUsed: undefined,
        ...policiesOf('User', entity.user),
        GroupList: members(entity.user.groups),
        ...guardsOf(entity.user),
      };
    case 'Role':
      return {
        ...roleElement(call, entity.role),
        InstanceProfileList: members(
          entity.role.instanceProfiles.map((name) => instanceProfileElement(call, name, entity.role)),
        ),
        ...policiesOf('Role', entity.role),
        ...guardsOf(entity.role),
        RoleLastUsed: roleLastUsedElement(call, entity.role),
      };
    case 'Group':
      return { ...groupElement(call, entity.group), ...policiesOf('Group', entity.group) };
    case 'LocalManagedPolicy':
    case 'AWSManagedPolicy':
      return managedPolicyElement(call, entity.policy, counts.get(entity.policy.arn) ?? 0);
  }
}

const policiesOf = (
  label: 'User' | 'Role' | 'Group',
  holder: Pick<SimPrincipal, 'inlinePolicies' | 'attachedPolicyArns'>,
): XmlObject => ({
  [`${label}PolicyList`]: inlinePolicies(holder.inlinePolicies),
  AttachedManagedPolicies: attachedPolicies(holder.attachedPolicyArns),
});

const guardsOf = (identity: SimPrincipal): XmlObject => ({
  PermissionsBoundary: boundaryElement(identity),
  Tags: tagsElement(identity),
});
