import fc from 'fast-check';
import { DAY_MS } from '../clock';
import { type LastUsed, ROLE_TRACKING_DAYS } from './inventory';
import { idleDaysAt, idleness, idleState, idleTime, reached } from './idle';
import { AT, daysAgo, never, unread, used } from './test-inventory';

const trackedSince = (days: number): LastUsed => ({ state: 'before-tracking', since: daysAgo(days) });
const rolling: LastUsed = { state: 'before-tracking', since: null };

describe('idle time', () => {
  test.each<[string, LastUsed, Date | null, Date | null, boolean]>([
    ['counts from the last use', used(10), daysAgo(500), daysAgo(10), false],
    ['counts from the last change where that is later', used(10), daysAgo(3), daysAgo(3), false],
    ['counts from creation where there was no use', never, daysAgo(500), daysAgo(500), false],
    ['is a lower bound before tracking', trackedSince(300), daysAgo(500), daysAgo(300), true],
    ['counts from birth where tracking is older', trackedSince(300), daysAgo(200), daysAgo(200), false],
    ['has no fixed start in a rolling window', rolling, daysAgo(500), null, true],
    ['is not known where the last use is not', unread, daysAgo(500), null, false],
    ['is not known where the birth is not', used(10), null, null, false],
    ['is not known where a date is unreadable', used(Number.NaN), daysAgo(500), null, false],
  ])('%s', (_, lastUsed, bornAt, idleSince, atLeast) => {
    expect(idleState(lastUsed, bornAt)).toEqual({ lastUsedState: lastUsed.state, idleSince, atLeast });
  });

  test('in whole days; a rolling window gives its length; not known stays not known', () => {
    expect(idleDaysAt(idleTime(used(10.9), daysAgo(500)), AT)).toBe(10);
    expect(idleDaysAt(idleTime(rolling, daysAgo(500)), AT)).toBe(ROLE_TRACKING_DAYS);
    expect(idleDaysAt(idleTime(unread, daysAgo(500)), AT)).toBeNull();
  });
});

describe('idleness', () => {
  test.each<[string, LastUsed, Date | null, ReturnType<typeof idleness>['state']]>([
    ['used within the threshold', used(89), daysAgo(500), 'active'],
    ['used exactly at the threshold', used(90), daysAgo(500), 'idle'],
    ['born within the threshold, last use carried over from before', used(400), daysAgo(5), 'active'],
    ['never used and young', never, daysAgo(89), 'active'],
    ['never used and old', never, daysAgo(90), 'idle'],
    ['older than the rolling window', rolling, daysAgo(500), 'idle'],
    ['last use not read, but young', unread, daysAgo(5), 'active'],
    ['last use not read, and old', unread, daysAgo(500), 'unknown'],
    ['birth not known, but used lately', used(5), null, 'active'],
    ['birth not known, and used long ago', used(500), null, 'unknown'],
    ['birth not known, and never used', never, null, 'unknown'],
    ['tracked for less than the threshold', trackedSince(30), daysAgo(500), 'unknown'],
    ['unreadable date of last use', used(Number.NaN), daysAgo(500), 'unknown'],
    ['unreadable date of birth', never, new Date(Number.NaN), 'unknown'],
    ['used in the future of a slow clock', used(-1), daysAgo(500), 'active'],
  ])('%s', (_, lastUsed, bornAt, state) => {
    expect(idleness(lastUsed, bornAt, 90, AT).state).toBe(state);
  });
});

const instant = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2030, 0) }).map((ms) => new Date(ms));
const threshold = fc.integer({ min: 1, max: 400 });
const anyLastUsed: fc.Arbitrary<LastUsed> = fc.oneof(
  instant.map((at): LastUsed => ({ state: 'at', at, region: null, service: null })),
  fc.constant<LastUsed>(never),
  fc.constant<LastUsed>(rolling),
  instant.map((since): LastUsed => ({ state: 'before-tracking', since })),
  fc.constant<LastUsed>(unread),
);

describe('for any dates', () => {
  test('the threshold is reached at ≥, at whole seconds', () => {
    fc.assert(
      fc.property(
        instant,
        threshold,
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 0, max: 999 }),
        (at, days, ms1, ms2) => {
          const second = Math.floor(at.getTime() / 1000) * 1000;
          const scan = new Date(second + ms1);
          expect(reached(new Date(second - days * DAY_MS + ms2), days, scan)).toBe(true);
          expect(reached(new Date(second - days * DAY_MS + 1000 + ms2), days, scan)).toBe(false);
        },
      ),
    );
  });

  test('what is idle at a threshold is idle at every smaller one', () => {
    fc.assert(
      fc.property(anyLastUsed, instant, instant, threshold, threshold, (lastUsed, bornAt, at, one, other) => {
        const [fewer, more] = one < other ? [one, other] : [other, one];
        if (idleness(lastUsed, bornAt, more, at).state === 'idle') {
          expect(idleness(lastUsed, bornAt, fewer, at).state).toBe('idle');
        }
      }),
    );
  });

  test('a gap makes nothing idle, and what is idle has no sign of life within the threshold', () => {
    fc.assert(
      fc.property(anyLastUsed, fc.option(instant), instant, threshold, (lastUsed, bornAt, at, days) => {
        const found = idleness(lastUsed, bornAt, days, at);
        if (lastUsed.state === 'unknown' || bornAt === null) expect(found.state).not.toBe('idle');
        if (found.state === 'idle') {
          const signs = [bornAt, lastUsed.state === 'at' ? lastUsed.at : null].filter((sign) => sign !== null);
          expect(signs.every((sign) => reached(sign, days, at))).toBe(true);
          expect(idleDaysAt(found, at)).toBeGreaterThanOrEqual(days - 1);
        }
      }),
    );
  });
});
