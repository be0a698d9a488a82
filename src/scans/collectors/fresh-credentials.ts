import {
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  ListSigningCertificatesCommand,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isMissing } from '../../aws/errors';
import type { InventoryAccessKey, InventoryPassword, InventoryUser, LastUsed, ReportedCredentials } from '../inventory';
import { keyIdsPermissions, listKeys } from './key-ids.collector';
import { allPages } from './marker-pages';
import type { UserWithoutCredentials } from './principals';
import { dateOrNull, laterOf, sameSecond, unusedKey, unusedPassword } from './tracking';
import type { ListedKey } from './name-keys';

export const freshCredentialsPermissions = [
  ...keyIdsPermissions,
  'iam:GetLoginProfile',
  'iam:ListSigningCertificates',
] as const;

interface Options {
  readonly previous?: InventoryUser | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the report says of a user, but read at this moment, call by call. Errors are the SDK's. */
export async function freshCredentials(
  access: AccountAccess,
  user: UserWithoutCredentials,
  passwordLastUsed: Date | undefined,
  options: Options,
): Promise<ReportedCredentials> {
  const { previous, signal } = options;
  const before = previous?.credentials.state === 'known' ? previous.credentials.value : null;
  const sending = signal ? { abortSignal: signal } : {};
  const [passwordSince, listed, certificates] = await Promise.all([
    passwordCreatedAt(access, user, sending),
    listKeys(access, user.name, signal),
    allPages(
      (Marker) => access.iam.send(new ListSigningCertificatesCommand({ UserName: user.name, Marker }), sending),
      (page) => page.Certificates,
    ),
  ]);
  const slots = slotsOf(listed, before?.accessKeys ?? []);
  return {
    password: passwordSince && freshPassword(passwordSince, dateOrNull(passwordLastUsed), before),
    accessKeys: await Promise.all(
      listed.map(async (key, index): Promise<InventoryAccessKey> => ({
        kind: 'access-key',
        slot: slots[index] ?? index + 1,
        accessKeyId: key.accessKeyId,
        active: key.active,
        createdAt: key.createdAt,
        lastUsed: notTakenBack(await keyUse(access, key, sending), knownUse(key, before?.accessKeys ?? [])),
      })),
    ),
    activeCertificates: certificates.filter((certificate) => certificate.Status !== 'Inactive').length,
  };
}

type Sending = { abortSignal?: AbortSignal };

async function passwordCreatedAt(
  access: AccountAccess,
  user: UserWithoutCredentials,
  sending: Sending,
): Promise<Date | null> {
  try {
    const { LoginProfile } = await access.iam.send(new GetLoginProfileCommand({ UserName: user.name }), sending);
    return dateOrNull(LoginProfile?.CreateDate) ?? user.createdAt;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * The date of a password's last change is in the report only. What the inventory knows of it still holds, or more;
 * where it knows nothing, nothing is claimed, since the password may be younger than its profile.
 */
function freshPassword(createdAt: Date, usedAt: Date | null, before: ReportedCredentials | null): InventoryPassword {
  const changedAt = before?.password ? before.password.lastChangedAt : before && createdAt;
  const told: LastUsed = usedAt
    ? { state: 'at', at: usedAt, region: null, service: null }
    : unusedPassword(laterOf(createdAt, changedAt) ?? createdAt);
  const lastUsed = notTakenBack(told, before?.password?.lastUsed);
  const mfaActive = before?.password?.mfaActive ?? null;
  return { kind: 'password', lastChangedAt: changedAt && laterOf(createdAt, changedAt), lastUsed, mfaActive };
}

async function keyUse(access: AccountAccess, key: ListedKey, sending: Sending): Promise<LastUsed> {
  const answer = await access.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId }), sending);
  const used = answer.AccessKeyLastUsed;
  if (!used) return { state: 'unknown', reason: 'iam:GetAccessKeyLastUsed answered without AccessKeyLastUsed.' };
  const at = dateOrNull(used.LastUsedDate);
  if (!at) return unusedKey(key.createdAt);
  return { state: 'at', at, region: nameOf(used.Region), service: nameOf(used.ServiceName) };
}

/** A use that is known has happened, whatever an endpoint leaves out of a later answer. */
const notTakenBack = (told: LastUsed, known: LastUsed | undefined): LastUsed =>
  known?.state === 'at' && (told.state !== 'at' || told.at < known.at) ? known : told;

const nameOf = (text: string | undefined): string | null => (!text || text === 'N/A' ? null : text);

const knownAs = (key: ListedKey, before: readonly InventoryAccessKey[]): InventoryAccessKey | undefined =>
  before.find((known) => known.accessKeyId === key.accessKeyId) ??
  before.find((known) => !known.accessKeyId && known.createdAt && sameSecond(known.createdAt, key.createdAt));

/** Two keys of one second that have no ids yet are not told apart here. */
function knownUse(key: ListedKey, before: readonly InventoryAccessKey[]): LastUsed | undefined {
  const candidates = before.filter(({ accessKeyId, createdAt }) =>
    accessKeyId === null ? createdAt && sameSecond(createdAt, key.createdAt) : accessKeyId === key.accessKeyId,
  );
  return candidates.length === 1 ? candidates[0]?.lastUsed : undefined;
}

/** Keys keep the slots that the inventory knows them in, by id or by second of creation; others take what is left. */
function slotsOf(listed: readonly ListedKey[], before: readonly InventoryAccessKey[]): number[] {
  const taken = new Set<number>();
  const claim = (slot: number | undefined): number | undefined => {
    if (slot === undefined || taken.has(slot)) return undefined;
    taken.add(slot);
    return slot;
  };
  const kept = listed.map((key) => claim(knownAs(key, before)?.slot));
  return kept.map((slot) => slot ?? claim([1, 2, 3, 4].find((free) => !taken.has(free))) ?? 0);
}
