import { createHash } from 'node:crypto';

/** As much of a value as an entry keeps, in bytes of its JSON. */
export const LARGEST_VALUE = 16_384;
/** What is shown of a larger one. */
const SHOWN_CHARACTERS = 2_000;

/** JSON with sorted names and without spaces: equal values are equal texts. Null for nothing. */
export function canonicalJson(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = sortedJson(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LARGEST_VALUE) return text;
  return JSON.stringify({
    begins: wellFormed(text.slice(0, SHOWN_CHARACTERS)),
    bytes,
    cut: true,
    sha256: createHash('sha256').update(text).digest('hex'),
  });
}

/** The same, whole, however large. */
export const sortedJson = (value: object | string | number | boolean | bigint): string => JSON.stringify(sorted(value));

/** Text that Postgres takes: without zero bytes and halves of characters. */
export const wellFormed = (text: string): string =>
  Buffer.from(text.replaceAll('\0', '\uFFFD'), 'utf8').toString('utf8');

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
