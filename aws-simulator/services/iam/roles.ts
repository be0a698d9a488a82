import { checkBoundary } from './boundaries';
import { boundaryElement, instanceProfileElement, roleElement, roleLastUsedElement, tagsElement } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, PATH, roleOf } from './iam-call';
import { paged } from './paging';
import { RESERVED_PATH, SERVICE_LINKED_PATH, modifiable } from './protected-roles';
import { checkTrustPolicy } from '../../authorization/policy-document';
import { newTags } from './tags';
import { AwsError, deleteConflict, entityAlreadyExists, limitExceeded } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import { roleArn } from '../../world/arn';
import type { SimRole } from '../../world/model';

const MAX_ROLES = 5_000;

export const roleOperations: Record<string, IamOperation> = {
  /** Omits `RoleLastUsed`, tags and boundary. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
  ListRoles: (call) => {
    const prefix = call.parameters.optional('PathPrefix', { min: 1, max: 512 }) ?? '/';
    const found = [...call.account.roles.values()].filter(({ path }) => path.startsWith(prefix));
    const { items, answer } = paged(call, found, ({ name }) => name.toLowerCase());
    return { Roles: members(items.map((role) => describedRole(call, role))), ...answer };
  },

  GetRole: (call) => {
    const role = roleOf(call);
    return { Role: { ...fullRole(call, role), RoleLastUsed: roleLastUsedElement(call, role) } };
  },

  CreateRole: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('RoleName', { ...NAME, max: 64 });
    const trustPolicy = parameters.text('AssumeRolePolicyDocument', { max: 131_072 });
    const path = parameters.optional('Path', PATH) ?? '/';
    if (path.startsWith(SERVICE_LINKED_PATH) || path.startsWith(RESERVED_PATH)) {
      throw new AwsError('ValidationError', `The specified value for path is invalid: ${path} is reserved for AWS.`);
    }
    checkTrustPolicy(trustPolicy);
    if (account.roles.has(name.toLowerCase())) throw entityAlreadyExists(`Role with name ${name} already exists.`);
    if (account.roles.size >= MAX_ROLES) throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${MAX_ROLES}`);
    const role: SimRole = {
      name,
      path,
      uniqueId: simulation.world.newUniqueId('AROA', account.summary.accountId),
      createdAt: simulation.world.time.second(),
      tags: newTags(call),
      boundaryArn: checkBoundary(call, parameters.optional('PermissionsBoundary')),
      attachedPolicyArns: [],
      inlinePolicies: new Map(),
      serviceAttempts: new Map(),
      description: parameters.optional('Description', { max: 1_000 }) ?? '',
      maxSessionDuration: parameters.integer('MaxSessionDuration', 3_600, 43_200) ?? 3_600,
      trustPolicy,
      lastUse: null,
      instanceProfiles: [],
    };
    simulation.trust.bind(account, role);
    account.roles.set(name.toLowerCase(), role);
    return { Role: fullRole(call, role) };
  },

  UpdateAssumeRolePolicy: (call) => {
    const role = modifiable(roleOf(call));
    const document = call.parameters.text('PolicyDocument', { max: 131_072 });
    checkTrustPolicy(document);
    call.simulation.trust.bind(call.account, { ...role, trustPolicy: document });
    role.trustPolicy = document;
    return undefined;
  },

  DeleteRole: (call) => {
    const role = modifiable(roleOf(call));
    refuseRoleInUse(call);
    call.simulation.trust.beforeDeletion(call.account, roleArn(call.account, role));
    call.account.roles.delete(role.name.toLowerCase());
    return undefined;
  },

  ListInstanceProfilesForRole: (call) => {
    const role = roleOf(call);
    const { items, answer } = paged(call, role.instanceProfiles, (name) => name.toLowerCase());
    return { InstanceProfiles: members(items.map((name) => instanceProfileElement(call, name, role))), ...answer };
  },
};

/** Throws `DeleteConflict` while anything but the boundary is attached. */
export function refuseRoleInUse(call: IamCall): void {
  const role = roleOf(call);
  if (role.instanceProfiles.length > 0) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  if (role.attachedPolicyArns.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (role.inlinePolicies.size > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}

export const describedRole = (call: IamCall, role: SimRole): XmlObject => ({
  ...roleElement(call, role),
  Description: role.description === '' ? undefined : role.description,
  MaxSessionDuration: role.maxSessionDuration,
});

const fullRole = (call: IamCall, role: SimRole): XmlObject => ({
  ...describedRole(call, role),
  PermissionsBoundary: boundaryElement(role),
  Tags: tagsElement(role),
});
