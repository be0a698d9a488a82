import fc from 'fast-check';
import { isOpen } from './change-windows';
import { type CleanupRules, defaultRules } from './cleanup-rules';
import { clampRules, looserThan, RULE_PATHS } from './stricter';
import { overlay, parseWrittenRules, type WrittenRules } from './written-rules';

/** Of each field: what is looser than the bound, and what is stricter. */
const bound: CleanupRules = overlay(defaultRules, {
  approvals: { largeFrom: 100 },
  changeWindows: [{ weekdays: ['SAT', 'SUN'], from: '08:00', to: '20:00', timeZone: 'UTC' }],
});
const CASES: Readonly<Record<string, { looser: WrittenRules | null; stricter: WrittenRules }>> = {
  'graceDays.accessKey': { looser: { graceDays: { accessKey: 6 } }, stricter: { graceDays: { accessKey: 8 } } },
  'graceDays.password': { looser: { graceDays: { password: 6 } }, stricter: { graceDays: { password: 8 } } },
  'graceDays.user': { looser: { graceDays: { user: 6 } }, stricter: { graceDays: { user: 8 } } },
  'graceDays.role': { looser: { graceDays: { role: 34 } }, stricter: { graceDays: { role: 36 } } },
  silenceHours: { looser: null, stricter: { silenceHours: 48 } },
  watchEveryHours: { looser: { watchEveryHours: 7 }, stricter: { watchEveryHours: 1 } },
  'automatic.percent': { looser: { automatic: { percent: 3 } }, stricter: { automatic: { percent: 1 } } },
  'automatic.most': { looser: { automatic: { most: 26 } }, stricter: { automatic: { most: 0 } } },
  'automatic.days': { looser: { automatic: { days: 6 } }, stricter: { automatic: { days: 30 } } },
  'approved.perExecution': { looser: { approved: { perExecution: 26 } }, stricter: { approved: { perExecution: 1 } } },
  'approved.perPlanAndDay': {
    looser: { approved: { perPlanAndDay: 501 } },
    stricter: { approved: { perPlanAndDay: 10 } },
  },
  'approvals.needed': { looser: null, stricter: { approvals: { needed: 2 } } },
  'approvals.largeFrom': {
    looser: { approvals: { largeFrom: null } },
    stricter: { approvals: { largeFrom: 10 } },
  },
  'approvals.neededWhenLarge': {
    looser: { approvals: { neededWhenLarge: 1 } },
    stricter: { approvals: { neededWhenLarge: 3 } },
  },
  'approvals.productionTags': { looser: null, stricter: { approvals: { productionTags: ['stage=prod'] } } },
  'approvals.neededForProduction': { looser: null, stricter: { approvals: { neededForProduction: 2 } } },
  planLapsesAfterDays: { looser: { planLapsesAfterDays: 15 }, stricter: { planLapsesAfterDays: 3 } },
  changeWindows: {
    looser: { changeWindows: [] },
    stricter: { changeWindows: [{ weekdays: ['SAT'], from: '09:00', to: '10:00', timeZone: 'UTC' }] },
  },
  'managedAsCode.tags': { looser: null, stricter: { managedAsCode: { tags: ['owner=platform'] } } },
  'managedAsCode.patterns': { looser: null, stricter: { managedAsCode: { patterns: ['/ci/*'] } } },
  snapshotDays: { looser: { snapshotDays: 399 }, stricter: { snapshotDays: 800 } },
  exemptAfterLifeDays: { looser: { exemptAfterLifeDays: 89 }, stricter: { exemptAfterLifeDays: 120 } },
  'breaker.unexpected': { looser: { breaker: { unexpected: 4 } }, stricter: { breaker: { unexpected: 1 } } },
  'breaker.of': { looser: { breaker: { of: 49 } }, stricter: { breaker: { of: 100 } } },
};

describe('stricter rules', () => {
  it('are defined for every field there is', () => {
    const leaves = (value: object, path = ''): string[] =>
      Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
        typeof one === 'object' && one !== null && !Array.isArray(one)
          ? leaves(one, `${path}${key}.`)
          : [`${path}${key}`],
      );
    expect([...RULE_PATHS].sort()).toEqual(leaves(defaultRules).sort());
    expect(Object.keys(CASES).sort()).toEqual([...RULE_PATHS].sort());
  });

  it.each(Object.entries(CASES))('%s', (path, { looser, stricter }) => {
    const rules = (written: WrittenRules): CleanupRules => overlay(bound, parseWrittenRules(written));
    expect(looserThan(bound, rules(stricter))).toEqual([]);
    expect(clampRules(bound, rules(stricter))).not.toEqual(bound);
    if (looser === null) return;
    expect(looserThan(bound, rules(looser))).toMatchObject([{ path }]);
    expect(clampRules(bound, rules(looser))).toEqual(bound);
  });

  it('add to the lists of the bound, whatever is written', () => {
    const { managedAsCode } = clampRules(bound, overlay(bound, { managedAsCode: { tags: ['own'] } }));
    expect(managedAsCode.tags).toEqual([...bound.managedAsCode.tags, 'own']);
  });

  it('name the bound', () => {
    expect(looserThan(bound, overlay(bound, { graceDays: { role: 1 }, changeWindows: [] }))).toEqual([
      {
        path: 'graceDays.role',
        message: 'must be at least 35, which is as far as the platform lets this tenant go.',
      },
      {
        path: 'changeWindows',
        message:
          'must lie within SAT, SUN 08:00–20:00 UTC, in the same time zone, which is as far as the platform lets this tenant go.',
      },
    ]);
  });

  it('never come out looser than either, whatever two windows are', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    const windows = fc.array(
      fc.record({
        weekdays: fc.uniqueArray(fc.constantFrom('MON' as const, 'WED' as const, 'SUN' as const), { minLength: 1 }),
        from: time,
        to: time,
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(windows, windows, fc.integer({ min: 0, max: 7 * 48 }), (one, other, halfHour) => {
        const at = new Date(Date.UTC(2026, 5, 1, 0, halfHour * 30));
        const both = clampRules({ ...bound, changeWindows: one }, { ...bound, changeWindows: other }).changeWindows;
        return !isOpen(both, at) || (isOpen(one, at) && isOpen(other, at));
      }),
    );
  });
});

describe('written rules', () => {
  it('follow the level above where they say nothing', () => {
    expect(overlay(defaultRules, parseWrittenRules({ graceDays: { role: 60 } }))).toEqual({
      ...defaultRules,
      graceDays: { ...defaultRules.graceDays, role: 60 },
    });
  });

  it.each([
    [{ graceDays: { role: 0 } }, 'graceDays.role: '],
    [{ graceDays: { roles: 40 } }, 'graceDays: '],
    [{ grace: 1 }, 'rules: '],
    [{ silenceHours: 12 }, 'silenceHours: '],
    [{ changeWindows: [{ weekdays: ['SAT'], from: '8', to: '10:00', timeZone: 'UTC' }] }, 'changeWindows.0.from: '],
    [
      { changeWindows: [{ weekdays: ['SAT'], from: '08:00', to: '10:00', timeZone: 'Berlin' }] },
      'changeWindows: "Berlin" is no time zone',
    ],
    ['strict', 'rules: '],
  ])('are refused naming the field: %j', (rules, message) => {
    expect(() => parseWrittenRules(rules)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }) as Error);
    expect(() => parseWrittenRules(rules)).toThrow(message);
  });
});
