import { aKey, aUser, credentials, daysAgo, used } from '../test-inventory';
import type { InventoryUser } from '../inventory';
import { withFreshKeys } from './fresh-keys';

const one = aKey({ slot: 1, accessKeyId: null, createdAt: daysAgo(300), lastUsed: used(200) });
const two = aKey({ slot: 2, accessKeyId: null, createdAt: daysAgo(100), lastUsed: used(1) });
const user = aUser({ credentials: credentials({ accessKeys: [one, two] }) });
const listed = (accessKeyId: string, days: number, active = true) => ({
  accessKeyId,
  active,
  createdAt: daysAgo(days),
});

const keysOf = ({ credentials: of }: InventoryUser) =>
  of.state === 'known' ? of.value.accessKeys.map((key) => [key.slot, key.accessKeyId, key.active]) : null;

test('keys get their ids by the second of their creation, and their present status', () => {
  expect(keysOf(withFreshKeys(user, [listed('AKIATWO', 100, false), listed('AKIAONE', 300)]))).toEqual([
    [1, 'AKIAONE', true],
    [2, 'AKIATWO', false],
  ]);
});

test('a key that was deleted since the report is no key any more', () => {
  expect(keysOf(withFreshKeys(user, [listed('AKIATWO', 100)]))).toEqual([[2, 'AKIATWO', true]]);
});

test('a key made since the report is there, and its use is not known', () => {
  const after = withFreshKeys(user, [listed('AKIATWO', 100), listed('AKIANEW', 0)]);
  expect(keysOf(after)).toEqual([
    [1, 'AKIANEW', true],
    [2, 'AKIATWO', true],
  ]);
  const made = after.credentials.state === 'known' ? after.credentials.value.accessKeys[0] : undefined;
  expect(made?.lastUsed.state).toBe('unknown');
});

test('two keys of one second stay where the list leaves a doubt', () => {
  const twins = [one, { ...one, slot: 2, lastUsed: used(5) }];
  const doubtful = aUser({ credentials: credentials({ accessKeys: twins }) });
  expect(keysOf(withFreshKeys(doubtful, [listed('AKIAONE', 300)]))).toEqual([
    [1, null, true],
    [2, null, true],
  ]);
});

test('a key without a date of creation is kept, and nothing is added beside it', () => {
  const undated = aUser({ credentials: credentials({ accessKeys: [{ ...one, createdAt: null }] }) });
  expect(keysOf(withFreshKeys(undated, [listed('AKIAONE', 300)]))).toEqual([[1, null, true]]);
});
