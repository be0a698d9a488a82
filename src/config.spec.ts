import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from './config';

describe('every setting', () => {
  it('stands in docs/operators.md', () => {
    expect(() => readConfig({ MOTHBALL_MISSPELT: '1' })).toThrow(/MOTHBALL_MISSPELT: no such setting/);
    const settings = [...messageOf(() => readConfig({ MOTHBALL_MISSPELT: '1' })).matchAll(/MOTHBALL_[A-Z_]+/g)];
    const page = readFileSync(join(__dirname, '../docs/operators.md'), 'utf8');
    const missing = new Set(settings.map(([name]) => name).filter((name) => !page.includes(`\`${name}\``)));
    expect(settings.length).toBeGreaterThan(30);
    expect([...missing]).toEqual(['MOTHBALL_MISSPELT']);
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
