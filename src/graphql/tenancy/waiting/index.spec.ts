import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitings } from './index';
import type { Waiting } from './waiting';

describe('what can wait for somebody', () => {
  it('is listed, every one that there is a file for', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.waiting.ts'));
    const found = files.flatMap((file) =>
      Object.values(jest.requireActual<Record<string, Waiting>>(join(__dirname, file))),
    );
    expect(found.length).toBeGreaterThan(3);
    expect(new Set(waitings)).toEqual(new Set(found));
  });

  it('has one kind each', () => {
    expect(new Set(waitings.map(({ kind }) => kind)).size).toBe(waitings.length);
  });
});
