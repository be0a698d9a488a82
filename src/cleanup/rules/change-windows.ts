import { type CleanupRules, WEEKDAYS } from './cleanup-rules';

export type ChangeWindow = CleanupRules['changeWindows'][number];

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const MINUTE_MS = 60_000;
/** A year: the clock is put forward over a window at most once in that time. */
const LOOK_AHEAD_MINUTES = 366 * DAY_MINUTES;

/** Never open. What is left where a tenant's windows and the platform's have nothing in common. */
export const NEVER: ChangeWindow = { weekdays: [], from: '00:00', to: '00:00', timeZone: 'UTC' };

/** Whether something may be done at this time. No windows: at any time. Time zones by the host's IANA data. */
export const isOpen = (windows: readonly ChangeWindow[], at: Date): boolean =>
  windows.length === 0 || windows.some((window) => isWithin(window, at));

/**
 * The first minute from `at` on in which something may be done (`at` itself where that is now); null: there is none in
 * the next year. By wall clocks, so that a window keeps its hours when the clocks change.
 */
export function nextOpening(windows: readonly ChangeWindow[], at: Date): Date | null {
  if (isOpen(windows, at)) return at;
  const starts = windows.flatMap((window) => nextStart(window, at) ?? []);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map((one) => one.getTime())));
}

/** The minutes of a week, from Monday 00:00 by its own wall clock, in which a window is open: [from, to). */
function minutesOf({ weekdays, from, to }: ChangeWindow): [number, number][] {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  // The same time twice is a whole day; an end before its beginning is on the next day.
  const length = end > start ? end - start : end - start + DAY_MINUTES;
  return weekdays.flatMap((day) => {
    const opens = WEEKDAYS.indexOf(day) * DAY_MINUTES + start;
    const closes = opens + length;
    if (closes <= WEEK_MINUTES) return [[opens, closes] as [number, number]];
    return [
      [opens, WEEK_MINUTES],
      [0, closes - WEEK_MINUTES],
    ] as [number, number][];
  });
}

/** What both allow, by the wall clock of one time zone; windows of different zones have nothing in common. */
export function bothOpen(one: readonly ChangeWindow[], other: readonly ChangeWindow[]): ChangeWindow[] {
  if (one.length === 0 || other.length === 0) return [...one, ...other];
  const zones = [...new Set(one.map(({ timeZone }) => timeZone))];
  const common = zones.flatMap((timeZone) => {
    const mine = openMinutes(one, timeZone);
    const theirs = openMinutes(other, timeZone);
    return windowsOf(
      mine.map((open, minute) => open && theirs[minute] === true),
      timeZone,
    );
  });
  return common.length === 0 ? [NEVER] : common;
}

/** Whether `inner` is open only when `outer` is. */
export function isWithinWindows(inner: readonly ChangeWindow[], outer: readonly ChangeWindow[]): boolean {
  if (outer.length === 0) return true;
  if (inner.length === 0) return false;
  return [...new Set(inner.map(({ timeZone }) => timeZone))].every((timeZone) => {
    const allowed = openMinutes(outer, timeZone);
    return openMinutes(inner, timeZone).every((open, minute) => !open || allowed[minute] === true);
  });
}

/** Whether this host knows the time zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    wallClock(timeZone);
    return true;
  } catch {
    return false;
  }
}

function openMinutes(windows: readonly ChangeWindow[], timeZone: string): boolean[] {
  const open = new Array<boolean>(WEEK_MINUTES).fill(false);
  for (const window of windows) {
    if (window.timeZone !== timeZone) continue;
    for (const [from, to] of minutesOf(window)) open.fill(true, from, to);
  }
  return open;
}

/** Day by day, so that each is within one; an end at midnight is 00:00. */
function windowsOf(open: readonly boolean[], timeZone: string): ChangeWindow[] {
  return WEEKDAYS.flatMap((day, index) => {
    const minutes = open.slice(index * DAY_MINUTES, (index + 1) * DAY_MINUTES);
    const starts = minutes.flatMap((is, minute) => (is && minutes[minute - 1] !== true ? [minute] : []));
    return starts.map((start) => {
      const length = minutes.slice(start).indexOf(false);
      const end = length === -1 ? DAY_MINUTES : start + length;
      return { weekdays: [day], from: timeOf(start), to: timeOf(end % DAY_MINUTES), timeZone };
    });
  });
}

function isWithin(window: ChangeWindow, at: Date): boolean {
  const now = weekMinute(window.timeZone, at);
  return minutesOf(window).some(([from, to]) => from <= now && now < to);
}

/** Jumps to the next start by the wall clock; where the clocks change on the way, looks again from there. */
function nextStart(window: ChangeWindow, at: Date): Date | null {
  const starts = minutesOf(window).map(([from]) => from);
  if (starts.length === 0) return null;
  let time = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
  const end = time + LOOK_AHEAD_MINUTES * MINUTE_MS;
  while (time < end) {
    const now = weekMinute(window.timeZone, new Date(time));
    const wait = Math.min(...starts.map((start) => (start - now + WEEK_MINUTES) % WEEK_MINUTES || WEEK_MINUTES));
    // Not past a change of the clocks in one go: the last stretch is walked by the minute.
    time += Math.max(1, wait - 180) * MINUTE_MS;
    if (isWithin(window, new Date(time))) return firstMinuteOf(window, time);
  }
  return null;
}

/** Walks back to where it opened: the jump may have landed inside. */
function firstMinuteOf(window: ChangeWindow, time: number): Date {
  let first = time;
  while (isWithin(window, new Date(first - MINUTE_MS))) first -= MINUTE_MS;
  return new Date(first);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}

function weekMinute(timeZone: string, at: Date): number {
  const parts = new Map(
    wallClock(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const day = WEEKDAYS.findIndex((one) => one === parts.get('weekday')?.toUpperCase());
  return day * DAY_MINUTES + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
