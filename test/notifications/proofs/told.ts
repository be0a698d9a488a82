import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Arriving } from '../receiver';

const TOLERANCE_MS = 5 * 60_000;

/**
 * Why a message cannot be believed by whoever has this secret; null: it is signed as Standard Webhooks says. `jumpMs`: how
 * far the clock was put ahead last, since a message may have been under way then.
 */
export function disbelief({ headers, id, body, at }: Arriving, secret: string, jumpMs = 0): string | null {
  const seconds = headers['webhook-timestamp'] ?? '';
  if (id === '' || !/^\d+$/.test(seconds)) return 'it has no id or no time';
  const sentAt = new Date(Number(seconds) * 1_000);
  // The library compares with the real clock, and days have gone by here.
  const isRecent = [0, jumpMs].some((ms) => Math.abs(sentAt.getTime() + ms - at.getTime()) <= TOLERANCE_MS);
  if (!isRecent) return `it says ${sentAt.toISOString()}`;
  const given = (headers['webhook-signature'] ?? '').split(' ');
  const isSigned = secret.startsWith('whpk_')
    ? given.some((one) => isSignedByKey(one, `${id}.${seconds}.${body}`, secret))
    : given.includes(new Webhook(secret).sign(id, sentAt, body));
  return isSigned ? null : 'its signature is another’s';
}

/** The specification's asymmetric form: `v1a,` and ed25519 by the raw key. */
function isSignedByKey(given: string, text: string, secret: string): boolean {
  const [version, signature = ''] = given.split(',');
  if (version !== 'v1a') return false;
  const raw = Buffer.from(secret.slice('whpk_'.length), 'base64');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}
