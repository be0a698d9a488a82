import { createHash } from 'node:crypto';
import type { SimAccount, SimGroup } from './world/model';

type Named = Pick<SimGroup, 'name' | 'path'>;

const iamArn = (account: SimAccount, type: string, { path, name }: Named): string =>
  `arn:${account.partition}:iam::${account.summary.accountId}:${type}${path}${name}`;

export const groupArn = (account: SimAccount, group: Named): string => iamArn(account, 'group', group);

export const instanceProfileArn = (account: SimAccount, name: string): string =>
  iamArn(account, 'instance-profile', { path: '/', name });

export const assumedRoleArn = (account: SimAccount, roleName: string, sessionName: string): string =>
  `arn:${account.partition}:sts::${account.summary.accountId}:assumed-role/${roleName}/${sessionName}`;

/** Instance profiles are names in the model; their id follows from account and name. */
export const instanceProfileId = (account: SimAccount, name: string): string =>
  `AIPA${createHash('sha256').update(`${account.summary.accountId}/${name}`).digest('hex').slice(0, 17).toUpperCase()}`;

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
