import type { InventoryUser, LastUsed, ReportedCredentials } from '../scans/inventory';
import { ROLE_TRACKING_DAYS } from '../scans/inventory';
import { DAY_MS } from '../clock';
import type { Verdict } from './check';
import { idleness, type IdleTime, reached, valid } from '../scans/idle';
import type { PolicySettings } from './policy';
import { day, usage } from './wording';

interface Part {
  readonly name: string;
  readonly lastUsed: LastUsed;
  readonly bornAt: Date | null;
}

/**
 * Whether a user is unused as far as its password and access keys tell; SSH keys and the like are not looked at.
 * One sign of life makes it compliant even where other things were not read; otherwise one gap makes it unknown.
 * In either mode a user younger than the threshold has its grace. Inactive keys are no credentials: they sign nothing.
 */
export function usersIdleness(
  user: InventoryUser,
  mode: PolicySettings['checks']['unused-user']['mode'],
  idleDays: number,
  at: Date,
): Verdict {
  if (!valid(user.createdAt)) {
    return { state: 'unknown', cause: 'unread', reason: 'AWS did not say when it was created.' };
  }
  if (!reached(user.createdAt, idleDays, at)) {
    return { state: 'compliant', why: `Created on ${day(user.createdAt)}: younger than ${idleDays} days.` };
  }
  if (user.credentials.state === 'unknown') {
    return { state: 'unknown', cause: 'unread', reason: user.credentials.reason };
  }
  const credentials = user.credentials.value;
  if (mode === 'never-signed-in-and-no-key') {
    if (credentials.accessKeys.length > 0) return { state: 'compliant', why: 'Has an access key.' };
    if (credentials.password?.lastUsed.state === 'at') {
      return { state: 'compliant', why: `Signed in on ${day(credentials.password.lastUsed.at)}.` };
    }
  }
  return judgeParts(partsOf(credentials), user, idleDays, at);
}

function partsOf({ password, accessKeys }: ReportedCredentials): Part[] {
  const keys = accessKeys.filter((key) => key.active);
  return [
    ...(password ? [{ name: 'password', lastUsed: password.lastUsed, bornAt: password.lastChangedAt }] : []),
    ...keys.map(({ lastUsed, createdAt }) => ({ name: 'access key', lastUsed, bornAt: createdAt })),
  ];
}

function judgeParts(parts: readonly Part[], user: InventoryUser, idleDays: number, at: Date): Verdict {
  const judged = parts.map((part) => ({ part, idle: idleness(part.lastUsed, part.bornAt, idleDays, at) }));
  const active = judged.find(({ idle }) => idle.state === 'active');
  if (active) {
    const { name, lastUsed, bornAt } = active.part;
    const born = bornAt ? `, set on ${day(bornAt)}` : '';
    return { state: 'compliant', why: `Its ${name}: ${usage(lastUsed)}${born}: not idle for ${idleDays} days.` };
  }
  let idle: IdleTime = { idleSince: user.createdAt, idleAtLeast: false };
  for (const { part, idle: found } of judged) {
    if (found.state === 'unknown') {
      return { state: 'unknown', cause: 'unread', reason: `Its ${part.name}: ${found.reason}` };
    }
    if (found.state === 'idle') idle = lessIdle(idle, found, at);
  }
  const told = judged.map(({ part }) => `${part.name}: ${usage(part.lastUsed)}`).join('; ');
  const has = told === '' ? 'has neither a password nor an active access key' : told;
  const why = `Created on ${day(user.createdAt)}; ${has}: idle for ${idleDays} days or more.`;
  const { idleSince, idleAtLeast } = idle; // not spread: `idle` may be an `Idleness`, whose `state` would win
  return { state: 'non-compliant', why, idleSince, idleAtLeast };
}

/** A user is as idle as its least idle credential; of two equal starts the exact one says more. */
function lessIdle(one: IdleTime, other: IdleTime, at: Date): IdleTime {
  const start = ({ idleSince }: IdleTime): number => idleSince?.getTime() ?? at.getTime() - ROLE_TRACKING_DAYS * DAY_MS;
  if (start(one) !== start(other)) return start(one) > start(other) ? one : other;
  return one.idleAtLeast ? other : one;
}
