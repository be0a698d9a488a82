import { ListServiceSpecificCredentialsCommand, ListSSHPublicKeysCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isDenied } from '../../aws/errors';
import { DomainError } from '../../errors';
import type { Known, OtherCredentials } from '../inventory';
import { allPages } from './marker-pages';
import { rethrowStops } from './reading';
import { sideBySide } from './side-by-side';

export const otherCredentialsPermissions = ['iam:ListServiceSpecificCredentials', 'iam:ListSSHPublicKeys'] as const;

const AT_ONCE = 8;

/**
 * What neither the report nor authorization details show, for users about to be flagged: one listing of service-specific
 * credentials for the account, and one call for each user's SSH keys. What was denied leaves its users `unknown`.
 * @throws `LeaseLost`; the signal's reason.
 */
export async function collectOtherCredentials(
  access: AccountAccess,
  userNames: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Known<OtherCredentials>>> {
  if (userNames.length === 0) return new Map();
  const ofAccount = await known(access, signal, () => activeServiceSpecificOfAll(access, signal));
  const found = await sideBySide([...new Set(userNames)], AT_ONCE, async (userName) => {
    const credentials = await known(access, signal, async (): Promise<OtherCredentials> => {
      if (ofAccount.state === 'unknown') throw new DomainError('AWS_NOT_READ', ofAccount.reason);
      const activeServiceSpecific =
        ofAccount.value === 'ask-each'
          ? await countServiceSpecific(access, userName, signal)
          : (ofAccount.value.get(userName) ?? 0);
      return { activeServiceSpecific, activeSshKeys: await countSshKeys(access, userName, signal) };
    });
    return [userName, credentials] as const;
  });
  return new Map(found);
}

async function known<T>(
  access: AccountAccess,
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<Known<T>> {
  try {
    return { state: 'known', value: await read() };
  } catch (error) {
    rethrowStops(error, signal);
    return { state: 'unknown', reason: access.explain(error).message };
  }
}

// `Expired` ones cannot be used any more; an unknown status counts as active.
const usable = (credential: { Status?: string | undefined }): boolean =>
  credential.Status !== 'Inactive' && credential.Status !== 'Expired';

const sending = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

/** Endpoints that do not know `AllUsers` refuse it, or answer for one user: then each user is asked. */
async function activeServiceSpecificOfAll(
  access: AccountAccess,
  signal: AbortSignal | undefined,
): Promise<Map<string, number> | 'ask-each'> {
  try {
    const all = await allPages(
      (Marker) =>
        access.iam.send(new ListServiceSpecificCredentialsCommand({ AllUsers: true, Marker }), sending(signal)),
      (page) => page.ServiceSpecificCredentials,
    );
    const counts = new Map<string, number>();
    for (const credential of all) {
      if (!credential.UserName) return 'ask-each';
      if (usable(credential)) counts.set(credential.UserName, (counts.get(credential.UserName) ?? 0) + 1);
    }
    return counts;
  } catch (error) {
    rethrowStops(error, signal);
    const { code } = access.explain(error);
    if (!isDenied(error) && (code === 'AWS_INVALID_REQUEST' || code === 'AWS_NOT_FOUND')) return 'ask-each';
    throw access.explain(error, 'iam:ListServiceSpecificCredentials');
  }
}

export async function countServiceSpecific(
  access: AccountAccess,
  UserName: string,
  signal?: AbortSignal,
): Promise<number> {
  const all = await allPages(
    (Marker) => access.iam.send(new ListServiceSpecificCredentialsCommand({ UserName, Marker }), sending(signal)),
    (page) => page.ServiceSpecificCredentials,
  );
  return all.filter(usable).length;
}

export async function countSshKeys(access: AccountAccess, UserName: string, signal?: AbortSignal): Promise<number> {
  const all = await allPages(
    (Marker) => access.iam.send(new ListSSHPublicKeysCommand({ UserName, Marker }), sending(signal)),
    (page) => page.SSHPublicKeys,
  );
  return all.filter(usable).length;
}
