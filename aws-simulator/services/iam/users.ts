import { checkBoundary } from './boundaries';
import { boundaryElement, groupElement, tagsElement, userElement } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { PATH, USER_NAME, namedUserOf, userOf } from './iam-call';
import { paged } from './paging';
import { newTags } from './tags';
import { deleteConflict, entityAlreadyExists, limitExceeded } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import { userArn } from '../../world/arn';
import type { SimUser } from '../../world/model';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_USERS = 5_000;

export const userOperations: Record<string, IamOperation> = {
  ListUsers: (call) => {
    const prefix = call.parameters.optional('PathPrefix', { min: 1, max: 512 }) ?? '/';
    const found = [...call.account.users.values()].filter(({ path }) => path.startsWith(prefix));
    const { items, answer } = paged(call, found, ({ name }) => name.toLowerCase());
    return { Users: members(items.map((user) => userElement(call, user))), ...answer };
  },

  GetUser: (call) => {
    const user = userOf(call);
    return {
      User: { ...userElement(call, user), PermissionsBoundary: boundaryElement(user), Tags: tagsElement(user) },
    };
  },

  CreateUser: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('UserName', USER_NAME);
    if (account.users.has(name.toLowerCase())) throw entityAlreadyExists(`User with name ${name} already exists.`);
    if (account.users.size >= MAX_USERS) throw limitExceeded(`Cannot exceed quota for UsersPerAccount: ${MAX_USERS}`);
    const user: SimUser = {
      name,
      path: parameters.optional('Path', PATH) ?? '/',
      uniqueId: simulation.world.newUniqueId('AIDA', account.summary.accountId),
      createdAt: simulation.world.time.second(),
      tags: newTags(call),
      boundaryArn: checkBoundary(call, parameters.optional('PermissionsBoundary')),
      attachedPolicyArns: [],
      inlinePolicies: new Map(),
      serviceAttempts: new Map(),
      groups: [],
      password: null,
      passwordLastUsedAt: null,
      accessKeys: [],
      credentials: [],
      mfaDevices: [],
    };
    account.users.set(name.toLowerCase(), user);
    return {
      User: { ...userElement(call, user), PermissionsBoundary: boundaryElement(user), Tags: tagsElement(user) },
    };
  },

  DeleteUser: (call) => {
    const user = namedUserOf(call);
    refuseUserInUse(call);
    call.simulation.trust.beforeDeletion(call.account, userArn(call.account, user));
    call.account.users.delete(user.name.toLowerCase());
    return undefined;
  },

  ListGroupsForUser: (call) => {
    const groups = namedUserOf(call).groups.flatMap((name) => call.account.groups.get(name.toLowerCase()) ?? []);
    const { items, answer } = paged(call, groups, ({ name }) => name.toLowerCase());
    return { Groups: members(items.map((group) => groupElement(call, group))), ...answer };
  },
};

/** Everything but the boundary must be gone before a user can be deleted. Throws `DeleteConflict`. */
export function refuseUserInUse(call: IamCall): void {
  const reason = whatStandsInTheWay(namedUserOf(call));
  if (reason) throw deleteConflict(`Cannot delete entity, must ${reason} first.`);
}

function whatStandsInTheWay(user: SimUser): string | undefined {
  const kinds = new Set(user.credentials.map(({ kind }) => kind));
  if (user.password) return 'delete login profile';
  if (user.accessKeys.length > 0) return 'delete access keys';
  if (kinds.has('certificate')) return 'delete signing certificates';
  // AWS has no sentence of its own for these two.
  if (kinds.has('ssh') || kinds.has('service-specific')) return 'remove referenced objects';
  if (user.mfaDevices.length > 0) return 'delete MFA device';
  if (user.attachedPolicyArns.length > 0) return 'detach all policies';
  if (user.groups.length > 0) return 'remove users from group';
  if (user.inlinePolicies.size > 0) return 'delete policies';
  return undefined;
}
