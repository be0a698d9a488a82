import type { CheckId, PolicySettings } from '../../findings/policy';
import { usersIdleness } from '../../findings/user-idleness';
import { day, usage } from '../../findings/wording';
import { type Idleness, idleness, reached, valid } from '../../scans/idle';
import type { InventoryPassword, LastUsed } from '../../scans/inventory';
import type { StoredKey, StoredUser } from '../../scans/stored-inventory';
import type { Candidate } from './courses';

/** What measures age or number, not use: Mothball puts away nothing that is in use, so these are held to idleness, too. */
const HELD_TO: Readonly<Partial<Record<CheckId, CheckId>>> = {
  'access-key-not-rotated': 'unused-access-key',
  'second-active-key': 'unused-access-key',
};

const daysOf = (check: CheckId, settings: PolicySettings): number => {
  const checked = settings.checks[HELD_TO[check] ?? check];
  return 'idleDays' in checked ? checked.idleDays : settings.checks['unused-access-key'].idleDays;
};

/**
 * For how many days what the item puts away must have been idle: the thresholds of the policy that decides, the longest
 * where several checks have flagged it. A user's is never under that of unused users, whichever of its parts was flagged.
 */
export function idleDaysOf({ course, findings }: Candidate, settings: PolicySettings): number {
  const checks = new Set(findings.map(({ check_id }) => check_id));
  if (course === 'user') checks.add('unused-user');
  return Math.max(...[...checks].map((check) => daysOf(check, settings)));
}

/** As `Idleness`; what is in use says what was used, made or changed, and when: whole sentences. */
export type ItemIdleness =
  Exclude<Idleness, { readonly state: 'active' }> | { readonly state: 'active'; readonly why: string };

/** What a use of is a use of the item. */
interface Part {
  /** The subject of a sentence. */
  readonly what: string;
  readonly lastUsed: LastUsed;
  readonly bornAt: Date | null;
  readonly born: 'made' | 'made or changed';
  readonly aside?: string;
}

/** Whether what the item puts away was idle for so long at `at`; a user by all of its credentials. */
export function idlenessOf({ course, principal, key }: Candidate, idleDays: number, at: Date): ItemIdleness {
  if (principal.kind === 'role') {
    const { lastUsed, createdAt } = principal.stored.role;
    return ofPart({ what: 'It', lastUsed, bornAt: createdAt, born: 'made' }, idleDays, at);
  }
  const { user } = principal.stored;
  const { credentials } = user;
  if (course === 'user') return usersIdlenessOf(principal.stored, idleDays, at);
  if (credentials.state === 'unknown') return { state: 'unknown', reason: credentials.reason };
  if (course === 'password') {
    const { password } = credentials.value;
    if (!password) return { state: 'unknown', reason: 'It had no password any more when it was last read.' };
    return ofPart(passwordPart('It', password), idleDays, at);
  }
  if (!key) return { state: 'unknown', reason: 'The key was not there any more when its user was last read.' };
  return ofPart({ ...keyPart(key), what: 'It' }, idleDays, at);
}

/** With the inactive keys: what they were last used for may be missed, too. */
function usersIdlenessOf({ user, keys }: StoredUser, idleDays: number, at: Date): ItemIdleness {
  const { credentials } = user;
  const password = credentials.state === 'known' ? credentials.value.password : null;
  const parts: Part[] = [
    ...(password ? [passwordPart('Its password', password)] : []),
    ...[...keys].sort((one, other) => Number(other.key.active) - Number(one.key.active)).map(keyPart),
    { what: 'It', lastUsed: { state: 'never' }, bornAt: user.createdAt, born: 'made' },
  ];
  for (const part of parts) {
    const found = ofPart(part, idleDays, at);
    if (found.state === 'active') return found;
  }
  const verdict = usersIdleness(user, 'idle', idleDays, at);
  if (verdict.state === 'unknown') return { state: 'unknown', reason: verdict.reason };
  if (verdict.state === 'non-compliant') {
    return { state: 'idle', idleSince: verdict.idleSince, idleAtLeast: verdict.idleAtLeast };
  }
  return { state: 'active', why: verdict.state === 'compliant' ? verdict.why : verdict.reason };
}

const passwordPart = (what: string, { lastUsed, lastChangedAt }: InventoryPassword): Part => ({
  ...{ what, lastUsed, bornAt: lastChangedAt, born: 'made or changed' },
});

const keyPart = ({ key }: StoredKey): Part => ({
  what: `Its ${key.active ? '' : 'inactive '}access key${key.accessKeyId === null ? '' : ` ${key.accessKeyId}`}`,
  ...{ lastUsed: key.lastUsed, bornAt: key.createdAt, born: 'made' },
  ...(key.active
    ? {}
    : {
        aside:
          ' The check looks at active keys only; clean-up counts inactive ones, too, since what they were used for may be missed.',
      }),
});

function ofPart({ what, lastUsed, bornAt, born, aside = '' }: Part, idleDays: number, at: Date): ItemIdleness {
  const found = idleness(lastUsed, bornAt, idleDays, at);
  if (found.state !== 'active') return found;
  const usedAt = dateOf(lastUsed);
  const wasUsed = usedAt !== null && !reached(usedAt, idleDays, at);
  const bornOn = bornAt === null ? '' : `${born} on ${day(bornAt)}`;
  return { state: 'active', why: `${what} was ${wasUsed ? usage(lastUsed) : bornOn}.${aside}` };
}

/** The latest use of what the item puts away, as far as it is known. */
export function lastUseOf({ course, principal, key }: Candidate): Date | null {
  if (principal.kind === 'role') return dateOf(principal.stored.role.lastUsed);
  const { credentials } = principal.stored.user;
  if (course === 'access-key' || course === 'observed-key') return key && dateOf(key.key.lastUsed);
  if (credentials.state === 'unknown') return null;
  const { password, accessKeys } = credentials.value;
  const uses = course === 'password' ? [password] : [password, ...accessKeys];
  return uses
    .map((one) => one && dateOf(one.lastUsed))
    .reduce<Date | null>((latest, one) => (one && (!latest || one > latest) ? one : latest), null);
}

const dateOf = (lastUsed: LastUsed): Date | null => (lastUsed.state === 'at' ? valid(lastUsed.at) : null);
