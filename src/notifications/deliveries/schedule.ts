import { DAY_MS, HOUR_MS } from '../../clock';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/**
 * What comes before each attempt, in milliseconds: about three days in all, as the specification suggests
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability).
 */
export const WAITS_MS: readonly number[] = [
  ...[0, 5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS),
];

export const MOST_ATTEMPTS = WAITS_MS.length;

/** So that what failed together does not come back together. */
const JITTER = 0.1;

/** A receiver may ask for no longer than that. */
export const LONGEST_REST_MS = DAY_MS;

/** How long to wait for the next attempt after so many; null: there is none. `random`: [0, 1), spreads it by 10 % to both sides. */
export function retryDelayMs(attempts: number, random: () => number = Math.random): number | null {
  const wait = WAITS_MS[attempts];
  return wait === undefined ? null : Math.round(wait * (1 - JITTER + 2 * JITTER * random()));
}

/** Fewer failures in a row may be the messages', more are the endpoint's. */
const FIRST_FAILURES = 2;
const FIRST_PAUSE_MS = 5 * SECOND_MS;
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;

/** How long an endpoint is left alone as a whole after so many failures in a row, milliseconds. */
export function endpointPauseMs(failures: number): number {
  if (failures <= FIRST_FAILURES) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(30, failures - FIRST_FAILURES - 1));
}

/** An endpoint that fails for so long is disabled. */
export const DISABLED_AFTER_MS = 5 * DAY_MS;

/** Failures that lie further apart are not one time of failing. */
export const FAILING_TOGETHER_MS = 2 * DAY_MS;
