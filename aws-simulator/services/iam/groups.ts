import { groupElement, userElement } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, PATH, groupOf, namedUserOf } from './iam-call';
import { paged } from './paging';
import { deleteConflict, entityAlreadyExists, limitExceeded } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { SimGroup, SimUser } from '../../world/model';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_GROUPS = 300;
const MAX_GROUPS_OF_USER = 10;

export const groupOperations: Record<string, IamOperation> = {
  CreateGroup: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('GroupName', NAME);
    const path = parameters.optional('Path', PATH) ?? '/';
    if (account.groups.has(name.toLowerCase())) throw entityAlreadyExists(`Group with name ${name} already exists.`);
    if (account.groups.size >= MAX_GROUPS)
      throw limitExceeded(`Cannot exceed quota for GroupsPerAccount: ${MAX_GROUPS}`);
    const group: SimGroup = {
      name,
      path,
      uniqueId: simulation.world.newUniqueId('AGPA', account.summary.accountId),
      createdAt: simulation.world.time.second(),
      attachedPolicyArns: [],
      inlinePolicies: new Map(),
    };
    account.groups.set(name.toLowerCase(), group);
    return { Group: groupElement(call, group) };
  },

  GetGroup: (call) => {
    const group = groupOf(call);
    const { items, answer } = paged(call, membersOf(call, group), ({ name }) => name.toLowerCase());
    return {
      Group: groupElement(call, group),
      Users: members(items.map((user) => userElement(call, user))),
      ...answer,
    };
  },

  ListGroups: (call) => {
    const prefix = call.parameters.optional('PathPrefix', { min: 1, max: 512 }) ?? '/';
    const found = [...call.account.groups.values()].filter(({ path }) => path.startsWith(prefix));
    const { items, answer } = paged(call, found, ({ name }) => name.toLowerCase());
    return { Groups: members(items.map((group) => groupElement(call, group))), ...answer };
  },

  /** Adding a member again changes nothing. */
  AddUserToGroup: (call) => {
    const group = groupOf(call);
    const user = namedUserOf(call);
    if (isIn(user, group)) return undefined;
    if (user.groups.length >= MAX_GROUPS_OF_USER)
      throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${MAX_GROUPS_OF_USER}`);
    user.groups = [...user.groups, group.name];
    return undefined;
  },

  /** Removing somebody who is not in it changes nothing, either. */
  RemoveUserFromGroup: (call) => {
    const group = groupOf(call);
    const user = namedUserOf(call);
    user.groups = user.groups.filter((name) => name.toLowerCase() !== group.name.toLowerCase());
    return undefined;
  },

  DeleteGroup: (call) => {
    const group = groupOf(call);
    refuseGroupInUse(call);
    call.account.groups.delete(group.name.toLowerCase());
    return undefined;
  },
};

/** Throws `DeleteConflict` while it has members or policies. */
export function refuseGroupInUse(call: IamCall): void {
  const group = groupOf(call);
  if (membersOf(call, group).length > 0)
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  if (group.attachedPolicyArns.length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (group.inlinePolicies.size > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}

const isIn = (user: SimUser, group: SimGroup): boolean =>
  user.groups.some((name) => name.toLowerCase() === group.name.toLowerCase());

const membersOf = ({ account }: IamCall, group: SimGroup): SimUser[] =>
  [...account.users.values()].filter((user) => isIn(user, group));
