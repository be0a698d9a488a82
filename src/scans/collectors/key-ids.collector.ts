import { GetAccessKeyLastUsedCommand, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { DomainError } from '../../errors';
import type { InventoryAccessKey, Known } from '../inventory';
import { allPages } from './marker-pages';
import { undecided, type ListedKey } from './name-keys';
import { rethrowStops } from './reading';
import { sideBySide } from './side-by-side';
import { dateOrNull } from './tracking';

export const keyIdsPermissions = ['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'] as const;

const AT_ONCE = 8;

export interface KeyIdOptions {
  /** What the report says of the users' keys, by user name: it may spare the question which of two is which. */
  readonly reported?: ReadonlyMap<string, readonly InventoryAccessKey[]> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The ids of some users' access keys: one call a user. Two more are needed only where two keys of one user were created
 * in one second, have one status, and differ in last use.
 * A user whose keys could not be read, or that is gone, is `unknown` with the reason.
 * @throws `LeaseLost`; the signal's reason.
 */
export async function collectAccessKeyIds(
  access: AccountAccess,
  userNames: readonly string[],
  { reported, signal }: KeyIdOptions = {},
): Promise<Map<string, Known<readonly ListedKey[]>>> {
  type Entry = readonly [string, Known<readonly ListedKey[]>];
  const found = await sideBySide([...new Set(userNames)], AT_ONCE, async (userName): Promise<Entry> => {
    try {
      const keys = await listKeys(access, userName, signal);
      const open = new Set(undecided(keys, reported?.get(userName)));
      const value = await sideBySide(keys, AT_ONCE, async (key): Promise<ListedKey> => {
        return open.has(key) ? { ...key, lastUsedAt: await keyLastUsedAt(access, key.accessKeyId, signal) } : key;
      });
      return [userName, { state: 'known', value }];
    } catch (error) {
      rethrowStops(error, signal);
      return [userName, { state: 'unknown', reason: access.explain(error, 'iam:ListAccessKeys').message }];
    }
  });
  return new Map(found);
}

/** All pages: a tool that stopped at the first missed keys. */
export async function listKeys(access: AccountAccess, userName: string, signal?: AbortSignal): Promise<ListedKey[]> {
  const sending = signal ? { abortSignal: signal } : {};
  const metadata = await allPages(
    (Marker) => access.iam.send(new ListAccessKeysCommand({ UserName: userName, Marker }), sending),
    (page) => page.AccessKeyMetadata,
  );
  return metadata.map((key): ListedKey => {
    const createdAt = dateOrNull(key.CreateDate);
    if (!key.AccessKeyId || !createdAt) {
      throw new DomainError('AWS_INCOMPLETE', `iam:ListAccessKeys shows a key of ${userName} without id or date.`);
    }
    return { accessKeyId: key.AccessKeyId, active: key.Status !== 'Inactive', createdAt };
  });
}

async function keyLastUsedAt(access: AccountAccess, accessKeyId: string, signal?: AbortSignal): Promise<Date | null> {
  const answer = await access.iam.send(
    new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }),
    signal ? { abortSignal: signal } : {},
  );
  return dateOrNull(answer.AccessKeyLastUsed?.LastUsedDate);
}
