import { idleness, latest } from '../../../scans/idle';
import type { LastUsed } from '../../../scans/inventory';
import { roleLastUsed, unusedKey, unusedPassword } from '../../../scans/collectors/tracking';
import type { ActionContext } from '../../action';
import type { ObservedKey, ObservedRole, ObservedUse, ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { minute, refusal } from './refusal';

/** What is put away, as far as use goes. */
interface Part {
  readonly what: string;
  readonly use: ObservedUse;
  /** When it was made or last changed: young things have their grace by it. */
  readonly bornAt: Date;
  /** What it means that AWS has seen no use. */
  readonly unused: LastUsed;
}

export const keyInUse = (key: ObservedKey, context: ActionContext): Refusal | null => partInUse(keyPart(key), context);

export const passwordInUse = (
  password: NonNullable<ObservedUser['password']>,
  context: ActionContext,
): Refusal | null => partInUse(passwordPart(password, context), context);

/** Any key, inactive ones too, and the password; and the user must be old enough itself. */
export function userInUse(user: ObservedUser, context: ActionContext): Refusal | null {
  const parts = [
    bare(`The user ${user.name}`, user.createdAt),
    ...user.keys.map(keyPart),
    ...(user.password ? [passwordPart(user.password, context)] : []),
  ];
  for (const part of parts) {
    const found = partInUse(part, context);
    if (found) return found;
  }
  return null;
}

export const roleInUse = (role: ObservedRole, context: ActionContext): Refusal | null =>
  partInUse(
    {
      what: `The role ${role.name}`,
      use: role.lastUse,
      bornAt: role.createdAt,
      unused: roleLastUsed({}, role.createdAt, context.at),
    },
    context,
  );

const keyPart = ({ id, lastUse, createdAt }: ObservedKey): Part => ({
  what: `The access key ${id}`,
  use: lastUse,
  bornAt: createdAt,
  unused: unusedKey(createdAt),
});

function passwordPart({ createdAt, lastUse }: NonNullable<ObservedUser['password']>, { item }: ActionContext): Part {
  const { passwordChangedAt } = item.approved;
  return {
    what: `The password of ${item.name}`,
    use: lastUse,
    bornAt: passwordChangedAt === null ? createdAt : latest(createdAt, new Date(passwordChangedAt)),
    unused: unusedPassword(createdAt),
  };
}

const bare = (what: string, bornAt: Date): Part => ({
  what,
  use: { known: true, at: null },
  bornAt,
  unused: { state: 'never' },
});

/**
 * Used since it was approved, not idle for as long as it must be, or not known to be: none of these is acted on. The
 * date that was approved counts beside the threshold, because a threshold may be shorter than a quarantine.
 */
function partInUse({ what, use, bornAt, unused }: Part, { item, at }: ActionContext): Refusal | null {
  const { lastUsedAt, idleDays } = item.approved;
  if (!use.known) {
    return refusal(
      'UNKNOWN',
      `${what}: it is not known when it was last used: ${use.reason}`,
      'What is not known is not acted on. Scan the account when AWS answers again, and propose it again.',
    );
  }
  if (use.at && (lastUsedAt === null || seconds(use.at) > seconds(new Date(lastUsedAt)))) {
    return refusal(
      'USED_SINCE',
      `${what} was used on ${minute(use.at)}, after it was approved as unused.`,
      'It is left alone: it is in use.',
    );
  }
  const lastUsed: LastUsed = use.at ? { state: 'at', at: use.at, region: null, service: null } : unused;
  const idle = idleness(lastUsed, bornAt, idleDays, at);
  switch (idle.state) {
    case 'idle':
      return null;
    case 'active':
      return refusal(
        'NOT_IDLE',
        `${what} has not been idle for ${idleDays} days: ${history(use.at, bornAt)}.`,
        'It is left alone until it has been idle for so long.',
      );
    case 'unknown':
      return refusal('UNKNOWN', `${what}: ${idle.reason}`, 'What is not known is not acted on.');
  }
}

const history = (usedAt: Date | null, bornAt: Date): string =>
  usedAt && usedAt >= bornAt ? `last used on ${minute(usedAt)}` : `made or changed on ${minute(bornAt)}`;

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
