import { policyName } from './answers';
import type { IamCall, IamOperation } from './iam-call';
import { NAME, groupOf, namedUserOf, roleOf } from './iam-call';
import { paged } from './paging';
import { modifiable } from './protected-roles';
import { parseIamArn } from '../../arns';
import { isAwsManaged } from '../../authorization/aws-managed-policies';
import { checkIdentityPolicy } from '../../authorization/policy-document';
import { limitExceeded, noSuchEntity, validationError } from '../../protocol/aws-error';
import { encodedDocument, members } from '../../protocol/xml';
import type { SimPrincipal } from '../../world/model';

type Holder = Pick<SimPrincipal, 'name' | 'attachedPolicyArns' | 'inlinePolicies'>;

interface Kind {
  label: 'User' | 'Role' | 'Group';
  find: (call: IamCall) => Holder;
  findForWrite: (call: IamCall) => Holder;
  /** Characters of all inline policies together, white space aside. */
  inlineQuota: number;
}

const MAX_ATTACHED = 20;
const users: Kind = { label: 'User', find: namedUserOf, findForWrite: namedUserOf, inlineQuota: 2_048 };
const roles: Kind = {
  label: 'Role',
  find: roleOf,
  findForWrite: (call) => modifiable(roleOf(call)),
  inlineQuota: 10_240,
};

const groups: Kind = { label: 'Group', find: groupOf, findForWrite: groupOf, inlineQuota: 5_120 };

export const identityPolicyOperations: Record<string, IamOperation> = {
  ListAttachedUserPolicies: listAttached(users),
  ListAttachedRolePolicies: listAttached(roles),
  ListUserPolicies: listInline(users),
  ListRolePolicies: listInline(roles),
  GetUserPolicy: getInline(users),
  GetRolePolicy: getInline(roles),
  PutUserPolicy: putInline(users),
  PutRolePolicy: putInline(roles),
  DeleteUserPolicy: deleteInline(users),
  DeleteRolePolicy: deleteInline(roles),
  AttachUserPolicy: attach(users),
  AttachRolePolicy: attach(roles),
  DetachUserPolicy: detach(users),
  DetachRolePolicy: detach(roles),
  ListAttachedGroupPolicies: listAttached(groups),
  ListGroupPolicies: listInline(groups),
  GetGroupPolicy: getInline(groups),
  PutGroupPolicy: putInline(groups),
  DeleteGroupPolicy: deleteInline(groups),
  AttachGroupPolicy: attach(groups),
  DetachGroupPolicy: detach(groups),
};

function listAttached({ find }: Kind): IamOperation {
  return (call) => {
    const prefix = call.parameters.optional('PathPrefix', { max: 512 }) ?? '/';
    const arns = find(call).attachedPolicyArns.filter((arn) => (parseIamArn(arn)?.path ?? '/').startsWith(prefix));
    const { items, answer } = paged(call, arns, (arn) => arn);
    return {
      AttachedPolicies: members(items.map((arn) => ({ PolicyName: policyName(arn), PolicyArn: arn }))),
      ...answer,
    };
  };
}

function listInline({ find }: Kind): IamOperation {
  return (call) => {
    const { items, answer } = paged(call, [...find(call).inlinePolicies.keys()], (name) => name);
    return { PolicyNames: members(items), ...answer };
  };
}

function getInline({ label, find }: Kind): IamOperation {
  return (call) => {
    const identity = find(call);
    const name = call.parameters.text('PolicyName', NAME);
    const document = identity.inlinePolicies.get(name);
    if (document === undefined) throw unknownPolicy(label, name);
    return { [`${label}Name`]: identity.name, PolicyName: name, PolicyDocument: encodedDocument(document) };
  };
}

function putInline({ label, findForWrite, inlineQuota }: Kind): IamOperation {
  return (call) => {
    const identity = findForWrite(call);
    const name = call.parameters.text('PolicyName', NAME);
    const document = call.parameters.text('PolicyDocument', { max: 131_072 });
    checkIdentityPolicy(document);
    const after = new Map(identity.inlinePolicies).set(name, document);
    const size = [...after.values()].reduce((sum, text) => sum + text.replace(/\s/g, '').length, 0);
    if (size > inlineQuota) {
      throw limitExceeded(
        `Maximum policy size of ${inlineQuota} bytes exceeded for ${label.toLowerCase()} ${identity.name}`,
      );
    }
    identity.inlinePolicies = after;
    return undefined;
  };
}

function deleteInline({ label, findForWrite }: Kind): IamOperation {
  return (call) => {
    const identity = findForWrite(call);
    const name = call.parameters.text('PolicyName', NAME);
    if (!identity.inlinePolicies.delete(name)) throw unknownPolicy(label, name);
    return undefined;
  };
}

function attach({ label, findForWrite }: Kind): IamOperation {
  return (call) => {
    const identity = findForWrite(call);
    const arn = policyArn(call);
    if (!isAwsManaged(arn) && !call.account.policies.has(arn)) {
      throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    }
    if (identity.attachedPolicyArns.includes(arn)) return undefined;
    if (identity.attachedPolicyArns.length >= MAX_ATTACHED) {
      throw limitExceeded(`Cannot exceed quota for PoliciesPer${label}: ${MAX_ATTACHED}`);
    }
    identity.attachedPolicyArns = [...identity.attachedPolicyArns, arn];
    return undefined;
  };
}

function detach({ findForWrite }: Kind): IamOperation {
  return (call) => {
    const identity = findForWrite(call);
    const arn = policyArn(call);
    if (!identity.attachedPolicyArns.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
    identity.attachedPolicyArns = identity.attachedPolicyArns.filter((attached) => attached !== arn);
    return undefined;
  };
}

function policyArn(call: IamCall): string {
  const arn = call.parameters.text('PolicyArn', { min: 20, max: 2_048 });
  const parsed = parseIamArn(arn);
  if (parsed?.type !== 'policy' || parsed.partition !== call.account.partition)
    throw validationError(`ARN ${arn} is not valid.`);
  return arn;
}

const unknownPolicy = (label: string, name: string): Error =>
  noSuchEntity(`The ${label.toLowerCase()} policy with name ${name} cannot be found.`);
