import { DAY_MS, daysBetween } from '../clock';
import { type LastUsed, ROLE_TRACKING_DAYS } from './inventory';

/** How long the *identity* has been idle, whatever a check measures: a key due for rotation may be in daily use. */
export interface IdleTime {
  /** Null with `idleAtLeast`: longer than AWS's rolling window of `ROLE_TRACKING_DAYS`; null without it: not known. */
  readonly idleSince: Date | null;
  /** The identity may have been idle for longer: AWS's records do not reach back further. */
  readonly idleAtLeast: boolean;
}

/**
 * Idle time as `idleSince` + `atLeast`, free of the present, so that it can be stored and an unchanged identity stays
 * an unchanged row:
 *
 * | last use        | idleSince                                    | atLeast |
 * |-----------------|----------------------------------------------|---------|
 * | at              | the later of last use and birth              | false   |
 * | never           | birth                                        | false   |
 * | before-tracking | the later of where tracking begins and birth | true, unless birth is later |
 * | before-tracking | null, for a rolling window (roles)           | true: at least `ROLE_TRACKING_DAYS` at any time |
 * | unknown         | null                                         | false   |
 *
 * Birth is the creation or last change: a new password can carry its predecessor's last use, and young things have
 * their grace by it. Without a birth date the idle time is unknown, whatever the last use.
 */
export interface IdleState {
  readonly lastUsedState: LastUsed['state'];
  readonly idleSince: Date | null;
  readonly atLeast: boolean;
}

export function idleState(lastUsed: LastUsed, bornAt: Date | null): IdleState {
  const state = (idleSince: Date | null, atLeast: boolean): IdleState => ({
    lastUsedState: lastUsed.state,
    idleSince,
    atLeast,
  });
  const born = valid(bornAt);
  if (!born) return state(null, false);
  switch (lastUsed.state) {
    case 'at': {
      const used = valid(lastUsed.at);
      return state(used && latest(used, born), false);
    }
    case 'never':
      return state(born, false);
    case 'before-tracking':
      if (lastUsed.since === null) return state(null, true);
      return state(latest(lastUsed.since, born), lastUsed.since > born);
    case 'unknown':
      return state(null, false);
  }
}

/** The idle part of a verdict. */
export const idleTime = (lastUsed: LastUsed, bornAt: Date | null): IdleTime => {
  const { idleSince, atLeast } = idleState(lastUsed, bornAt);
  return { idleSince, idleAtLeast: atLeast };
};

/** Whole days of idle time at `at`; null: not known. With `idleAtLeast` it is a lower bound. */
export function idleDaysAt(idle: IdleTime, at: Date): number | null {
  if (idle.idleSince) return daysBetween(idle.idleSince, at);
  return idle.idleAtLeast ? ROLE_TRACKING_DAYS : null;
}

/** Whether `days` × 24 h have passed since `since`: at or over the threshold, compared at whole seconds as AWS's dates are. */
export function reached(since: Date, days: number, at: Date): boolean {
  const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
  return seconds(at) - seconds(since) >= (days * DAY_MS) / 1000;
}

/** `active`: certainly in use or too young. `idle`: certainly not used for the threshold. Else unknown, with the reason. */
export type Idleness =
  | { readonly state: 'active' }
  | ({ readonly state: 'idle' } & IdleTime)
  | { readonly state: 'unknown'; readonly reason: string };

/**
 * Idleness at the threshold. A gap never makes anything idle, but one sign of life within the threshold (use,
 * creation or change) makes it active, whatever else is missing.
 */
export function idleness(lastUsed: LastUsed, bornAt: Date | null, days: number, at: Date): Idleness {
  const used = lastUsed.state === 'at' ? valid(lastUsed.at) : null;
  const born = valid(bornAt);
  if ((used && !reached(used, days, at)) || (born && !reached(born, days, at))) return { state: 'active' };
  if (lastUsed.state === 'unknown') return { state: 'unknown', reason: lastUsed.reason };
  if (lastUsed.state === 'at' && !used) return { state: 'unknown', reason: 'AWS gave no readable date of last use.' };
  if (!born) return { state: 'unknown', reason: 'AWS did not say when it was created or last changed.' };

  const idle = idleTime(lastUsed, born);
  const longEnough = idle.idleSince ? reached(idle.idleSince, days, at) : days <= ROLE_TRACKING_DAYS;
  if (longEnough) return { state: 'idle', ...idle };
  return { state: 'unknown', reason: `AWS's records of use do not reach back ${days} days.` };
}

/** Null for a date that could not be parsed: a gap, never the epoch. */
export const valid = (date: Date | null): Date | null => (date && !Number.isNaN(date.getTime()) ? date : null);

export const latest = (one: Date, other: Date): Date => (other > one ? other : one);
