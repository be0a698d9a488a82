import { aKey, anItem, aRole, aUser, daysAgo, NOW } from '../actions/test-subjects';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedUse } from '../observed';
import { lifeSince, signsIn } from './signs-of-life';

const QUARANTINED = daysAgo(3);
const inQuarantine = (seen: Observed, changes: Partial<PlanItemRow> = {}): PlanItemRow =>
  anItem(seen, { quarantined_at: QUARANTINED, ...changes });
const used = (days: number): ObservedUse => ({ known: true, at: daysAgo(days) });
const unknown: ObservedUse = { known: false, reason: 'denied' };
const attempt = (days: number) => ({ service: 's3', at: daysAgo(days), region: 'eu-west-1' });

describe('a sign of life', () => {
  it('is heard of one, too, that halted on its way into quarantine and may be held', () => {
    const role = aRole({ lastUse: used(1) });
    const halfWay = anItem(role, { stage: 'halted', stage_before: 'quarantining', began_at: QUARANTINED });
    expect(signsIn(halfWay, role, [])).toMatchObject({ found: 'life' });
    expect(signsIn({ ...halfWay, began_at: null }, role, [])).toMatchObject({ found: 'unknown' });
  });

  it('is any use later than the idle days before the quarantine, since last use lags', () => {
    const role = aRole({ lastUse: used(92) });
    expect(lifeSince(inQuarantine(role), QUARANTINED)).toEqual(daysAgo(93));
    expect(signsIn(inQuarantine(role), role, [])).toMatchObject({
      found: 'life',
      life: { source: 'role-last-used', at: daysAgo(92).toISOString() },
    });
    expect(signsIn(inQuarantine(role), aRole({ lastUse: used(93) }), [])).toEqual({ found: 'none' });
  });

  it('is an attempt at a service, denied or not', () => {
    const user = aUser();
    expect(signsIn(inQuarantine(user), user, [attempt(200)])).toEqual({ found: 'none' });
    expect(signsIn(inQuarantine(user), user, [attempt(200), attempt(1)])).toMatchObject({
      life: { source: 'service-last-accessed', detail: 'It tried to use s3 in eu-west-1 on 2026-11-21 12:00 UTC.' },
    });
  });

  it('of a user is the use of any of its keys, inactive ones too, and of its password', () => {
    const keys = [aKey(), aKey({ id: 'AKIATWO', active: false, lastUse: used(1) })];
    const user = aUser({ keys });
    expect(signsIn(inQuarantine(user), user, [])).toMatchObject({ life: { source: 'access-key-last-used' } });
    const signedIn = aUser({ password: { createdAt: daysAgo(300), lastUse: used(2) } });
    expect(signsIn(inQuarantine(signedIn), signedIn, [])).toMatchObject({ life: { source: 'password-last-used' } });
  });

  it('of a key is its own use, never its sibling’s or the password’s', () => {
    const keys = [aKey(), aKey({ id: 'AKIATWO', lastUse: used(0.1) })];
    const user = aUser({ keys, password: { createdAt: daysAgo(300), lastUse: used(0.1) } });
    const item = inQuarantine(user, { course: 'access-key', access_key_id: 'AKIAONE' });
    expect(signsIn(item, user, [])).toEqual({ found: 'none' });
    expect(signsIn({ ...item, access_key_id: 'AKIATWO' }, user, [])).toMatchObject({ found: 'life' });
    expect(signsIn({ ...item, course: 'password' }, user, [])).toMatchObject({
      life: { source: 'password-last-used' },
    });
  });

  it('that is there counts for more than what is not known; and without one that is unknown, never none', () => {
    const keys = [aKey({ lastUse: unknown }), aKey({ id: 'AKIATWO', lastUse: used(1) })];
    const user = aUser({ keys });
    expect(signsIn(inQuarantine(user), user, [])).toMatchObject({ found: 'life' });
    const silent = aUser({ keys: [aKey({ lastUse: unknown })] });
    expect(signsIn(inQuarantine(silent), silent, [])).toEqual({
      found: 'unknown',
      reason: 'The access key AKIAONE: denied',
    });
    expect(signsIn(anItem(silent), aUser(), [])).toMatchObject({ found: 'unknown' });
  });

  it('is told with the latest of them', () => {
    const role = aRole({ lastUse: used(2) });
    expect(signsIn(inQuarantine(role), role, [attempt(1)])).toMatchObject({ life: { at: daysAgo(1).toISOString() } });
    expect(NOW.getTime()).toBeGreaterThan(daysAgo(1).getTime());
  });
});
