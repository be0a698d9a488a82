import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';

/** How messages are signed: with a secret that both sides know, or with a private key of ours. */
export const SIGNINGS = ['hmac', 'ed25519'] as const;

export type Signing = (typeof SIGNINGS)[number];

/** `secret` is kept sealed; `shown` is what the receiver verifies with: the same secret, or the public key. */
export interface NewSecret {
  readonly secret: string;
  readonly shown: string;
}

const SYMMETRIC = 'whsec_';
const PRIVATE = 'whsk_';
const PUBLIC = 'whpk_';
const SYMMETRIC_BYTES = 32;
const KEY_BYTES = 32;

/** PKCS #8 around the 32 bytes of an ed25519 private key (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A new one, written as the specification has it: prefix and base64
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme). A
 * private key is its seed and its public key, 64 bytes.
 */
export function newSecret(signing: Signing): NewSecret {
  if (signing === 'hmac') {
    const secret = SYMMETRIC + randomBytes(SYMMETRIC_BYTES).toString('base64');
    return { secret, shown: secret };
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const [seed, publicKey] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  return {
    secret: PRIVATE + Buffer.concat([seed, publicKey]).toString('base64'),
    shown: PUBLIC + publicKey.toString('base64'),
  };
}

/** What a receiver may see at any time: the public key; null for a secret that both sides know. */
export function publicKeyOf(secret: string): string | null {
  return secret.startsWith(PRIVATE) ? PUBLIC + bytesOf(secret, PRIVATE).subarray(KEY_BYTES).toString('base64') : null;
}

/** By its own prefix, whatever the endpoint's settings say by now: the one before it may be of the other kind. */
export function signingOf(secret: string): Signing {
  if (secret.startsWith(SYMMETRIC)) return 'hmac';
  if (secret.startsWith(PRIVATE)) return 'ed25519';
  throw new Error('A signing secret has neither of the known prefixes.');
}

export function privateKeyOf(secret: string): KeyObject {
  const seed = bytesOf(secret, PRIVATE).subarray(0, KEY_BYTES);
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function bytesOf(secret: string, prefix: string): Buffer {
  const bytes = Buffer.from(secret.slice(prefix.length), 'base64');
  if (bytes.length !== 2 * KEY_BYTES) throw new Error('A private key for signing does not have 64 bytes.');
  return bytes;
}
