import {
  type InventoryPassword,
  type InventoryUser,
  type Known,
  type OtherCredentials,
  type ReportedCredentials,
} from '../inventory';
import { ROOT_NAME, type ReportLine } from './credential-report';
import type { UserWithoutCredentials } from './principals';
import type { ReportReading } from './report.collector';
import { laterOf, sameSecond } from './tracking';

const OTHER_CREDENTIALS_NOT_ASKED: Known<OtherCredentials> = {
  state: 'unknown',
  reason: 'SSH keys and service-specific credentials have not been read yet.',
};

/** What was read of an account's users besides authorization details. */
export interface UserSources {
  /** Null: not read. */
  readonly report: ReportReading | null;
  /** `PasswordLastUsed` from `ListUsers`, by unique id; null: not read, the report's has to do. */
  readonly passwordsUsedAt: ReadonlyMap<string, Date> | null;
}

/** A user with what the report says of it, and the later of the two last sign-ins (the report may be four hours old). */
export function withCredentials(user: UserWithoutCredentials, sources: UserSources): InventoryUser {
  const reported = reportedFor(user, sources.report);
  const usedAt = sources.passwordsUsedAt?.get(user.uniqueId) ?? null;
  const credentials: Known<ReportedCredentials> =
    reported.state === 'unknown'
      ? reported
      : { state: 'known', value: { ...reported.value, password: withLastSignIn(reported.value.password, usedAt) } };
  return { ...user, credentials, otherCredentials: OTHER_CREDENTIALS_NOT_ASKED };
}

/**
 * The line of exactly this user. One of another creation time is of an earlier user of that name: its credentials say
 * nothing about the present one.
 */
function reportedFor(user: UserWithoutCredentials, reading: ReportReading | null): Known<ReportedCredentials> {
  const unknown = (reason: string): Known<never> => ({ state: 'unknown', reason });
  if (!reading) return unknown('The credential report could not be read.');
  const line: ReportLine | undefined = reading.report.users.get(user.arn);
  const of = reading.generatedAt
    ? `The credential report of ${reading.generatedAt.toISOString()}`
    : 'The credential report';
  if (!line) {
    const younger = reading.generatedAt !== null && user.createdAt.getTime() > reading.generatedAt.getTime();
    return unknown(younger ? `${of} does not show this user: it was created after.` : `${of} does not show this user.`);
  }
  if (!line.createdAt) return unknown(`${of} does not say when this user was created.`);
  if (!sameSecond(line.createdAt, user.createdAt)) {
    return unknown(`${of} shows another user of this name: this one was created after the report was made.`);
  }
  return line.credentials;
}

function withLastSignIn(password: InventoryPassword | null, usedAt: Date | null): InventoryPassword | null {
  if (!password || !usedAt) return password;
  const reported = password.lastUsed.state === 'at' ? password.lastUsed.at : null;
  const at = laterOf(reported, usedAt) ?? usedAt;
  return { ...password, lastUsed: { state: 'at', at, region: null, service: null } };
}

/**
 * A user that IAM itself was asked about after the report was made: what the report says of its credentials is older
 * than what is known. Only the list of users may tell of a later sign-in still.
 */
export function withKnownCredentials(user: InventoryUser, known: InventoryUser): InventoryUser {
  if (known.credentials.state === 'unknown') return user;
  const { value } = known.credentials;
  const lastUsed = user.credentials.state === 'known' ? user.credentials.value.password?.lastUsed : undefined;
  const password = withLastSignIn(value.password, lastUsed?.state === 'at' ? lastUsed.at : null);
  return { ...user, credentials: { state: 'known', value: { ...value, password } } };
}

/** The report's first line as a user that is only reported on: its keys, without its password. */
export function rootUser(line: ReportLine, accountId: string): InventoryUser | null {
  if (!line.createdAt) return null;
  return {
    kind: 'user',
    isRoot: true,
    arn: line.arn,
    uniqueId: accountId,
    name: ROOT_NAME,
    path: '/',
    createdAt: line.createdAt,
    tags: {},
    boundaryArn: null,
    attachedPolicyArns: [],
    inlinePolicyNames: [],
    groups: [],
    credentials: line.credentials,
    otherCredentials: { state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 0 } },
  };
}
