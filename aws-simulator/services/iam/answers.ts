import { groupArn, instanceProfileArn } from '../../arns';
import { instanceProfile } from '../../world/account-parts';
import { roleArn, userArn } from '../../world/arn';
import { encodedDocument, members, tagMembers, timestamp } from '../../protocol/xml';
import type { XmlObject, XmlValue } from '../../protocol/xml';
import type { SimGroup, SimInstanceProfile, SimManagedPolicy, SimPrincipal, SimRole, SimUser } from '../../world/model';
import type { IamCall } from './iam-call';
import { shown } from './iam-call';

/** Elements that several answers share. */
export function userElement(call: IamCall, user: SimUser): XmlObject {
  const lastUsed = call.simulation.world.passwordLastUse(user);
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.uniqueId,
    Arn: userArn(call.account, user),
    CreateDate: shown(call, user.createdAt),
    PasswordLastUsed: lastUsed === null ? undefined : shown(call, lastUsed),
  };
}

export function roleElement(call: IamCall, role: SimRole): XmlObject {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.uniqueId,
    Arn: roleArn(call.account, role),
    CreateDate: shown(call, role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(call.simulation.trust.shown(call.account, role)),
  };
}

/** Empty when AWS saw no use within the trailing 400 days. */
export function roleLastUsedElement(call: IamCall, role: SimRole): XmlValue {
  const use = call.simulation.world.roleLastUse(role);
  return use === null ? '' : { LastUsedDate: shown(call, use.at), Region: use.region };
}

export const boundaryElement = ({ boundaryArn }: SimPrincipal): XmlValue =>
  boundaryArn === null ? undefined : { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundaryArn };

/** AWS leaves `Tags` out where there are none. */
export const tagsElement = ({ tags }: Pick<SimPrincipal, 'tags'>): XmlValue =>
  tags.size === 0 ? undefined : tagMembers(tags);

export function groupElement(call: IamCall, group: SimGroup): XmlObject {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.uniqueId,
    Arn: groupArn(call.account, group),
    CreateDate: shown(call, group.createdAt),
  };
}

export function instanceProfileElement(call: IamCall, name: string, role: SimRole): XmlObject {
  const profile = instanceProfile(call.account, name);
  return profile === undefined ? {} : { ...profileElement(call, profile), Roles: members([roleElement(call, role)]) };
}

export const profileElement = (call: IamCall, profile: SimInstanceProfile): XmlObject => ({
  Path: profile.path,
  InstanceProfileName: profile.name,
  InstanceProfileId: profile.uniqueId,
  Arn: instanceProfileArn(call.account, profile),
  CreateDate: shown(call, profile.createdAt),
});

export const attachedPolicies = (arns: readonly string[]): XmlValue =>
  members(arns.map((arn) => ({ PolicyArn: arn, PolicyName: policyName(arn) })));

export const inlinePolicies = (policies: ReadonlyMap<string, string>): XmlValue =>
  members([...policies].map(([PolicyName, document]) => ({ PolicyName, PolicyDocument: encodedDocument(document) })));

export const policyName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

export function managedPolicyElement(call: IamCall, policy: SimManagedPolicy, attachments: number): XmlObject {
  return {
    PolicyName: policy.name,
    PolicyId: policy.policyId,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: 'v1',
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: shown(call, policy.createdAt),
    UpdateDate: shown(call, policy.createdAt),
    PolicyVersionList: members([
      {
        Document: encodedDocument(policy.document),
        VersionId: 'v1',
        IsDefaultVersion: true,
        CreateDate: timestamp(call.simulation.world.shown(policy.createdAt)),
      },
    ]),
  };
}
