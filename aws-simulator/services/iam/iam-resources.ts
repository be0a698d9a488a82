import { ownerOfKey } from './access-keys';
import type { IamCall } from './iam-call';
import { callerName } from './iam-call';
import { otherTarget } from './other-targets';
import { actions } from '../../authorization/actions';
import type { ActionFacts } from '../../authorization/actions';
import type { ConditionContext } from '../../authorization/conditions';
import { roleArn, userArn } from '../../world/arn';
import type { SimPrincipal } from '../../world/model';
import { identityAt } from './service-last-accessed';

export interface IamTarget {
  /** The ARN that the action is authorized on; `*` where the action knows no resource. */
  resource: string;
  identity: SimPrincipal | undefined;
  /** Of what is no identity. */
  tags?: ReadonlyMap<string, string>;
}

/** What an IAM request is about, from its parameters, before anything is known to exist. */
export function targetOf(call: IamCall, action: string, facts: ActionFacts): IamTarget {
  const { account, parameters } = call;
  if (action === 'GetAccessKeyLastUsed') {
    const owner = ownerOfKey(call, parameters.text('AccessKeyId'))?.user;
    return { resource: owner ? userArn(account, owner) : '*', identity: owner };
  }
  switch (facts.resource) {
    case 'user': {
      if (parameters.boolean('AllUsers') === true) {
        return { resource: userArn(account, { path: '/', name: '*' }), identity: undefined };
      }
      const name = parameters.optional('UserName') ?? callerName(call);
      const user = account.users.get(name.toLowerCase());
      const path = parameters.optional('Path') ?? '/';
      return { resource: userArn(account, user ?? { path, name }), identity: user };
    }
    case 'role': {
      const name = parameters.text('RoleName');
      const role = account.roles.get(name.toLowerCase());
      const path = parameters.optional('Path') ?? '/';
      return { resource: roleArn(account, role ?? { path, name }), identity: role };
    }
    case 'any-identity': {
      const resource = parameters.optional('Arn') ?? parameters.text('PolicySourceArn');
      return { resource, identity: existing(call, resource) };
    }
    default: {
      const other = otherTarget(call, facts.resource);
      return other ? { ...other, identity: undefined } : { resource: '*', identity: undefined };
    }
  }
}

function existing(call: IamCall, arn: string): SimPrincipal | undefined {
  try {
    return identityAt(call.account, arn);
  } catch {
    return undefined; // the operation itself says what is wrong, once the caller is authorized
  }
}

/** Condition keys of an IAM request: the resource's tags, and those that the actions table lists. */
export function targetContext(
  call: IamCall,
  action: string,
  target: IamTarget,
  base: ConditionContext,
): ConditionContext {
  const { parameters } = call;
  const keys = actions[`iam:${action}`]?.conditionKeys ?? [];
  const context = base.with([['aws:ResourceAccount', call.account.summary.accountId]]);
  for (const [key, value] of target.identity?.tags ?? target.tags ?? []) {
    context.set(`aws:ResourceTag/${key}`, value).set(`iam:ResourceTag/${key}`, value);
  }
  if (keys.includes('iam:PermissionsBoundary')) {
    const current = target.identity?.boundaryArn ?? undefined;
    context.set('iam:PermissionsBoundary', parameters.optional('PermissionsBoundary') ?? current);
  }
  if (keys.includes('iam:PolicyARN')) context.set('iam:PolicyARN', parameters.optional('PolicyArn'));
  if (keys.includes('iam:ServiceSpecificCredentialServiceName')) {
    context
      .set('iam:ServiceSpecificCredentialServiceName', parameters.optional('ServiceName'))
      .set('iam:ServiceSpecificCredentialAgeDays', parameters.optional('CredentialAgeDays'));
  }
  if (keys.includes('aws:TagKeys')) {
    const tags = parameters.tags();
    for (const [key, value] of tags) context.set(`aws:RequestTag/${key}`, value);
    const tagKeys = [...tags.keys(), ...parameters.list('TagKeys')];
    if (tagKeys.length > 0) context.set('aws:TagKeys', tagKeys);
  }
  return context;
}
