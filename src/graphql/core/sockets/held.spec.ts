import { Held } from './held';

describe('what is held', () => {
  it('is at most so much for each holder, and can be taken again once it is given back', () => {
    const held = new Held(2);
    const [first, second] = [held.take('a'), held.take('a')];
    expect(held.take('a')).toBeUndefined();
    expect(held.take('b')).toBeDefined();
    first?.();
    // Given back twice, it counts once.
    first?.();
    expect(held.take('a')).toBeDefined();
    expect(held.take('a')).toBeUndefined();
    second?.();
    expect(held.take('a')).toBeDefined();
  });
});
