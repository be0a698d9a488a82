import { createHmac, timingSafeEqual } from 'node:crypto';
import { HOUR_MS } from '../../../../clock';

/** Whether one of the signatures is the HMAC-SHA-256 of the body. Compared in constant time. */
export function isSigned(body: Buffer, secret: string, given: readonly string[], encoding: 'hex' | 'base64'): boolean {
  const wanted = createHmac('sha256', secret).update(body).digest();
  return given.some((text) => {
    const bytes = Buffer.from(text, encoding);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

/** In constant time. */
export function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/**
 * Whether a message was made at about the time that it came in. Systems send again what was not taken, some for two
 * days; what a late one can bring about is that we look at the ticket once more.
 */
export function isRecent(madeAt: Date, at: Date, hours: number): boolean {
  const ageMs = at.getTime() - madeAt.getTime();
  return Math.abs(ageMs) <= hours * HOUR_MS;
}

/** The signed body as JSON; null: it is none. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
