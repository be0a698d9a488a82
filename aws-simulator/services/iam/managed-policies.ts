import { attachmentCounts, awsPolicy } from './account-details';
import { managedPolicyElement } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, PATH } from './iam-call';
import { paged } from './paging';
import { addTags, listTags, newTags, removeTags } from './tags';
import { parseIamArn, policyArn } from '../../arns';
import { isAwsManaged } from '../../authorization/aws-managed-policies';
import { checkIdentityPolicy } from '../../authorization/policy-document';
import {
  deleteConflict,
  entityAlreadyExists,
  limitExceeded,
  noSuchEntity,
  validationError,
} from '../../protocol/aws-error';
import { encodedDocument, members, tagMembers } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import type { SimManagedPolicy, SimPrincipal } from '../../world/model';
import { shown } from './iam-call';

const MAX_POLICIES = 1_500;
/** Characters without white space. */
const MAX_SIZE = 6_144;

/** Customer managed policies have one version here. */
export const managedPolicyOperations: Record<string, IamOperation> = {
  CreatePolicy: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('PolicyName', NAME);
    const path = parameters.optional('Path', PATH) ?? '/';
    const document = parameters.text('PolicyDocument', { max: 131_072 });
    const description = parameters.optional('Description', { max: 1_000 });
    checkIdentityPolicy(document);
    if (document.replace(/\s/g, '').length > MAX_SIZE)
      throw limitExceeded(`Cannot exceed quota for PolicySize: ${MAX_SIZE}`);
    if ([...account.policies.values()].some((policy) => policy.name.toLowerCase() === name.toLowerCase()))
      throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    if (account.policies.size >= MAX_POLICIES)
      throw limitExceeded(`Cannot exceed quota for PoliciesPerAccount: ${MAX_POLICIES}`);
    const policy: SimManagedPolicy = {
      arn: policyArn(account, { path, name }),
      name,
      path,
      policyId: simulation.world.newUniqueId('ANPA', account.summary.accountId),
      document,
      createdAt: simulation.world.time.second(),
      tags: newTags(call),
      ...(description === undefined ? {} : { description }),
    };
    account.policies.set(policy.arn, policy);
    return { Policy: element(call, policy) };
  },

  GetPolicy: (call) => ({ Policy: element(call, policyOf(call)) }),

  GetPolicyVersion: (call) => {
    const policy = policyOf(call);
    const version = call.parameters.text('VersionId', { pattern: /^v[1-9]\d*(\.[A-Za-z0-9-]*)?$/ });
    if (version !== 'v1')
      throw noSuchEntity(`Policy ${policy.arn} version ${version} does not exist or is not attachable.`);
    return { PolicyVersion: { ...versionElement(call, policy), Document: encodedDocument(policy.document) } };
  },

  ListPolicyVersions: (call) => ({ IsTruncated: false, Versions: members([versionElement(call, policyOf(call))]) }),

  /** Of AWS's own only those that the account has attached. */
  ListPolicies: (call) => {
    const { account, parameters } = call;
    const scope = parameters.oneOf('Scope', ['All', 'AWS', 'Local']) ?? 'All';
    const prefix = parameters.optional('PathPrefix', { max: 512 }) ?? '/';
    const onlyAttached = parameters.boolean('OnlyAttached') ?? false;
    const counts = attachmentCounts(account);
    const own = scope === 'AWS' ? [] : [...account.policies.values()];
    const aws = scope === 'Local' ? [] : [...counts.keys()].filter(isAwsManaged).map(awsPolicy);
    const found = [...own, ...aws].filter(
      ({ arn, path }) => path.startsWith(prefix) && (!onlyAttached || (counts.get(arn) ?? 0) > 0),
    );
    const { items, answer } = paged(call, found, ({ arn }) => arn);
    return { Policies: members(items.map((policy) => element(call, policy))), ...answer };
  },

  ListEntitiesForPolicy: (call) => {
    const { account, parameters } = call;
    const { arn } = policyOf(call);
    const kind = parameters.oneOf('EntityFilter', ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']);
    const usage = parameters.oneOf('PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary']);
    const holders = <T extends Named>(type: 'User' | 'Role' | 'Group', all: Iterable<T>): Entity[] =>
      kind !== undefined && kind !== type
        ? []
        : [...all]
            .filter((one) => (usage === 'PermissionsBoundary' ? one.boundaryArn === arn : isAttached(one, arn, usage)))
            .map(({ name, uniqueId }) => ({ type, name, uniqueId }));
    const found = [
      ...holders('User', account.users.values()),
      ...holders('Role', account.roles.values()),
      ...holders('Group', account.groups.values()),
    ];
    const { items, answer } = paged(call, found, ({ type, name }) => `${type} ${name.toLowerCase()}`);
    const shownOf = (type: Entity['type']): XmlObject[] =>
      items
        .filter((item) => item.type === type)
        .map(({ name, uniqueId }) => ({ [`${type}Name`]: name, [`${type}Id`]: uniqueId }));
    return {
      PolicyGroups: members(shownOf('Group')),
      PolicyUsers: members(shownOf('User')),
      PolicyRoles: members(shownOf('Role')),
      ...answer,
    };
  },

  DeletePolicy: (call) => {
    refusePolicyInUse(call);
    call.account.policies.delete(ownPolicyOf(call).arn);
    return undefined;
  },

  ListPolicyTags: listTags(taggedPolicyOf),
  TagPolicy: addTags(taggedPolicyOf),
  UntagPolicy: removeTags(taggedPolicyOf),
};

interface Entity {
  type: 'User' | 'Role' | 'Group';
  name: string;
  uniqueId: string;
}

interface Named {
  name: string;
  uniqueId: string;
  attachedPolicyArns: string[];
  boundaryArn?: string | null;
}

const isAttached = (one: Named, arn: string, usage: 'PermissionsPolicy' | undefined): boolean =>
  one.attachedPolicyArns.includes(arn) || (usage === undefined && one.boundaryArn === arn);

/** Throws `DeleteConflict` while an identity or group has it, as a policy or as its boundary. */
export function refusePolicyInUse(call: IamCall): void {
  const { arn } = ownPolicyOf(call);
  const attached = attachmentCounts(call.account).get(arn) ?? 0;
  if (attached + boundaryUses(call, arn) > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
}

function boundaryUses({ account }: IamCall, arn: string): number {
  const identities: SimPrincipal[] = [...account.users.values(), ...account.roles.values()];
  return identities.filter(({ boundaryArn }) => boundaryArn === arn).length;
}

function policyOf(call: IamCall): SimManagedPolicy {
  const arn = call.parameters.text('PolicyArn', { min: 20, max: 2_048 });
  const parsed = parseIamArn(arn);
  if (parsed?.type !== 'policy' || parsed.partition !== call.account.partition)
    throw validationError(`ARN ${arn} is not valid.`);
  const own = call.account.policies.get(arn);
  if (own) return own;
  if (isAwsManaged(arn)) return awsPolicy(arn);
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

function ownPolicyOf(call: IamCall): SimManagedPolicy {
  const policy = policyOf(call);
  if (!call.account.policies.has(policy.arn)) throw noSuchEntity(`Policy ${policy.arn} was not found.`);
  return policy;
}

function taggedPolicyOf(call: IamCall): { tags: Map<string, string> } {
  const policy = ownPolicyOf(call);
  return {
    get tags() {
      return policy.tags ?? new Map<string, string>();
    },
    set tags(tags) {
      policy.tags = tags;
    },
  };
}

const versionElement = (call: IamCall, policy: SimManagedPolicy): XmlObject => ({
  VersionId: 'v1',
  IsDefaultVersion: true,
  CreateDate: shown(call, policy.createdAt),
});

const element = (call: IamCall, policy: SimManagedPolicy): XmlObject => ({
  ...managedPolicyElement(call, policy, attachmentCounts(call.account).get(policy.arn) ?? 0),
  PermissionsBoundaryUsageCount: boundaryUses(call, policy.arn),
  PolicyVersionList: undefined,
  Tags: policy.tags === undefined || policy.tags.size === 0 ? undefined : tagMembers(policy.tags),
});
