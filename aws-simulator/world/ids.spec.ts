import { accountIdAt, accountIdOfKey, makeId } from './ids';
import { Random } from './random';

describe('ids', () => {
  it.each(['000000000001', '123456789012', '999999999999'])('an access key id carries account %s', (accountId) => {
    const random = new Random('ids');
    for (let index = 0; index < 50; index += 1) {
      const id = makeId(random, 'AKIA', accountId);
      expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/);
      expect(accountIdOfKey(id)).toBe(accountId);
    }
  });

  it('other texts carry none', () => {
    expect(accountIdOfKey('AIDACKCEVSQ6C2EXAMPLE')).toBeUndefined();
    expect(accountIdOfKey('AKIA1')).toBeUndefined();
  });

  it('account ids have twelve digits and do not repeat', () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => accountIdAt(999_999_999_999, index));
    expect(new Set(ids).size).toBe(50_000);
    expect(ids.every((id) => /^\d{12}$/.test(id))).toBe(true);
    expect(ids.some((id) => id.startsWith('0'))).toBe(true);
  });
});

describe('chance', () => {
  it('repeats for a seed, differs for its neighbour, and is spread evenly', () => {
    const draw = (seed: string): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 10_000 }, () => random.next());
    };
    expect(draw('1:0001')).toEqual(draw('1:0001'));
    expect(draw('1:0001')[0]).not.toBe(draw('1:0002')[0]);
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => draw('1').filter((x) => Math.floor(x * 10) === tenth).length,
    );
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
