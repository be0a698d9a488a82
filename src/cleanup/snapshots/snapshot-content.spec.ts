import { aKey, aRole, aUser, daysAgo } from '../actions/test-subjects';
import { readSnapshot, writeSnapshot } from './snapshot-content';

describe('a snapshot', () => {
  it.each([
    aUser({
      keys: [aKey(), aKey({ id: 'AKIATWO', lastUse: { known: false, reason: 'denied' } })],
      password: { createdAt: daysAgo(9), lastUse: { known: true, at: null } },
    }),
    aUser(),
    aRole(),
    aRole({ lastUse: { known: true, at: null }, description: 'of a job' }),
  ])('comes back as it was', (seen) => {
    expect(readSnapshot(writeSnapshot(seen))).toEqual(seen);
  });

  it('takes nothing for a date because of its name', () => {
    const seen = aRole({
      tags: { createdAt: '2026-01-01', at: '2026-01-01T00:00:00.000Z' },
      inlinePolicies: { at: '2026-01-01T00:00:00.000Z' },
    });
    expect(readSnapshot(writeSnapshot(seen))).toEqual(seen);
  });
});
