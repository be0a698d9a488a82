import type { SimAccount, SimGroup } from './world/model';

type Named = Pick<SimGroup, 'name' | 'path'>;

const iamArn = (account: SimAccount, type: string, { path, name }: Named): string =>
  `arn:${account.partition}:iam::${account.summary.accountId}:${type}${path}${name}`;

export const groupArn = (account: SimAccount, group: Named): string => iamArn(account, 'group', group);

export const instanceProfileArn = (account: SimAccount, profile: Named): string =>
  iamArn(account, 'instance-profile', profile);

export const policyArn = (account: SimAccount, policy: Named): string => iamArn(account, 'policy', policy);

export const mfaArn = (account: SimAccount, device: Named): string => iamArn(account, 'mfa', device);

export const assumedRoleArn = (account: SimAccount, roleName: string, sessionName: string): string =>
  `arn:${account.partition}:sts::${account.summary.accountId}:assumed-role/${roleName}/${sessionName}`;

export interface ParsedIamArn {
  partition: string;
  accountId: string;
  type: string;
  /** With leading and trailing slash. */
  path: string;
  name: string;
}

/** `arn:aws:iam::123456789012:role/path/name`; `undefined` for anything else. */
export function parseIamArn(arn: string): ParsedIamArn | undefined {
  const match = /^arn:(aws[\w-]*):iam::(\d{12}|aws):([\w-]+)(\/(?:[^/]+\/)*)([^/]+)$/.exec(arn);
  if (!match) return undefined;
  const [, partition = '', accountId = '', type = '', path = '', name = ''] = match;
  return { partition, accountId, type, path, name };
}
