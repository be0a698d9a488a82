import fc from 'fast-check';
import { DAILY, nextTime } from './schedules.service';

const at = (text: string): Date => new Date(text);

describe('when a schedule is next due', () => {
  test('follows its time zone over the change to and from summer time', () => {
    const nineInBerlin = { cron: '0 9 * * *', timezone: 'Europe/Berlin', seed: '' };
    expect(nextTime(nineInBerlin, at('2026-03-28T12:00:00Z'))).toEqual(at('2026-03-29T07:00:00Z'));
    expect(nextTime(nineInBerlin, at('2026-10-24T12:00:00Z'))).toEqual(at('2026-10-25T08:00:00Z'));
  });

  test('a time that the clock skips in spring still has its day', () => {
    const skipped = { cron: '30 2 * * *', timezone: 'Europe/Berlin', seed: '' };
    const due = nextTime(skipped, at('2026-03-28T12:00:00Z'));
    expect(due.toISOString().slice(0, 10)).toBe('2026-03-29');
  });

  test('once a day means once every 24 hours, at a time that stays a tenant’s own', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.date({ min: at('2026-01-01'), max: at('2027-01-01'), noInvalidDate: true }),
        (seed, now) => {
          const daily = { cron: DAILY, timezone: 'UTC', seed };
          const first = nextTime(daily, now);
          expect(first.getTime()).toBeGreaterThan(now.getTime());
          expect(first.getTime() - now.getTime()).toBeLessThanOrEqual(86_400_000);
          expect(nextTime(daily, first).getTime() - first.getTime()).toBe(86_400_000);
        },
      ),
    );
  });

  test('tenants do not all begin at once', () => {
    const times = Array.from({ length: 50 }, (_, i) =>
      nextTime({ cron: DAILY, timezone: 'UTC', seed: `tenant ${i}` }, at('2026-11-22T00:00:00Z')).getTime(),
    );
    expect(new Set(times).size).toBeGreaterThan(40);
  });

  test('a pattern or zone that does not exist is refused with an example', () => {
    const after = at('2026-11-22T00:00:00Z');
    expect(() => nextTime({ cron: '61 * * * *', timezone: 'UTC', seed: '' }, after)).toThrow(/Example: 0 3 \* \* \*/);
    expect(() => nextTime({ cron: '0 3 * * *', timezone: 'Mars/Base', seed: '' }, after)).toThrow(/Mars\/Base/);
  });
});
