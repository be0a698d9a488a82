import { GetAccessKeyLastUsedCommand, GetLoginProfileCommand, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { sideBySide } from '../../scans/collectors/side-by-side';
import type { ObservedKey, ObservedUse, ObservedUser } from '../observed';
import { given, givenDate, incomplete, type Reader, unlessMissing } from './reader';
import { useAt } from './use';

const AT_ONCE = 4;

/** Every key of the user with its last use, the oldest first. */
export async function keysOf(reader: Reader, UserName: string): Promise<ObservedKey[]> {
  const listed = await reader.list(
    (marker) => reader.send(new ListAccessKeysCommand({ UserName, ...marker })),
    (page) => page.AccessKeyMetadata,
  );
  const keys = await sideBySide(listed, AT_ONCE, async ({ AccessKeyId, CreateDate, Status }): Promise<ObservedKey> => {
    const id = given(AccessKeyId, 'iam:ListAccessKeys');
    return {
      id,
      // An unknown status counts as active.
      active: Status !== 'Inactive',
      createdAt: givenDate(CreateDate, 'iam:ListAccessKeys'),
      lastUse: await keyUse(reader, UserName, id),
    };
  });
  return keys.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
}

async function keyUse(reader: Reader, owner: string, AccessKeyId: string): Promise<ObservedUse> {
  const { UserName, AccessKeyLastUsed } = await reader.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  if (UserName !== undefined && UserName !== owner) {
    throw incomplete(`iam:GetAccessKeyLastUsed says that the key ${AccessKeyId} of ${owner} is ${UserName}'s.`);
  }
  if (!AccessKeyLastUsed) {
    return { known: false, reason: `iam:GetAccessKeyLastUsed says nothing of the key ${AccessKeyId}.` };
  }
  // Region and service are "N/A" where there was no use, and for global services.
  return useAt(AccessKeyLastUsed.LastUsedDate, `The last use of the key ${AccessKeyId}`);
}

/**
 * Null: there is no password. `PasswordLastUsed` outlives a deleted password, so what is older than this password was
 * the use of another one.
 */
export async function passwordOf(
  reader: Reader,
  UserName: string,
  lastUsed: Date | undefined,
): Promise<ObservedUser['password']> {
  const answer = await unlessMissing(reader.send(new GetLoginProfileCommand({ UserName })));
  if (answer === null) return null;
  const createdAt = givenDate(answer.LoginProfile?.CreateDate, 'iam:GetLoginProfile');
  const told = useAt(lastUsed, `PasswordLastUsed of ${UserName}`);
  const older = told.known && told.at !== null && told.at < createdAt;
  return { createdAt, lastUse: older ? { known: true, at: null } : told };
}
