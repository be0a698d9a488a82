import { DAY_MS } from '../../clock';
import { laterOf, roleLastUsed, sameSecond, wholeSeconds } from './tracking';

const at = new Date('2026-11-22T00:00:00Z');
const daysAgo = (days: number): Date => new Date(at.getTime() - days * DAY_MS);

describe('the last use of a role', () => {
  it('is the date that AWS gives', () => {
    expect(roleLastUsed({ LastUsedDate: daysAgo(3), Region: 'eu-west-1' }, daysAgo(900), at)).toEqual({
      state: 'at',
      at: daysAgo(3),
      region: 'eu-west-1',
      service: null,
    });
  });

  it('is never for an empty element on a role created inside the window, else before-tracking', () => {
    expect(roleLastUsed({}, daysAgo(399), at)).toEqual({ state: 'never' });
    expect(roleLastUsed({}, daysAgo(400), at)).toEqual({ state: 'before-tracking', since: null });
    expect(roleLastUsed({ Region: 'us-east-1' }, daysAgo(10), at)).toEqual({ state: 'never' });
  });

  it('is unknown where the element is missing: an endpoint that does not track is not a role that was not used', () => {
    expect(roleLastUsed(undefined, daysAgo(10), at).state).toBe('unknown');
    expect(roleLastUsed(undefined, daysAgo(1000), at).state).toBe('unknown');
  });

  it('is unknown where the date cannot be read', () => {
    expect(roleLastUsed({ LastUsedDate: new Date('nonsense') }, daysAgo(10), at).state).toBe('unknown');
  });
});

describe('dates', () => {
  it('are compared at whole seconds', () => {
    const date = new Date('2024-01-01T00:00:00.999Z');
    expect(wholeSeconds(date)).toEqual(new Date('2024-01-01T00:00:00Z'));
    expect(sameSecond(date, new Date('2024-01-01T00:00:00Z'))).toBe(true);
    expect(sameSecond(date, new Date('2024-01-01T00:00:01Z'))).toBe(false);
  });

  it('laterOf takes the one there is, or the later', () => {
    expect(laterOf(null, at)).toBe(at);
    expect(laterOf(at, daysAgo(1))).toBe(at);
    expect(laterOf(null, null)).toBeNull();
  });
});
