import { DAY_MS } from '../../clock';
import { endpointPauseMs, MOST_ATTEMPTS, retryDelayMs, WAITS_MS } from './schedule';

describe('the schedule of attempts', () => {
  it('has ten of them over about three days', () => {
    expect(MOST_ATTEMPTS).toBe(10);
    const days = WAITS_MS.reduce((sum, wait) => sum + wait, 0) / DAY_MS;
    expect(days).toBeGreaterThan(3);
    expect(days).toBeLessThan(3.3);
  });

  it('waits longer each time, by 10 % more or less', () => {
    for (let attempts = 1; attempts < MOST_ATTEMPTS; attempts += 1) {
      const wait = WAITS_MS[attempts] ?? NaN;
      expect(retryDelayMs(attempts, () => 0)).toBe(Math.round(wait * 0.9));
      expect(retryDelayMs(attempts, () => 0.5)).toBe(wait);
      expect(retryDelayMs(attempts, () => 0.999_999)).toBeCloseTo(wait * 1.1, -3);
      expect(wait).toBeGreaterThan(WAITS_MS[attempts - 1] ?? 0);
    }
    expect(retryDelayMs(5_000)).toBeNull();
    expect(retryDelayMs(MOST_ATTEMPTS)).toBeNull();
  });
});

describe('an endpoint that fails', () => {
  it('is left alone for longer and longer, within bounds', () => {
    expect([0, 1, 2, 3, 4, 5].map(endpointPauseMs)).toEqual([0, 0, 0, 5_000, 10_000, 20_000]);
    for (const failures of [12, 50, 10_000]) expect(endpointPauseMs(failures)).toBe(30 * 60_000);
  });

  it('never waits longer than a message alone would', () => {
    for (let attempts = 1; attempts < MOST_ATTEMPTS; attempts += 1) {
      expect(endpointPauseMs(attempts)).toBeLessThanOrEqual(retryDelayMs(attempts, () => 0) ?? 0);
    }
  });
});
