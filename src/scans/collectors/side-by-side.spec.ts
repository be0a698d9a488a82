import { setTimeout as pause } from 'node:timers/promises';
import { sideBySide } from './side-by-side';

describe('sideBySide', () => {
  it('keeps the order and never has more in work than allowed', async () => {
    let inWork = 0;
    let most = 0;
    const doubled = await sideBySide([5, 1, 4, 2, 3], 2, async (n) => {
      most = Math.max(most, (inWork += 1));
      await pause(n);
      inWork -= 1;
      return n * 2;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('begins nothing new after a failure', async () => {
    const begun: number[] = [];
    const work = sideBySide([1, 2, 3, 4, 5, 6], 2, async (n) => {
      begun.push(n);
      await pause(n === 1 ? 1 : 20);
      if (n === 1) throw new Error('one');
    });
    await expect(work).rejects.toThrow('one');
    await pause(40);
    expect(begun).toEqual([1, 2]);
  });
});
