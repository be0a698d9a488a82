import type { IamCall } from './iam-call';
import { groupArn, instanceProfileArn, mfaArn, policyArn } from '../../arns';
import type { ResourceType } from '../../authorization/actions';
import { instanceProfile } from '../../world/account-parts';

export interface OtherTarget {
  resource: string;
  tags: ReadonlyMap<string, string>;
}

const NO_TAGS: ReadonlyMap<string, string> = new Map();

/**
 * What a request about a group, policy, instance profile or MFA device is authorized on; `undefined` for other types.
 * Groups have no tags.
 */
export function otherTarget(call: IamCall, type: ResourceType): OtherTarget | undefined {
  const { account, parameters } = call;
  const path = parameters.optional('Path') ?? '/';
  switch (type) {
    case 'group': {
      const name = parameters.text('GroupName');
      const group = account.groups.get(name.toLowerCase());
      return { resource: groupArn(account, group ?? { path, name }), tags: NO_TAGS };
    }
    case 'policy': {
      const arn = parameters.optional('PolicyArn') ?? policyArn(account, { path, name: parameters.text('PolicyName') });
      return { resource: arn, tags: account.policies.get(arn)?.tags ?? NO_TAGS };
    }
    case 'instance-profile': {
      const name = parameters.text('InstanceProfileName');
      const profile = instanceProfile(account, name);
      return { resource: instanceProfileArn(account, profile ?? { path, name }), tags: profile?.tags ?? NO_TAGS };
    }
    case 'mfa': {
      const arn =
        parameters.optional('SerialNumber') ?? mfaArn(account, { path, name: parameters.text('VirtualMFADeviceName') });
      return { resource: arn, tags: account.mfaDevices.get(arn)?.tags ?? NO_TAGS };
    }
    default:
      return undefined;
  }
}
