import { aKey, credentials } from '../../scans/test-inventory';
import { inTheWay } from './in-the-way';
import { aCandidate, anOther, userToPlan } from './test-candidates';

const principal = userToPlan({
  credentials: credentials({
    accessKeys: [aKey({ accessKeyId: 'AKIA1' }), aKey({ slot: 2, accessKeyId: 'AKIA2' })],
  }),
});
const key = aCandidate({ principal, course: 'access-key', key: principal.stored.keys[0] ?? null });
const user = aCandidate({ principal });
const password = aCandidate({ principal, course: 'password' });
const ofKey = (id: string, course: 'access-key' | 'observed-key' = 'access-key') =>
  anOther({ course, access_key_id: id });

describe('another plan', () => {
  it('is in the way of the same key, and not of the other one', () => {
    expect(inTheWay(key, [ofKey('AKIA1')], 'quarantine').other).not.toBeNull();
    expect(inTheWay(key, [ofKey('AKIA2')], 'quarantine').other).toBeNull();
  });

  it('is in the way of all that belongs to a user that it has, and a key’s of the user', () => {
    const ofUser = anOther({ course: 'user' });
    for (const one of [key, password]) expect(inTheWay(one, [ofUser], 'deletion').other).toBe(ofUser);
    expect(inTheWay(user, [ofKey('AKIA2')], 'deletion').other).not.toBeNull();
    expect(inTheWay(password, [ofKey('AKIA2', 'observed-key')], 'deletion').other).not.toBeNull();
    expect(inTheWay(password, [ofKey('AKIA2')], 'deletion').other).toBeNull();
  });

  it('is gone on from where it only quarantined the same, and this one deletes', () => {
    const held = anOther({ course: 'user' });
    expect(inTheWay(user, [held], 'deletion')).toMatchObject({ other: null, continues: held });
    expect(inTheWay(user, [held], 'quarantine')).toMatchObject({ other: held, continues: null });
    for (const change of [{ plan_goal: 'deletion' }, { stage: 'deleting' }, { stage: 'halted' }] as const) {
      expect(inTheWay(user, [{ ...held, ...change }], 'deletion').continues).toBeNull();
    }
  });

  it('is gone on from in its own way, whatever the policy says by now', () => {
    const observed = ofKey('AKIA1', 'observed-key');
    expect(inTheWay(key, [observed], 'deletion')).toMatchObject({
      continues: observed,
      candidate: { course: 'observed-key' },
    });
  });

  it('is not gone on from while a third one is in the way', () => {
    const held = anOther({ course: 'user' });
    expect(inTheWay(user, [held, ofKey('AKIA2')], 'deletion')).toMatchObject({ continues: null });
  });
});
