import { DAY_MS } from '../../clock';
import { badInput } from '../../errors';
import { type ExemptionScope, isWide } from './exemption';

/** How long an exemption lasts where nobody says otherwise, and how long one person alone may spare something. */
export const USUAL_DAYS = 90;

/** How many days before its end an exemption says so. */
export const NOTICE_DAYS = [14, 3] as const;

export const daysAfter = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY_MS);

/** When an exemption ends: as asked for, or after the usual time. Throws BAD_INPUT naming the platform's limit. */
export function endOf(until: Date | null, now: Date, longestDays: number): Date {
  const end = until ?? daysAfter(now, Math.min(USUAL_DAYS, longestDays));
  if (end <= now) throw badInput('until: must be in the future.');
  assertNotTooLong(end, now, longestDays);
  return end;
}

export function assertNotTooLong(end: Date, now: Date, longestDays: number): void {
  const latest = daysAfter(now, longestDays);
  if (end <= latest) return;
  throw badInput(
    `until: an exemption lasts ${longestDays} days at most, as the platform has set; choose ${latest.toISOString()} or earlier and extend it later.`,
  );
}

/** Wide and long ones need somebody else's agreement. An extension counts from when the exemption was first made. */
export const needsSecondPerson = (scope: ExemptionScope, madeAt: Date, end: Date): boolean =>
  isWide(scope) || end > daysAfter(madeAt, USUAL_DAYS);
