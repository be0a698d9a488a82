import type { SimAccount } from './model';

/** ARNs carry the account's partition; an identity's path stands between its type and its name. */
export const userArn = (account: SimAccount, user: { path: string; name: string }): string =>
  `arn:${account.partition}:iam::${account.summary.accountId}:user${user.path}${user.name}`;

export const roleArn = (account: SimAccount, role: { path: string; name: string }): string =>
  `arn:${account.partition}:iam::${account.summary.accountId}:role${role.path}${role.name}`;

export const rootArn = (account: SimAccount): string =>
  `arn:${account.partition}:iam::${account.summary.accountId}:root`;
