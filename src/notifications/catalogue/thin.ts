import { wellFormed } from '../../tenancy/audit-log/canonical-json';

/** What a text may take in a payload, in bytes of its JSON: a name of 128 characters, of whichever script, stays whole. */
const LONGEST_TEXT = 900;
const MOST_IN_LIST = 40;
const CUT = '…';

/** The same with long texts cut and lists shortened, so that a payload stays small whatever people have written. */
export const thin = <T extends object | string>(value: T): T => thinned(value) as T;

function thinned(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value)) return value.slice(0, MOST_IN_LIST).map(thinned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, thinned(inner)]));
}

function cut(text: string): string {
  const whole = wellFormed(text);
  if (bytesOf(whole) <= LONGEST_TEXT) return whole;
  let kept = '';
  let bytes = Buffer.byteLength(CUT) + 2;
  for (const character of whole) {
    bytes += bytesOf(character) - 2;
    if (bytes > LONGEST_TEXT) break;
    kept += character;
  }
  return `${kept}${CUT}`;
}

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));
