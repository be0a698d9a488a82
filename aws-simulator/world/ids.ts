import type { Random } from './random';

/** The prefixes of IAM's unique ids (IAM user guide, "IAM identifiers"). */
export type IdKind = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA' | 'AIPA' | 'APKA' | 'ASCA' | 'ACCA' | 'AKIA' | 'ASIA';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ACCOUNT_SHIFT = 39n;
const ACCOUNT_MASK = (1n << 40n) - 1n;

/** A unique id as IAM makes them: 21 characters, or 20 for access keys, which carry their account's number. */
export function makeId(random: Random, kind: IdKind, accountId: string): string {
  if (kind === 'AKIA' || kind === 'ASIA') return kind + keyText(random, accountId);
  return kind + random.base32(17);
}

/** Access key ids hold the account id in bits 40 to 1 of their first 48: it can be read back without any look-up. */
function keyText(random: Random, accountId: string): string {
  const low = BigInt(random.int(0, 2 ** 20 - 1)) * (1n << 19n) + BigInt(random.int(0, 2 ** 19 - 1));
  let value = (1n << 79n) | (BigInt(accountId) << ACCOUNT_SHIFT) | low;
  let text = '';
  for (let index = 0; index < 16; index += 1) {
    text = BASE32.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

/** The account id inside an access key id, or undefined when the text is no access key id. */
export function accountIdOfKey(accessKeyId: string): string | undefined {
  if (!/^A(KIA|SIA)[A-Z2-7]{16}$/.test(accessKeyId)) return undefined;
  let value = 0n;
  for (const letter of accessKeyId.slice(4)) value = (value << 5n) | BigInt(BASE32.indexOf(letter));
  return ((value >> ACCOUNT_SHIFT) & ACCOUNT_MASK).toString().padStart(12, '0');
}

const ACCOUNT_IDS = 1_000_000_000_000;
/** Shares no factor with 10^12, so that the numbers do not repeat, and stays exact up to 50,000 accounts. */
const STRIDE = 67_280_421_311;

/** The id of the account number `index`; some begin with zeros, as real ones do. */
export function accountIdAt(base: number, index: number): string {
  return String((base + index * STRIDE) % ACCOUNT_IDS).padStart(12, '0');
}
