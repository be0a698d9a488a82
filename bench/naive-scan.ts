import {
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  ListAccessKeysCommand,
  paginateListRoles,
  paginateListUsers,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../src/aws/account-access';
import { sideBySide } from '../src/scans/collectors/side-by-side';

const AT_ONCE = 8;

/**
 * How an account is commonly read: all users, the keys of each, the last use of each key, all roles, each role once more
 * for its last use. Through the same client with the same pacing as ours, phases side by side where they can be.
 */
export async function naiveScan(access: AccountAccess): Promise<{ keys: number; roles: number }> {
  const client = access.iam;
  const readKeys = async (): Promise<number> => {
    const users: string[] = [];
    for await (const page of paginateListUsers({ client, pageSize: 1000 }, {})) {
      for (const { UserName } of page.Users ?? []) if (UserName) users.push(UserName);
    }
    const keys = await sideBySide(users, AT_ONCE, async (UserName) => {
      const { AccessKeyMetadata } = await client.send(new ListAccessKeysCommand({ UserName }));
      for (const { AccessKeyId } of AccessKeyMetadata ?? []) {
        await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
      }
      return AccessKeyMetadata?.length ?? 0;
    });
    return keys.reduce((sum, count) => sum + count, 0);
  };
  const readRoles = async (): Promise<number> => {
    const roles: string[] = [];
    for await (const page of paginateListRoles({ client, pageSize: 1000 }, {})) {
      for (const { RoleName } of page.Roles ?? []) if (RoleName) roles.push(RoleName);
    }
    await sideBySide(roles, AT_ONCE, (RoleName) => client.send(new GetRoleCommand({ RoleName })));
    return roles.length;
  };
  const [keys, roles] = await Promise.all([readKeys(), readRoles()]);
  return { keys, roles };
}
