import type { ExemptionScope } from './exemption';
import { assertNotTooLong, daysAfter, endOf, needsSecondPerson } from './exemption-terms';

const NOW = new Date('2026-11-22T10:00:00.000Z');
const ONE: ExemptionScope = { kind: 'identity', uniqueId: 'AIDAALICE' };

describe('the end of an exemption', () => {
  it('is 90 days away unless said otherwise, or the platform’s limit where that is shorter', () => {
    expect(endOf(null, NOW, 365)).toEqual(daysAfter(NOW, 90));
    expect(endOf(null, NOW, 30)).toEqual(daysAfter(NOW, 30));
  });

  it('may be as late as the platform’s limit, and the error names the limit', () => {
    expect(endOf(daysAfter(NOW, 120), NOW, 120)).toEqual(daysAfter(NOW, 120));
    const later = new Date(daysAfter(NOW, 120).getTime() + 1);
    expect(() => endOf(later, NOW, 120)).toThrow(/until:.*120 days at most.*2027-03-22/);
    expect(() => assertNotTooLong(later, NOW, 120)).toThrow(/120 days/);
  });

  it('must be in the future', () => {
    expect(() => endOf(NOW, NOW, 365)).toThrow(/until: must be in the future/);
  });
});

describe('a second person', () => {
  it('is needed for more than 90 days, counted from when it was first made', () => {
    expect(needsSecondPerson(ONE, NOW, daysAfter(NOW, 90))).toBe(false);
    expect(needsSecondPerson(ONE, NOW, new Date(daysAfter(NOW, 90).getTime() + 1))).toBe(true);
    expect(needsSecondPerson(ONE, daysAfter(NOW, -80), daysAfter(NOW, 11))).toBe(true);
  });

  it.each<ExemptionScope>([
    { kind: 'glob', pattern: '/ci/one' },
    { kind: 'tag', key: 'team', value: 'data' },
    { kind: 'account', awsAccountId: '111122223333' },
  ])('is needed for whatever may cover more than one identity: %j', (scope) => {
    expect(needsSecondPerson(scope, NOW, daysAfter(NOW, 1))).toBe(true);
  });
});
