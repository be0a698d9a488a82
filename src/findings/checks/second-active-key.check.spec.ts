import fc from 'fast-check';
import type { InventoryAccessKey } from '../../scans/inventory';
import { defaultPolicy } from '../policy';
import { aKey, aRoot, AT, daysAgo, keySubject, never, unread, used } from '../test-subjects';
import { secondActiveKey } from './second-active-key.check';

const judge = (key: InventoryAccessKey, sibling: InventoryAccessKey | null, owner = keySubject().owner) =>
  secondActiveKey.judge(keySubject(key, { sibling, owner }), defaultPolicy, AT);

const first = aKey({ slot: 1, accessKeyId: 'AKIAONE' });
const second = aKey({ slot: 2, accessKeyId: 'AKIATWO' });

test.each<[string, Partial<InventoryAccessKey>, Partial<InventoryAccessKey>]>([
  ['the less recently used', { lastUsed: used(20) }, { lastUsed: used(2) }],
  ['the never used', { lastUsed: never, createdAt: daysAgo(1) }, { lastUsed: used(200) }],
  [
    'the older of two used at the same time',
    { lastUsed: used(2), createdAt: daysAgo(9) },
    { lastUsed: used(2), createdAt: daysAgo(8) },
  ],
  [
    'the older of two never used',
    { lastUsed: never, createdAt: daysAgo(9) },
    { lastUsed: never, createdAt: daysAgo(8) },
  ],
])('of two active keys %s is flagged, in either slot', (_, flagged, kept) => {
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    expect(judge({ ...one, ...flagged }, { ...other, ...kept })?.state).toBe('non-compliant');
    expect(judge({ ...other, ...kept }, { ...one, ...flagged })?.state).toBe('compliant');
  }
});

test('why names the sibling that exists', () => {
  expect(judge({ ...first, lastUsed: never }, { ...second, lastUsed: used(2) })).toMatchObject({
    state: 'non-compliant',
    why: expect.stringContaining('the other (AKIATWO): last used on 2026-06-28') as string,
  });
});

test('one active key is fine; an inactive one, or root’s, is not its business', () => {
  expect(judge(first, null)?.state).toBe('compliant');
  expect(judge(first, { ...second, active: false })?.state).toBe('compliant');
  expect(judge({ ...first, active: false }, second)).toBeUndefined();
  expect(judge(first, second, aRoot())).toBeUndefined();
});

test('without knowing the last uses it is unknown which one is the second', () => {
  expect(judge({ ...first, lastUsed: unread }, second)?.state).toBe('unknown');
  expect(judge(second, { ...first, lastUsed: unread })?.state).toBe('unknown');
});

test('of any two active keys exactly one is flagged', () => {
  const age = fc.integer({ min: 0, max: 3 });
  const key = (slot: number) =>
    fc.record({ created: fc.option(age), last: fc.option(age) }).map(({ created, last }) =>
      aKey({
        slot,
        createdAt: created === null ? null : daysAgo(created),
        lastUsed: last === null ? never : used(last),
      }),
    );
  fc.assert(
    fc.property(key(1), key(2), (one, other) => {
      const states = [judge(one, other)?.state, judge(other, one)?.state];
      expect(states.sort()).toEqual(['compliant', 'non-compliant']);
    }),
  );
});
