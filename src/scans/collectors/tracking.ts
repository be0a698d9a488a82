import { daysBetween } from '../../clock';
import { ROLE_TRACKING_DAYS, type LastUsed } from '../inventory';

/**
 * What "no use known" means, from how long AWS has tracked it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */

/** Access keys' last use is known since this day. */
export const KEY_TRACKING_SINCE = new Date('2015-04-22T00:00:00Z');

/**
 * Passwords' last use: known since 2014-10-20, but lost from 2018-05-03 22:50 to 2018-05-23 14:08 PDT; without a gap
 * only since then.
 */
export const PASSWORD_TRACKING_SINCE = new Date('2018-05-23T21:08:00Z');

/** AWS compares and reports at whole seconds; fractions would make equal dates differ. */
export const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);

export const sameSecond = (a: Date, b: Date): boolean => wholeSeconds(a).getTime() === wholeSeconds(b).getTime();

/** Null, undefined and invalid dates are none. */
export const dateOrNull = (date: Date | null | undefined): Date | null =>
  date && !Number.isNaN(date.getTime()) ? wholeSeconds(date) : null;

export const laterOf = (a: Date | null, b: Date | null): Date | null => {
  if (!a || !b) return a ?? b;
  return a.getTime() >= b.getTime() ? a : b;
};

const noUseSince = (existsSince: Date, trackedSince: Date): LastUsed =>
  existsSince.getTime() < trackedSince.getTime()
    ? { state: 'before-tracking', since: trackedSince }
    : { state: 'never' };

/** @param existsSince the key's creation, or, where that is not told, its user's: never later than the key's. */
export const unusedKey = (existsSince: Date): LastUsed => noUseSince(existsSince, KEY_TRACKING_SINCE);

/** @param existsSince the password's last change, or, where that is not told, its user's creation. */
export const unusedPassword = (existsSince: Date): LastUsed => noUseSince(existsSince, PASSWORD_TRACKING_SINCE);

/** AWS's element, as the SDK gives it: `{}` for an empty element, `undefined` for none. */
export interface RoleLastUsedElement {
  readonly LastUsedDate?: Date | undefined;
  readonly Region?: string | undefined;
}

/**
 * AWS always sends `RoleLastUsed` for a role, empty when its window saw no use. An endpoint that leaves the element out
 * does not track use (or the call was one that omits it, as `ListRoles`): a gap, judged for each role by itself.
 */
export function roleLastUsed(element: RoleLastUsedElement | undefined, createdAt: Date, at: Date): LastUsed {
  if (element === undefined)
    return { state: 'unknown', reason: 'The endpoint does not report RoleLastUsed for this role.' };
  if (element.LastUsedDate !== undefined) {
    const usedAt = dateOrNull(element.LastUsedDate);
    if (!usedAt) return { state: 'unknown', reason: 'RoleLastUsed holds a date that cannot be read.' };
    return { state: 'at', at: usedAt, region: element.Region || null, service: null };
  }
  return daysBetween(createdAt, at) < ROLE_TRACKING_DAYS
    ? { state: 'never' }
    : { state: 'before-tracking', since: null };
}
