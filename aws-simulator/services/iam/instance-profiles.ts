import { profileElement, roleElement, tagsElement } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, PATH, roleOf } from './iam-call';
import { paged } from './paging';
import { modifiable } from './protected-roles';
import { addTags, listTags, newTags, removeTags } from './tags';
import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import { instanceProfile, roleInProfile } from '../../world/account-parts';
import type { SimInstanceProfile } from '../../world/model';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_PROFILES = 1_000;

export const instanceProfileOperations: Record<string, IamOperation> = {
  CreateInstanceProfile: (call) => {
    const { account, parameters, simulation } = call;
    const name = parameters.text('InstanceProfileName', NAME);
    const path = parameters.optional('Path', PATH) ?? '/';
    if (instanceProfile(account, name)) throw entityAlreadyExists(`Instance Profile ${name} already exists.`);
    if (account.instanceProfiles.size >= MAX_PROFILES)
      throw limitExceeded(`Cannot exceed quota for InstanceProfilesPerAccount: ${MAX_PROFILES}`);
    const profile: SimInstanceProfile = {
      name,
      path,
      uniqueId: simulation.world.newUniqueId('AIPA', account.summary.accountId),
      createdAt: simulation.world.time.second(),
      tags: newTags(call),
    };
    account.instanceProfiles.set(name.toLowerCase(), profile);
    return { InstanceProfile: element(call, profile) };
  },

  GetInstanceProfile: (call) => ({ InstanceProfile: element(call, profileOf(call)) }),

  ListInstanceProfiles: (call) => {
    const prefix = call.parameters.optional('PathPrefix', { min: 1, max: 512 }) ?? '/';
    const found = [...call.account.instanceProfiles.values()].filter(({ path }) => path.startsWith(prefix));
    const { items, answer } = paged(call, found, ({ name }) => name.toLowerCase());
    return { InstanceProfiles: members(items.map((profile) => element(call, profile))), ...answer };
  },

  AddRoleToInstanceProfile: (call) => {
    const profile = profileOf(call);
    const role = modifiable(roleOf(call));
    if (roleInProfile(call.account, profile.name))
      throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    role.instanceProfiles = [...role.instanceProfiles, profile.name];
    return undefined;
  },

  /** The profile stays. */
  RemoveRoleFromInstanceProfile: (call) => {
    const profile = profileOf(call);
    const role = modifiable(roleOf(call));
    const left = role.instanceProfiles.filter((name) => name.toLowerCase() !== profile.name.toLowerCase());
    if (left.length === role.instanceProfiles.length)
      throw noSuchEntity(`Role ${role.name} in instance profile ${profile.name} cannot be found.`);
    role.instanceProfiles = left;
    call.account.instanceProfiles.set(profile.name.toLowerCase(), profile);
    return undefined;
  },

  DeleteInstanceProfile: (call) => {
    const profile = profileOf(call);
    refuseProfileInUse(call);
    call.account.instanceProfiles.delete(profile.name.toLowerCase());
    return undefined;
  },

  ListInstanceProfileTags: listTags(profileOf),
  TagInstanceProfile: addTags(profileOf),
  UntagInstanceProfile: removeTags(profileOf),
};

/** Throws `DeleteConflict` while a role is in it. */
export function refuseProfileInUse(call: IamCall): void {
  if (roleInProfile(call.account, profileOf(call).name))
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
}

function profileOf(call: IamCall): SimInstanceProfile {
  const name = call.parameters.text('InstanceProfileName', NAME);
  const profile = instanceProfile(call.account, name);
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

function element(call: IamCall, profile: SimInstanceProfile): XmlObject {
  const role = roleInProfile(call.account, profile.name);
  return {
    ...profileElement(call, profile),
    Roles: members(role === undefined ? [] : [roleElement(call, role)]),
    Tags: tagsElement(profile),
  };
}
