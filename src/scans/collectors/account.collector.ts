import { GetAccountAuthorizationDetailsCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { rootArn } from '../../aws/arns';
import type { InventoryRole, InventoryUser } from '../inventory';
import { markerPages } from './marker-pages';
import { roleOf, userOf, type UserWithoutCredentials } from './principals';
import { Reading, type NotRead } from './reading';
import { readCredentialReport, reportPermissions, type ReportWaits } from './report.collector';
import { dateOrNull } from './tracking';
import { rootUser, withCredentials, type UserSources } from './users';

export const accountPermissions = [
  ...reportPermissions,
  'iam:GetAccountAuthorizationDetails',
  'iam:ListUsers',
] as const;

export interface CollectOptions {
  /** The scan's time: what "within the tracking window" is measured from. */
  readonly at: Date;
  /** Called page by page, one call at a time; its errors end the collection. */
  readonly onRoles: (roles: readonly InventoryRole[]) => Promise<void> | void;
  /**
   * Called after all reads, in chunks; root among them where the report shows it. `reportedAt`: when the report was
   * made, which may be hours ago; null: not known, or it was not read.
   */
  readonly onUsers: (users: readonly InventoryUser[], reportedAt: Date | null) => Promise<void> | void;
  readonly signal?: AbortSignal | undefined;
  readonly reportWaits?: ReportWaits | undefined;
}

export interface AccountReading {
  /** Complete: all was read. Partial: what is in `notRead` was not, so absence proves nothing. Failed: nothing was. */
  readonly outcome: 'complete' | 'partial' | 'failed';
  readonly notRead: readonly NotRead[];
  /** Whether every page of users and roles was read. */
  readonly detailsRead: boolean;
  readonly reportGeneratedAt: Date | null;
}

/** AWS's maximum. */
const PAGE = 1000;

/**
 * Reads one account: the credential report is made while authorization details and the list of users are read. That is
 * 5 calls for 1,000 users and 1,000 roles (6 where the report takes its time), and `AssumeRole`.
 * A read that fails makes the outcome partial, and what hangs on it unknown.
 * @throws what `onRoles` and `onUsers` throw; `LeaseLost`; the signal's reason.
 */
export async function collectAccount(access: AccountAccess, options: CollectOptions): Promise<AccountReading> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const reading = new Reading(access, signal);
  try {
    if ((await reading.attempt('the account', () => access.connect())) === null)
      return outcomeOf(reading, null, { anything: false, detailsRead: false });
    const details = readDetails(access, options, reading, signal);
    const passwords = reading.attempt('the last sign-in of users', () => readPasswordUses(access, signal));
    const meanwhile = Promise.allSettled([details, passwords]);
    const report = reading.attempt('the credential report', () =>
      readCredentialReport(access, { signal, waits: options.reportWaits, meanwhile }),
    );
    // What one of them throws ends the others, which must not go on in the background.
    const all = [details, passwords, report] as const;
    for (const one of all) one.catch((error: unknown) => stop.abort(error));
    await Promise.allSettled(all);
    signal.throwIfAborted();
    const [users, passwordsUsedAt, reported] = await Promise.all(all);

    await emitUsers(access, users.users, { report: reported, passwordsUsedAt }, options, reading);
    const anything = users.pages > 0 || passwordsUsedAt !== null || reported !== null;
    return outcomeOf(reading, reported?.generatedAt ?? null, { anything, detailsRead: users.complete });
  } finally {
    stop.abort();
  }
}

function outcomeOf(
  reading: Reading,
  reportGeneratedAt: Date | null,
  { anything, detailsRead }: { anything: boolean; detailsRead: boolean },
): AccountReading {
  const { notRead } = reading;
  const outcome = !anything ? 'failed' : notRead.length > 0 ? 'partial' : 'complete';
  return { outcome, notRead, detailsRead, reportGeneratedAt };
}

interface Details {
  readonly users: UserWithoutCredentials[];
  pages: number;
  complete: boolean;
}

async function readDetails(
  access: AccountAccess,
  options: CollectOptions,
  reading: Reading,
  signal: AbortSignal,
): Promise<Details> {
  const read: Details = { users: [], pages: 0, complete: false };
  const pages = markerPages((Marker) =>
    access.iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Role'], MaxItems: PAGE, Marker }), {
      abortSignal: signal,
    }),
  );
  for (;;) {
    const next = await reading.attempt('users and roles', () => pages.next());
    if (next === null || next.done === true) return { ...read, complete: next !== null };
    read.pages += 1;
    const page = next.value;
    for (const detail of page.UserDetailList ?? []) {
      const user = userOf(detail);
      if (user) read.users.push(user);
      else
        reading.gap(
          'a user',
          `Authorization details show a user (${detail.Arn ?? 'no ARN'}) without name, id or date.`,
        );
    }
    const roles: InventoryRole[] = [];
    for (const detail of page.RoleDetailList ?? []) {
      const found = roleOf(detail, options.at);
      if (!found) {
        reading.gap(
          'a role',
          `Authorization details show a role (${detail.Arn ?? 'no ARN'}) without name, id or date.`,
        );
        continue;
      }
      if (!found.trustRead) {
        reading.gap(
          `the trust policy of ${found.role.arn}`,
          'It is missing or not JSON, so whom the role trusts is not known.',
        );
      }
      roles.push(found.role);
    }
    if (roles.length > 0) await options.onRoles(roles);
  }
}

/** By unique id. Users without a date have not signed in since AWS tracks it, or have no password. */
async function readPasswordUses(access: AccountAccess, signal: AbortSignal): Promise<Map<string, Date>> {
  const uses = new Map<string, Date>();
  const pages = markerPages((Marker) =>
    access.iam.send(new ListUsersCommand({ MaxItems: PAGE, Marker }), { abortSignal: signal }),
  );
  for await (const page of pages) {
    for (const user of page.Users ?? []) {
      const usedAt = dateOrNull(user.PasswordLastUsed);
      if (user.UserId && usedAt) uses.set(user.UserId, usedAt);
    }
  }
  return uses;
}

async function emitUsers(
  access: AccountAccess,
  users: readonly UserWithoutCredentials[],
  sources: UserSources,
  options: CollectOptions,
  reading: Reading,
): Promise<void> {
  const reportedAt = sources.report?.generatedAt ?? null;
  const rootLine = sources.report?.report.root;
  if (rootLine) {
    const arn = rootLine.arn || rootArn(access.partition, access.accountId);
    const root = rootUser({ ...rootLine, arn }, access.accountId);
    if (root) await options.onUsers([root], reportedAt);
    else reading.gap('the root user', 'The credential report does not say when the root user was created.');
  }
  for (let from = 0; from < users.length; from += PAGE) {
    options.signal?.throwIfAborted();
    const page = users.slice(from, from + PAGE).map((user) => withCredentials(user, sources));
    await options.onUsers(page, reportedAt);
  }
}
