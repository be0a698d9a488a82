import { capOf } from './caps';

describe('the cap of automatic clean-up', () => {
  it.each([
    [0, 1],
    [1, 1],
    [49, 1],
    [99, 1],
    [100, 2],
    [149, 2],
    [150, 3],
    [1_249, 24],
    [1_250, 25],
    [5_000, 25],
  ])('is for %i identities %i: two percent, at least one, at most 25', (identities, cap) => {
    expect(capOf({ percent: 2, most: 25 }, identities)).toBe(cap);
  });

  it('is none where none are allowed', () => {
    expect(capOf({ percent: 2, most: 0 }, 5_000)).toBe(0);
  });
});
