import { sign as signWithKey } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { privateKeyOf, signingOf } from './signing-secrets';

/** What a receiver needs to believe a message, by Standard Webhooks. */
export interface SignedHeaders extends Readonly<Record<string, string>> {
  readonly 'webhook-id': string;
  /** Of the attempt, in whole seconds. */
  readonly 'webhook-timestamp': string;
  /** One for each secret, the newest first: `v1,…` by HMAC, `v1a,…` by ed25519. */
  readonly 'webhook-signature': string;
}

/** A dot would shift the border between what is signed as the id and as the time. */
const MESSAGE_ID = /^[A-Za-z0-9_-]{1,200}$/;

/**
 * Signs with every secret that is in force, so that a receiver may go over to the new one at any moment
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers).
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  at: Date,
  secrets: readonly string[],
): SignedHeaders {
  if (!MESSAGE_ID.test(id)) throw new Error('A message id has characters that could be mistaken in a signature.');
  if (secrets.length === 0) throw new Error('A webhook is never sent without a signature.');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => signature(id, at, body, secret)).join(' '),
  };
}

function signature(id: string, at: Date, body: string, secret: string): string {
  if (signingOf(secret) === 'hmac') return new Webhook(secret).sign(id, at, body);
  const content = Buffer.from(`${id}.${Math.floor(at.getTime() / 1_000)}.${body}`);
  return `v1a,${signWithKey(null, content, privateKeyOf(secret)).toString('base64')}`;
}
