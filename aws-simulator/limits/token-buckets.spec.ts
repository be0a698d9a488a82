import { TokenBuckets, defaultPacing, unlimitedPacing } from './token-buckets';

describe('token buckets', () => {
  test('a burst passes, then one request for each token that time brings', () => {
    let now = 0;
    const buckets = new TokenBuckets(
      { ...unlimitedPacing, byAction: { 'iam:GetRole': { rate: 10, burst: 3 } } },
      () => now,
    );
    const take = (): boolean => buckets.take('iam', 'GetRole', '1');
    expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
    now += 100;
    expect([take(), take()]).toEqual([true, false]);
    now += 60_000;
    expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
  });

  test('accounts and actions have buckets of their own', () => {
    const buckets = new TokenBuckets(
      { ...unlimitedPacing, byService: { iam: { rate: 1, burst: 1 }, sts: null, organizations: null } },
      () => 0,
    );
    expect(buckets.take('iam', 'GetRole', '1')).toBe(true);
    expect(buckets.take('iam', 'GetRole', '1')).toBe(false);
    expect(buckets.take('iam', 'GetUser', '1')).toBe(true);
    expect(buckets.take('iam', 'GetRole', '2')).toBe(true);
  });

  test('a request that one bucket refuses takes nothing from the other', () => {
    let now = 0;
    const together = { rate: 1, burst: 2 };
    const buckets = new TokenBuckets(
      { ...unlimitedPacing, iamTogether: together, byAction: { 'iam:A': { rate: 1, burst: 1 } } },
      () => now,
    );
    expect(buckets.take('iam', 'A', '1')).toBe(true);
    expect(buckets.take('iam', 'A', '1')).toBe(false);
    expect(buckets.take('iam', 'B', '1')).toBe(true);
    expect(buckets.take('iam', 'C', '1')).toBe(false);
    now += 1_000;
    expect(buckets.take('iam', 'C', '1')).toBe(true);
  });

  test('defaults are the published ones of Organizations: 8 a second, 12 at once', () => {
    const buckets = new TokenBuckets({ ...defaultPacing }, () => 0);
    const passed = Array.from({ length: 20 }, () => buckets.take('organizations', 'ListAccounts', '1')).filter(Boolean);
    expect(passed).toHaveLength(12);
  });
});
