import type { InventoryAccessKey, LastUsed } from '../inventory';
import { nameKeys, undecided, type ListedKey } from './name-keys';

const FIRST = new Date('2021-01-01T00:00:00Z');
const SECOND = new Date('2022-02-02T00:00:00Z');
const MONDAY = new Date('2024-04-01T00:00:00Z');
const TUESDAY = new Date('2024-04-02T00:00:00Z');
const usedAt = (at: Date): LastUsed => ({ state: 'at', at, region: null, service: null });

const reported = (
  slot: number,
  createdAt: Date | null,
  more: Partial<InventoryAccessKey> = {},
): InventoryAccessKey => ({
  kind: 'access-key',
  slot,
  accessKeyId: null,
  active: true,
  createdAt,
  lastUsed: { state: 'never' },
  ...more,
});
const listed = (accessKeyId: string, createdAt: Date, more: Partial<ListedKey> = {}): ListedKey => ({
  accessKeyId,
  active: true,
  createdAt,
  ...more,
});
const idsOf = (keys: readonly InventoryAccessKey[], list: ListedKey[]): (string | null)[] =>
  nameKeys(keys, list).keys.map((key) => key.accessKeyId);

describe('nameKeys', () => {
  it('goes by the second of creation, never by the place in the list', () => {
    const keys = [reported(1, FIRST), reported(2, SECOND)];
    expect(idsOf(keys, [listed('AKIA-B', SECOND), listed('AKIA-A', FIRST)])).toEqual(['AKIA-A', 'AKIA-B']);
  });

  it('does not name a key whose creation nobody lists, and leaves its sibling named', () => {
    const { keys, unnamed } = nameKeys([reported(1, FIRST), reported(2, SECOND)], [listed('AKIA-B', SECOND)]);
    expect(keys.map((key) => key.accessKeyId)).toEqual([null, 'AKIA-B']);
    expect(unnamed).toEqual([{ slot: 1, reason: expect.stringContaining('was deleted since') as string }]);
  });

  it('does not give the id of a newer key to an older one', () => {
    expect(idsOf([reported(1, FIRST)], [listed('AKIA-NEW', SECOND)])).toEqual([null]);
  });

  it('does not name a key without a date', () => {
    expect(idsOf([reported(1, null)], [listed('AKIA-A', FIRST)])).toEqual([null]);
  });

  it('takes the status of the fresh list', () => {
    expect(nameKeys([reported(1, FIRST)], [listed('AKIA-A', FIRST, { active: false })]).keys[0]).toMatchObject({
      accessKeyId: 'AKIA-A',
      active: false,
    });
  });

  describe('with two keys of one second', () => {
    const pair = (a: Partial<InventoryAccessKey>, b: Partial<InventoryAccessKey>): InventoryAccessKey[] => [
      reported(1, FIRST, a),
      reported(2, FIRST, b),
    ];

    it('tells them apart by status', () => {
      const list = [listed('AKIA-A', FIRST, { active: true }), listed('AKIA-B', FIRST, { active: false })];
      expect(idsOf(pair({ active: false }, { active: true }), list)).toEqual(['AKIA-B', 'AKIA-A']);
    });

    it('tells them apart by last use, which only moves forward', () => {
      const keys = pair({ lastUsed: usedAt(MONDAY) }, {});
      const list = [listed('AKIA-A', FIRST, { lastUsedAt: null }), listed('AKIA-B', FIRST, { lastUsedAt: TUESDAY })];
      expect(idsOf(keys, list)).toEqual(['AKIA-B', 'AKIA-A']);
      const both = pair({ lastUsed: usedAt(TUESDAY) }, { lastUsed: usedAt(MONDAY) });
      const used = [listed('AKIA-A', FIRST, { lastUsedAt: MONDAY }), listed('AKIA-B', FIRST, { lastUsedAt: TUESDAY })];
      expect(idsOf(both, used)).toEqual(['AKIA-B', 'AKIA-A']);
    });

    it('names neither where a doubt is left', () => {
      const keys = pair({}, {});
      const list = [listed('AKIA-A', FIRST, { lastUsedAt: MONDAY }), listed('AKIA-B', FIRST, { lastUsedAt: null })];
      expect(idsOf(keys, list)).toEqual([null, null]);
      expect(nameKeys(keys, list).unnamed).toHaveLength(2);
    });

    it('names neither where last use was not read and would decide', () => {
      const keys = pair({ lastUsed: usedAt(MONDAY) }, {});
      expect(idsOf(keys, [listed('AKIA-A', FIRST), listed('AKIA-B', FIRST)])).toEqual([null, null]);
    });

    it('names them in any order where nothing tells them apart, since either is right', () => {
      const list = [listed('AKIA-B', FIRST, { lastUsedAt: null }), listed('AKIA-A', FIRST, { lastUsedAt: null })];
      expect(idsOf(pair({}, {}), list)).toEqual(['AKIA-A', 'AKIA-B']);
    });

    it('names neither where only one is left', () => {
      expect(idsOf(pair({}, {}), [listed('AKIA-A', FIRST, { lastUsedAt: null })])).toEqual([null, null]);
    });
  });
});

describe('undecided', () => {
  const twins = [listed('AKIA-A', FIRST), listed('AKIA-B', FIRST)];

  it('are keys of one second and one status', () => {
    expect(undecided(twins)).toEqual(twins);
    expect(undecided([listed('AKIA-A', FIRST), listed('AKIA-B', SECOND)])).toEqual([]);
    expect(undecided([listed('AKIA-A', FIRST), listed('AKIA-B', FIRST, { active: false })])).toEqual([]);
  });

  it('are none where the report says the same of both, and both where it does not', () => {
    expect(undecided(twins, [reported(1, FIRST), reported(2, FIRST)])).toEqual([]);
    expect(undecided(twins, [reported(1, FIRST), reported(2, FIRST, { lastUsed: usedAt(MONDAY) })])).toEqual(twins);
  });

  it('are none where the report knows neither: there is nothing to name', () => {
    expect(undecided(twins, [reported(1, SECOND)])).toEqual([]);
  });
});
