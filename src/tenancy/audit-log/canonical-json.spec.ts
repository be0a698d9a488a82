import fc from 'fast-check';
import { canonicalJson, LARGEST_VALUE, wellFormed } from './canonical-json';

describe('the JSON of an entry', () => {
  it('is the same for equal values, whatever the order of their names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        const text = canonicalJson(value) ?? '';
        expect(canonicalJson(reversed)).toBe(text);
        if (Buffer.byteLength(text) <= LARGEST_VALUE) {
          expect(canonicalJson(JSON.parse(text))).toBe(text);
        }
      }),
    );
  });

  it('is none for nothing, and takes dates and large numbers', () => {
    expect([canonicalJson(undefined), canonicalJson(null)]).toEqual([null, null]);
    expect(canonicalJson({ at: new Date(0), big: 12n, no: undefined })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","big":"12"}',
    );
  });

  it('never has more than the largest size', () => {
    for (const size of [LARGEST_VALUE - 2, LARGEST_VALUE - 1, LARGEST_VALUE * 10]) {
      const text = canonicalJson('\u0001'.repeat(size)) ?? '';
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST_VALUE);
    }
    expect(canonicalJson('x'.repeat(LARGEST_VALUE - 2))).toHaveLength(LARGEST_VALUE);
    expect(JSON.parse(canonicalJson('x'.repeat(LARGEST_VALUE - 1)) ?? '')).toMatchObject({ cut: true });
  });

  it('has no characters that Postgres refuses in a text', () => {
    expect(wellFormed('a\0b\ud800c')).toBe('a\uFFFDb\uFFFDc');
  });
});
